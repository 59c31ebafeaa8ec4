import { z } from "zod";
import { notDeleted } from "../../db";
import { builder } from "../builder";
import type { Context } from "../context";

/** Prisma filter for visible memberships: neither the membership nor its user nor its organization is deleted or a stub row. */
export const liveMembership = { ...notDeleted, user: notDeleted, organization: notDeleted };

const memberOrAdmin = {
  authScopes: (
    { userId }: { userId: string | null },
    _args: unknown,
    { authentication }: Context,
  ) => (userId !== null && authentication.viewer?.user.id === userId ? true : { admin: true }),
};

export const Membership = builder.prismaObject("Membership", {
  description: "The membership of a user in an organization.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    role: t.exposeString("role", { description: "Clerk's role key, e.g. org:admin." }),
    roleName: t.exposeString("roleName"),
    permissions: t.stringList({
      description: "The keys of the role's permissions. For the member and platform admins.",
      resolve: ({ permissions }) => z.array(z.string()).safeParse(permissions).data ?? null,
      ...memberOrAdmin,
    }),
    publicMetadata: t.expose("publicMetadata", {
      type: "JSON",
      description: "For the member and platform admins.",
      ...memberOrAdmin,
    }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    updatedAt: t.expose("updatedAt", { type: "DateTime" }),
    user: t.relation("user", { nullable: false, onNull: "error" }),
    organization: t.relation("organization", { nullable: false, onNull: "error" }),
  }),
});
