/** Invitations to the app. The console reads them from Clerk. */
import {
  type AppInvitationPage,
  findAppInvitations,
  type AppInvitation as Invitation,
  PAGE_SIZE,
} from "../../acts/app-invitations";
import { builder } from "../builder";
import { InvitationStatus } from "./invitation";

const statuses = {
  pending: "PENDING",
  accepted: "ACCEPTED",
  revoked: "REVOKED",
  expired: "EXPIRED",
} as const;
const atClerk = {
  PENDING: "pending",
  ACCEPTED: "accepted",
  REVOKED: "revoked",
  EXPIRED: "expired",
} as const;

const AppInvitation = builder.objectRef<Invitation>("AppInvitation").implement({
  description: "An invitation of an e-mail address to the app, as Clerk has it now.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    email: t.exposeString("emailAddress", { nullable: false }),
    status: t.field({ type: InvitationStatus, resolve: ({ status }) => statuses[status] }),
    createdAt: t.field({ type: "DateTime", resolve: ({ createdAt }) => new Date(createdAt) }),
  }),
});

const Page = builder.objectRef<AppInvitationPage>("AppInvitationPage").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    invitations: t.expose("invitations", {
      type: [AppInvitation],
      nullable: false,
      extensions: { listLength: PAGE_SIZE },
    }),
    totalCount: t.exposeInt("totalCount", { nullable: false }),
    error: t.exposeString("error", {
      description: "Why Clerk did not give the list; null if it did.",
    }),
  }),
});

builder.queryField("appInvitations", (t) =>
  t.field({
    type: Page,
    nullable: false,
    description: `Invitations to the app, newest first, ${PAGE_SIZE} a page. Read from Clerk, which sends no webhooks about them.`,
    authScopes: { admin: true },
    args: {
      status: t.arg({ type: InvitationStatus, description: "Without it, all but the revoked." }),
      query: t.arg.string({ description: "A part of the e-mail address." }),
      offset: t.arg.int({ defaultValue: 0 }),
    },
    resolve: (_root, { status, query, offset }) =>
      findAppInvitations({
        status: status ? atClerk[status] : null,
        query: query ?? null,
        offset: offset ?? 0,
      }),
  }),
);
