import { displayName } from "../../format";
import type { Viewer as ViewerShape } from "../../identity/viewer";
import { builder } from "../builder";
import { viewerDbOf } from "../context";
import { accessError } from "../errors";
import { liveMembership, Membership } from "./membership";

export const Viewer = builder.objectRef<ViewerShape>("Viewer").implement({
  description: "The person who is asking.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.id({ nullable: false, resolve: ({ user }) => user.id }),
    email: t.string({ resolve: ({ user }) => user.email }),
    username: t.string({ resolve: ({ user }) => user.username }),
    firstName: t.string({ resolve: ({ user }) => user.firstName }),
    lastName: t.string({ resolve: ({ user }) => user.lastName }),
    name: t.string({ nullable: false, resolve: ({ user }) => displayName(user) }),
    imageUrl: t.string({ resolve: ({ user }) => user.imageUrl }),
    handle: t.string({
      description: "A name of our own; says nothing of the e-mail address. Null while provisional.",
      resolve: ({ user }) => user.handle,
    }),
    createdAt: t.field({ type: "DateTime", resolve: ({ user }) => user.createdAt }),
    isAdmin: t.exposeBoolean("isAdmin", {
      nullable: false,
      description: "Is this a platform admin?",
    }),
    isProvisional: t.exposeBoolean("isProvisional", {
      nullable: false,
      description: "Nothing but the id is known yet; the rest follows when Clerk answers.",
    }),
    impersonatorId: t.exposeID("impersonatorId", {
      description: "Who acts in this person's name, when the session is an impersonation.",
    }),
    organizationId: t.id({
      description:
        "The active organization of the session; null when none is, or when it is not mirrored yet.",
      resolve: ({ activeMembership }) => activeMembership?.organizationId,
    }),
    memberships: t.prismaField({
      type: [Membership],
      nullable: false,
      description: "Newest first.",
      resolve: (select, { user }, _args, context) =>
        viewerDbOf(context).membership.findMany({
          ...select,
          where: { userId: user.id, ...liveMembership },
          orderBy: [{ createdAt: "desc" }, { id: "desc" }],
        }),
    }),
  }),
});

builder.queryField("viewer", (t) =>
  t.field({
    type: Viewer,
    nullable: false,
    description: "Who is asking. Anonymous: refused with UNAUTHENTICATED.",
    authScopes: { viewer: true },
    resolve: (_root, _args, context) => {
      if (!context.authentication.viewer) throw accessError(context);
      return context.authentication.viewer;
    },
  }),
);
