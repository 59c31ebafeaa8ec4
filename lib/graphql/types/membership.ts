import { notDeleted } from "../../db";
import { builder } from "../builder";

/** A membership is visible while it, its user and its organization are not deleted. */
export const liveMembership = { ...notDeleted, user: notDeleted, organization: notDeleted };

export const Membership = builder.prismaObject("Membership", {
  description: "The membership of a user in an organization.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    role: t.exposeString("role", { description: "Clerk's role key, e.g. org:admin." }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    user: t.relation("user", { nullable: false, onNull: "error" }),
    organization: t.relation("organization", { nullable: false, onNull: "error" }),
  }),
});
