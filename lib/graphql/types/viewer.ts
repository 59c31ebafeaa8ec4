import { displayName } from "../../format";
import type { Viewer as ViewerShape } from "../../identity/viewer";
import { builder } from "../builder";
import { viewerDbOf } from "../context";
import { accessError } from "../errors";
import { newestFirst } from "./keyset-pagination";
import { liveMembership, Membership } from "./membership";

export const Viewer = builder.objectRef<ViewerShape>("Viewer").implement({
  description: "The signed-in user.",
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
      description:
        "The public name, as in `profile.handle`. Generated until the viewer chooses one. Null while provisional.",
      resolve: ({ user }) => user.handle,
    }),
    createdAt: t.field({ type: "DateTime", resolve: ({ user }) => user.createdAt }),
    isAdmin: t.exposeBoolean("isAdmin", {
      nullable: false,
      description: "Whether the viewer is a platform admin.",
    }),
    isProvisional: t.exposeBoolean("isProvisional", {
      nullable: false,
      description: "Only the id is known yet. The rest follows when Clerk answers.",
    }),
    impersonatorId: t.exposeID("impersonatorId", {
      description: "The user who impersonates the viewer; null without impersonation.",
    }),
    organizationId: t.id({
      description:
        "The active organization of the session; null when there is none or it is not mirrored yet.",
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
          orderBy: newestFirst,
        }),
    }),
  }),
});

builder.queryField("viewer", (t) =>
  t.field({
    type: Viewer,
    nullable: false,
    description: "The signed-in user. Without one, UNAUTHENTICATED.",
    authScopes: { viewer: true },
    resolve: (_root, _args, context) => {
      if (!context.authentication.viewer) throw accessError(context);
      return context.authentication.viewer;
    },
  }),
);
