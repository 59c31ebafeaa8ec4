import { queryFromInfo } from "@pothos/plugin-prisma";
import { live } from "../db";
import type { Prisma } from "../generated/prisma/client";
import type { Viewer } from "../identity/viewer";
import { builder } from "./builder";
import { type Context, mirrorOf } from "./context";
import { containing, keysetConnection } from "./keyset";
import { liveMembership, Membership } from "./membership";

function isMember(viewer: Viewer | null, organizationId: string): boolean {
  return (
    viewer?.person.memberships.some((membership) => membership.organizationId === organizationId) ??
    false
  );
}

/** Its members and platform admins; asked wherever an organization comes up, however it was reached. */
const seenByItsOwn = ({ id }: { id: string }, { asking }: Context) =>
  isMember(asking.viewer, id) ? true : { admin: true };

export const Organization = builder.prismaObject("Organization", {
  description: "An organization of the Clerk instance, as the mirror knows it.",
  authScopes: seenByItsOwn,
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    name: t.string({ nullable: false, resolve: ({ id, name, slug }) => name ?? slug ?? id }),
    slug: t.exposeString("slug"),
    imageUrl: t.exposeString("imageUrl"),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    updatedAt: t.expose("updatedAt", { type: "DateTime" }),
    membersCount: t.relationCount("memberships", {
      nullable: false,
      where: { ...live, user: live },
    }),
    members: t.connection({
      type: Membership,
      nullable: false,
      description: "Its memberships, newest first; for its own members and platform admins.",
      args: {
        query: t.arg.string({
          description: "Words of a member's name, username or e-mail address.",
        }),
      },
      resolve: ({ id }, { query, ...args }, context, info) => {
        const people = containing(query, ["email", "username", "firstName", "lastName"]);
        const where = { AND: [liveMembership, { organizationId: id }, { user: { AND: people } }] };
        const select = queryFromInfo({
          context,
          info,
          typeName: "Membership",
          paths: [["edges", "node"]],
        });
        return keysetConnection(
          args,
          (page) =>
            mirrorOf(context).membership.findMany({
              ...select,
              ...page,
              where: { AND: [where, page.where] },
            }),
          () => mirrorOf(context).membership.count({ where }),
        );
      },
    }),
  }),
});

function matching(query: string | null | undefined): Prisma.OrganizationWhereInput {
  return { AND: [live, ...containing(query, ["id", "name", "slug"])] };
}

builder.queryFields((t) => ({
  organization: t.prismaField({
    type: Organization,
    description:
      "One organization; to anybody but its members and platform admins it does not exist.",
    authScopes: { viewer: true },
    args: { id: t.arg.id({ required: true }) },
    resolve: (select, _root, { id }, context) =>
      context.asking.viewer?.isAdmin || isMember(context.asking.viewer, id)
        ? mirrorOf(context).organization.findFirst({ ...select, where: { id, ...live } })
        : null,
  }),
  organizations: t.connection({
    type: Organization,
    nullable: false,
    description: "The organizations of the instance, newest first.",
    authScopes: { admin: true },
    args: { query: t.arg.string({ description: "Words of a name or slug; or an id." }) },
    resolve: (_root, { query, ...args }, context, info) => {
      const where = matching(query);
      const select = queryFromInfo({
        context,
        info,
        typeName: "Organization",
        paths: [["edges", "node"]],
      });
      return keysetConnection(
        args,
        (page) =>
          mirrorOf(context).organization.findMany({
            ...select,
            ...page,
            where: { AND: [where, page.where] },
          }),
        () => mirrorOf(context).organization.count({ where }),
      );
    },
  }),
}));
