/**
 * Invitations to an organization. Platform admins and the organization's admins may read them. The invited user reads pending
 * invitations to a verified e-mail address of theirs (`viewer.invitations`). The acceptance URL is not stored.
 */
import { notDeleted } from "../../db";
import type { Invitation as InvitationRow, Prisma } from "../../generated/prisma/client";
import { invitationOfTicket } from "../../invitation-ticket";
import { findSenderByTicket, findSenders, type InvitationSender } from "../../invitations/senders";
import { builder } from "../builder";
import { type Context, listReadOf, viewerDbOf } from "../context";
import { FieldLoaders } from "./batch-load";
import { planRead } from "./estimate";
import { emailAddressesOf, isVerified } from "./identification";
import {
  byCreation,
  byId,
  byText,
  byTime,
  everyPage,
  keysetConnection,
  newestFirst,
} from "./keyset-pagination";
import {
  given,
  inTimeRange,
  listOrders,
  ONLY_IDS,
  storable,
  TimeRange,
  withIds,
} from "./list-arguments";
import { exportedInvitation, type InvitationLine } from "./list-reader";
import { nameOf } from "./name-of";
import { isOrganizationAdmin } from "./organization-admin";
import { isStorable } from "./storable-text";
import { Viewer } from "./viewer";

const statuses = ["PENDING", "ACCEPTED", "REVOKED", "EXPIRED"] as const;
type Status = (typeof statuses)[number];

export const InvitationStatus = builder.enumType("InvitationStatus", {
  description: "EXPIRED: nobody answered it in time. Clerk sends no event when that happens.",
  values: statuses,
});

/** Returns the current status of an invitation. A pending invitation whose time has passed is `EXPIRED`. */
export function statusOf({
  status,
  expiresAt,
}: Pick<InvitationRow, "status" | "expiresAt">): Status | null {
  if (status === "pending" && expiresAt && expiresAt <= new Date()) return "EXPIRED";
  return statuses.find((name) => name.toLowerCase() === status) ?? null;
}

const withStatus: Record<Status, () => Prisma.InvitationWhereInput> = {
  PENDING: () => ({
    status: "pending",
    OR: [{ expiresAt: null }, { expiresAt: { gt: new Date() } }],
  }),
  EXPIRED: () => ({
    OR: [{ status: "expired" }, { status: "pending", expiresAt: { lte: new Date() } }],
  }),
  ACCEPTED: () => ({ status: "accepted" }),
  REVOKED: () => ({ status: "revoked" }),
};

const senders = new FieldLoaders<InvitationSender>();

/** Reads the names of the organization and the inviter for the invited user, who may not read those rows yet. */
const senderOf = (invitation: InvitationRow, context: Context, field: object) =>
  senders.load(context, field, invitation.id, findSenders);

/** The field `viewer.invitations` grants this scope on the invitations that it returns. All of them are the viewer's own. */
const INVITED = "invited";

export const Invitation = builder.prismaObject("Invitation", {
  description: "An invitation of an e-mail address to an organization.",
  authScopes: ({ organizationId }, { authentication }) =>
    isOrganizationAdmin(authentication.viewer, organizationId)
      ? true
      : { admin: true, $granted: INVITED },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    email: t.exposeString("email"),
    role: t.exposeString("role", { description: "Clerk's role key, e.g. org:admin." }),
    roleName: t.exposeString("roleName"),
    status: t.field({ type: InvitationStatus, resolve: statusOf }),
    expiresAt: t.expose("expiresAt", { type: "DateTime" }),
    publicMetadata: t.expose("publicMetadata", { type: "JSON" }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    updatedAt: t.expose("updatedAt", { type: "DateTime" }),
    organizationId: t.exposeID("organizationId"),
    organizationName: t.string({
      resolve: async (invitation, _args, context, { fieldNodes: [field] }) =>
        field ? (await senderOf(invitation, context, field))?.organizationName : null,
    }),
    organizationImageUrl: t.string({
      resolve: async (invitation, _args, context, { fieldNodes: [field] }) =>
        field ? (await senderOf(invitation, context, field))?.organizationImageUrl : null,
    }),
    inviterId: t.exposeID("inviterId", { description: "Null when Clerk does not say." }),
    inviterName: t.string({
      description:
        "For viewers who may not see this user, the full name or username only; null without one.",
      resolve: async (invitation, _args, context, { fieldNodes: [field] }) => {
        const { inviterId } = invitation;
        if (inviterId === null || !field) return null;
        const name = await nameOf(context, inviterId);
        return name ?? (await senderOf(invitation, context, field))?.inviterName;
      },
    }),
  }),
});

/** The columns that the list is sorted by. */
type SortedInvitation = Pick<
  InvitationRow,
  "id" | "createdAt" | "expiresAt" | "sortEmail" | "sortStatus" | "sortRole"
>;

const invitationOrders = listOrders<
  SortedInvitation,
  Prisma.InvitationWhereInput,
  Prisma.InvitationOrderByWithRelationInput
>("Invitation", {
  CREATED_AT: byCreation,
  EXPIRES_AT: byTime("expiresAt", (expiresAt) => ({ expiresAt })),
  EMAIL: byText("sortEmail", (sortEmail) => ({ sortEmail })),
  STATUS: byText("sortStatus", (sortStatus) => ({ sortStatus })),
  ROLE: byText("sortRole", (sortRole) => ({ sortRole })),
  ID: byId,
});

const filterInput = builder.inputType("InvitationFilter", {
  fields: (t) => ({
    status: t.field({ type: InvitationStatus }),
    role: t.string({ description: "Clerk's role key." }),
    ids: t.idList({ description: ONLY_IDS }),
    organizationId: t.id(),
    inviterId: t.id(),
    expiresAt: t.field({ type: TimeRange }),
    createdAt: t.field({ type: TimeRange }),
  }),
});

function whereOf(filter: typeof filterInput.$inferInput | null | undefined) {
  const conditions: Prisma.InvitationWhereInput[] = [
    notDeleted,
    ...given(filter?.status, (status) => withStatus[status]()),
    ...given(filter?.role, (role) => ({ role: storable(role) })),
    ...given(filter?.organizationId, (id) => ({ organizationId: storable(id) })),
    ...given(filter?.ids, withIds),
    ...given(filter?.inviterId, (inviterId) => ({ inviterId: storable(inviterId) })),
    ...given(filter?.expiresAt, (range) => ({ expiresAt: inTimeRange(range) })),
    ...given(filter?.createdAt, (range) => ({ createdAt: inTimeRange(range) })),
  ];
  return conditions;
}

/** Returns the condition of the list `invitations` with these arguments. */
function invitationListWhere(args: {
  organizationId?: string | null | undefined;
  query?: string | null | undefined;
  filter?: typeof filterInput.$inferInput | null | undefined;
}) {
  const within: Prisma.InvitationWhereInput[] = [
    ...given(args.organizationId, (id) => ({ organizationId: storable(id) })),
    ...given(args.query, (text) => ({
      // Prisma does not escape the wildcards of LIKE.
      email: {
        contains: storable(text).replace(/[\\%_]/g, "\\$&"),
        mode: "insensitive" as const,
      },
    })),
  ];
  return { AND: [...within, ...whereOf(args.filter)] };
}

builder.queryField("invitations", (t) =>
  t.connection({
    type: Invitation,
    nullable: false,
    description:
      "Invitations, newest first unless ordered. For platform admins; with an organization, for its admins too.",
    authScopes: (_root, { organizationId }, { authentication }) =>
      isOrganizationAdmin(authentication.viewer, organizationId) ? true : { admin: true },
    args: {
      organizationId: t.arg.id(),
      query: t.arg.string({ description: "A part of the e-mail address." }),
      filter: t.arg({ type: filterInput }),
      orderBy: t.arg({ type: invitationOrders.input }),
    },
    resolve: async (_root, { organizationId, query, filter, orderBy, ...args }, context) => {
      const where = invitationListWhere({ organizationId, query, filter });
      const read = listReadOf(context);
      const order = invitationOrders.orderOf(orderBy);
      const pages = (size: number) =>
        everyPage(
          order,
          size,
          (page): Promise<InvitationLine[]> =>
            read((db) =>
              db.invitation.findMany({
                ...page,
                select: exportedInvitation,
                where: { AND: [where, page.where] },
              }),
            ),
        );
      context.takeList?.({ list: "invitations", pages });
      const found = await keysetConnection(
        args,
        order,
        (page) =>
          read((db) => db.invitation.findMany({ ...page, where: { AND: [where, page.where] } })),
        (take) => read((db) => db.invitation.count({ where, take })),
      );
      const plan = () =>
        planRead((planner) => planner.invitation.findMany({ where, select: { id: true } }));
      return { ...found, plan };
    },
  }),
);

const InvitationGreeting = builder.objectRef<InvitationSender>("InvitationGreeting").implement({
  description: "What the link of an invitation mail says: to which organization, and by whom.",
  authScopes: { anyone: true },
  fields: (t) => ({
    organizationName: t.exposeString("organizationName", { nullable: false }),
    organizationImageUrl: t.exposeString("organizationImageUrl"),
    inviterName: t.exposeString("inviterName", {
      description: "The full name or username; null without one.",
    }),
  }),
});

builder.queryField("invitationGreeting", (t) =>
  t.field({
    type: InvitationGreeting,
    description:
      "The pending invitation of a link, by Clerk's ticket in it (`__clerk_ticket`). Public: the ticket is known to the invited person only.",
    authScopes: { anyone: true },
    args: { ticket: t.arg.string({ required: true }) },
    resolve: (_root, { ticket }) => {
      const invitation = invitationOfTicket(ticket);
      return invitation &&
        isStorable(invitation.invitationId) &&
        isStorable(invitation.organizationId)
        ? findSenderByTicket(invitation)
        : null;
    },
  }),
);

const LISTED = 100;

builder.objectField(Viewer, "invitations", (t) =>
  t.field({
    type: [Invitation],
    nullable: false,
    description: `Pending invitations to a verified e-mail address of the viewer; the newest ${LISTED}.`,
    grantScopes: [INVITED],
    resolve: async ({ user: { id } }, _args, context) => {
      const db = viewerDbOf(context);
      const row = await db.user.findFirst({
        where: { id, ...notDeleted },
        select: { emailAddresses: true },
      });
      const addresses = emailAddressesOf(row?.emailAddresses).filter(isVerified);
      return db.invitation.findMany({
        where: {
          AND: [
            notDeleted,
            withStatus.PENDING(),
            {
              email: {
                in: addresses.map(({ email_address }) => email_address),
                mode: "insensitive",
              },
            },
          ],
        },
        orderBy: newestFirst,
        take: LISTED,
      });
    },
  }),
);
