import { notDeleted } from "../../db";
import { builder } from "../builder";

/** A membership shows only when it, its person and its organization are all live. */
export const liveMembership = { ...notDeleted, user: notDeleted, organization: notDeleted };

export const Membership = builder.prismaObject("Membership", {
  description: "A person's place in an organization.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    role: t.exposeString("role", { description: "Clerk's role key, e.g. org:admin." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    user: t.relation("user", { nullable: false, onNull: "error" }),
    organization: t.relation("organization", { nullable: false, onNull: "error" }),
  }),
});
