/**
 * The lists on the console's page of a user or an organization: sessions, purchases, invitations, deliveries and effects. Also
 * the roles of the Clerk instance.
 */
import { openSession } from "../../account/sessions";
import { database, notDeleted } from "../../db";
import type { EffectJob } from "../../generated/prisma/client";
import { builder } from "../builder";
import { viewerDbOf } from "../context";
import { Payment, Session, SubscriptionItem } from "./account";
import { deliverySelect, ReceivedDelivery } from "./delivery";
import { Invitation } from "./invitation";
import { newestFirst } from "./keyset-pagination";
import { isStorable } from "./storable-text";

const LISTED = 50;

/**
 * Returns the filter for the purchases of a payer, which is a user or an organization. Ids of users and organizations have
 * different prefixes, so only one of the conditions can match.
 */
const paidBy = (id: string) => ({ OR: [{ userId: id }, { organizationId: id }], ...notDeleted });

const InstanceRole = builder.prismaObject("Role", {
  name: "InstanceRole",
  description: "A role of the Clerk instance with the keys of its permissions.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    key: t.exposeString("key"),
    name: t.exposeString("name"),
    description: t.exposeString("description"),
    permissions: t.exposeStringList("permissions", { nullable: false }),
  }),
});

const EffectState = builder.enumType("ObjectEffectState", {
  values: ["PENDING", "DONE", "DEAD"] as const,
});

const Effect = builder
  .objectRef<Omit<EffectJob, "previous" | "current">>("ObjectEffect")
  .implement({
    description: "One call of a handler of the team's code for one change.",
    authScopes: { admin: true },
    fields: (t) => ({
      id: t.id({ nullable: false, resolve: ({ id }) => String(id) }),
      handler: t.exposeString("handler", { nullable: false }),
      objectTable: t.exposeString("objectTable", { nullable: false }),
      change: t.exposeString("change", {
        nullable: false,
        description: "created, updated or deleted.",
      }),
      state: t.field({
        type: EffectState,
        nullable: false,
        resolve: ({ doneAt, deadAt }) => (doneAt ? "DONE" : deadAt ? "DEAD" : "PENDING"),
      }),
      attempts: t.exposeInt("attempts", { nullable: false, description: "Failed tries." }),
      error: t.exposeString("error", { description: "The class of the last failure." }),
      createdAt: t.expose("createdAt", { type: "DateTime", nullable: false }),
    }),
  });

const effectSelect = {
  ...{ id: true, handler: true, objectTable: true, objectId: true, userId: true, change: true },
  ...{ cause: true, key: true, changed: true, occurredAt: true, createdAt: true, attempts: true },
  ...{ runAt: true, lockedBy: true, lockedUntil: true, doneAt: true, deadAt: true, error: true },
  svixId: true,
} as const;

builder.queryFields((t) => ({
  instanceRoles: t.prismaField({
    type: [InstanceRole],
    nullable: false,
    description: `The roles of the instance by name: the first ${LISTED}.`,
    authScopes: { admin: true },
    resolve: (select, _root, _args, context) =>
      viewerDbOf(context).role.findMany({
        ...select,
        where: notDeleted,
        orderBy: [{ name: "asc" }, { id: "asc" }],
        take: LISTED,
      }),
  }),
  sessionsOf: t.prismaField({
    type: [Session],
    nullable: false,
    description: `A user's sessions that have not ended, newest first: the first ${LISTED}.`,
    authScopes: { admin: true },
    args: { userId: t.arg.id({ required: true }) },
    resolve: (select, _root, { userId }, context) =>
      isStorable(userId)
        ? viewerDbOf(context).session.findMany({
            ...select,
            where: { userId, ...openSession },
            orderBy: newestFirst,
            take: LISTED,
          })
        : [],
  }),
  paymentsOf: t.prismaField({
    type: [Payment],
    nullable: false,
    description: `The payments of a user or an organization, newest first: the first ${LISTED}.`,
    authScopes: { admin: true },
    args: { payerId: t.arg.id({ required: true }) },
    resolve: (select, _root, { payerId }, context) =>
      isStorable(payerId)
        ? viewerDbOf(context).paymentAttempt.findMany({
            ...select,
            where: paidBy(payerId),
            orderBy: newestFirst,
            take: LISTED,
          })
        : [],
  }),
  subscriptionItemsOf: t.prismaField({
    type: [SubscriptionItem],
    nullable: false,
    description: `The plans that a user or an organization subscribes to, newest first: the first ${LISTED}.`,
    authScopes: { admin: true },
    args: { payerId: t.arg.id({ required: true }) },
    resolve: (select, _root, { payerId }, context) =>
      isStorable(payerId)
        ? viewerDbOf(context).subscriptionItem.findMany({
            ...select,
            where: paidBy(payerId),
            orderBy: newestFirst,
            take: LISTED,
          })
        : [],
  }),
  invitationsOf: t.prismaField({
    type: [Invitation],
    nullable: false,
    description: `The invitations that a user accepted or sent, newest first: the first ${LISTED}.`,
    authScopes: { admin: true },
    args: { userId: t.arg.id({ required: true }) },
    resolve: async (select, _root, { userId }, context) => {
      if (!isStorable(userId)) return [];
      const db = viewerDbOf(context);
      const user = await db.user.findFirst({
        where: { id: userId, ...notDeleted },
        select: { email: true },
      });
      return db.invitation.findMany({
        ...select,
        where: {
          ...notDeleted,
          OR: [{ userId }, ...(user?.email ? [{ email: user.email.toLowerCase() }] : [])],
        },
        orderBy: newestFirst,
        take: LISTED,
      });
    },
  }),
  deliveriesAbout: t.field({
    type: [ReceivedDelivery],
    nullable: false,
    description: `The webhook deliveries about a user, an organization or another object, newest first: the first ${LISTED}.`,
    authScopes: { admin: true },
    args: { objectId: t.arg.id({ required: true }) },
    resolve: (_root, { objectId }, context) =>
      isStorable(objectId)
        ? viewerDbOf(context).delivery.findMany({
            select: deliverySelect,
            where: { OR: [{ objectId }, { userId: objectId }] },
            orderBy: [{ receivedAt: "desc" }, { svixId: "desc" }],
            take: LISTED,
          })
        : [],
  }),
  effectsAbout: t.field({
    type: [Effect],
    nullable: false,
    description: `The calls of effect handlers about an object, newest first: the first ${LISTED}.`,
    authScopes: { admin: true },
    args: { objectId: t.arg.id({ required: true }) },
    resolve: (_root, { objectId }) =>
      isStorable(objectId)
        ? // The viewer role may not read effect jobs, because they contain whole rows. The selected columns contain none.
          database().prisma.effectJob.findMany({
            select: effectSelect,
            where: { OR: [{ objectId }, { userId: objectId }] },
            orderBy: { id: "desc" },
            take: LISTED,
          })
        : [],
  }),
}));
