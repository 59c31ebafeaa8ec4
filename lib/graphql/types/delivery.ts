/** Webhook deliveries: the list of the console with its filter, and the histogram above it. Bodies are in `delivery-detail.ts`. */
import { z } from "zod";
import { Prisma } from "../../generated/prisma/client";
import {
  type DeliveryList,
  deliveryLists,
  type StoredOutcome,
  storedOutcomes,
} from "../../sync/monitoring/delivery-lists";
import {
  countDeliveries,
  type DeliveryFilter,
  type DeliveryRow,
  delaySql,
  deliveryCondition,
  deliveryHistogram,
  findDeliveries,
  type Histogram,
  NO_DELAY,
  TYPE_CHARACTERS,
  typeSql,
} from "../../sync/monitoring/find-deliveries";
import { findUnreadObjects, type UnreadObject } from "../../sync/monitoring/unread-objects";
import { builder } from "../builder";
import { readOf, viewerDbOf } from "../context";
import { planDeliveries } from "./estimate";
import { anId, aTime, keysetConnection, type SortKey } from "./keyset-pagination";
import { IntRange, listOrders, storable, TimeRange } from "./list-arguments";
import { isStorable } from "./storable-text";
import { enumValues } from "./sync-state";

const LATEST = 8;

/** The columns of a delivery that the API returns. Never the body. */
export const deliverySelect = {
  svixId: true,
  type: true,
  objectId: true,
  userId: true,
  outcome: true,
  attempts: true,
  error: true,
  unread: true,
  occurredAt: true,
  receivedAt: true,
  settledAt: true,
  nextAttemptAt: true,
} satisfies Prisma.DeliverySelect;

export const ReceivedDelivery = builder.objectRef<DeliveryRow>("ReceivedDelivery").implement({
  description: "A webhook delivery in the inbox, without its body.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("svixId", { nullable: false, description: "The svix-id." }),
    type: t.exposeString("type"),
    objectId: t.exposeID("objectId"),
    userId: t.exposeID("userId", { description: "The user that the event is about." }),
    outcome: t.exposeString("outcome", { nullable: false }),
    attempts: t.exposeInt("attempts", { nullable: false }),
    error: t.exposeString("error", { description: "The class of the failure, never its data." }),
    unread: t.exposeString("unread", {
      description: "Paths of attributes that could not be read; they are null in the mirror.",
    }),
    occurredAt: t.expose("occurredAt", { type: "DateTime", description: "By Clerk's clock." }),
    receivedAt: t.expose("receivedAt", { type: "DateTime", nullable: false }),
    settledAt: t.expose("settledAt", {
      type: "DateTime",
      description: "When the outcome became final; null while pending.",
    }),
    nextAttemptAt: t.expose("nextAttemptAt", { type: "DateTime" }),
    delayMs: t.float({
      description: "From the event at Clerk to its receipt, in ms.",
      resolve: ({ occurredAt, receivedAt }) =>
        occurredAt && receivedAt.getTime() - occurredAt.getTime(),
    }),
  }),
});

builder.queryField("latestDeliveries", (t) =>
  t.field({
    type: [ReceivedDelivery],
    nullable: false,
    description: `The newest ${LATEST} deliveries.`,
    authScopes: { admin: true },
    resolve: (_root, _args, context) =>
      viewerDbOf(context).delivery.findMany({
        select: deliverySelect,
        orderBy: [{ receivedAt: "desc" }, { svixId: "desc" }],
        take: LATEST,
      }),
  }),
);

const DeliveryListName = builder.enumType("DeliveryListName", {
  description: "Deliveries that an admin may have to act on, as SyncState counts them.",
  values: enumValues(deliveryLists),
});

const DeliveryOutcome = builder.enumType("DeliveryOutcome", { values: enumValues(storedOutcomes) });

export const deliveryFilterInput = builder.inputType("DeliveryFilter", {
  description: "A delivery must fulfil every condition that is given.",
  fields: (t) => ({
    type: t.string({ description: "An event type. `*` stands for any characters: user.*" }),
    outcome: t.field({ type: DeliveryOutcome }),
    list: t.field({ type: DeliveryListName }),
    objectId: t.id({ description: "The id of the object that the event is about." }),
    delaySeconds: t.field({
      type: IntRange,
      description: "From the event at Clerk to its receipt. Without a time at Clerk: in no range.",
    }),
    receivedAt: t.field({ type: TimeRange }),
  }),
});

const queryDescription = "The svix-id of the delivery, or the id of its object or user.";

type GivenFilter = {
  type?: string | null;
  outcome?: StoredOutcome | null;
  list?: DeliveryList | null;
  objectId?: string | null;
  delaySeconds?: { min?: number | null; max?: number | null } | null;
  receivedAt?: { from?: Date | null; until?: Date | null } | null;
};

/**
 * Converts the API's filter and search text to the filter of the list. Converts the delay from seconds to ms. @throws
 * GraphQLError for a text that Postgres cannot store.
 */
export function deliveryFilterOf(
  filter: GivenFilter | null | undefined,
  query?: string | null,
): DeliveryFilter {
  const { type, objectId, delaySeconds, ...rest } = filter ?? {};
  const inMs = (seconds: number | null | undefined) => (seconds == null ? null : seconds * 1_000);
  return {
    ...rest,
    id: query && storable(query.trim()),
    type: type && storable(type.trim()),
    objectId: objectId && storable(objectId),
    delayMs: delaySeconds && { min: inMs(delaySeconds.min), max: inMs(delaySeconds.max) },
  };
}

/** Rows with an `id`, as {@link keysetConnection} needs them. */
type Listed = DeliveryRow & { id: string };

/** Returns the sort key for a column or an SQL expression that is never NULL. */
function sortBy(
  column: Prisma.Sql,
  of: (row: Listed) => number,
  bound: (value: unknown) => Prisma.Sql,
): SortKey<Listed, Prisma.Sql, Prisma.Sql[]> {
  return {
    direction: "DESC",
    valueOf: of,
    rowsAfter: (value, id) => [
      Prisma.sql`(${column}, svix_id) < (${bound(value)}, ${anId.parse(id)})`,
    ],
    rowsBefore: (value, id) => [
      Prisma.sql`(${column}, svix_id) > (${bound(value)}, ${anId.parse(id)})`,
    ],
    natural: [Prisma.sql`${column} DESC`, Prisma.sql`svix_id DESC`],
    reversed: [column, Prisma.sql`svix_id`],
  };
}

const aText = z.string().refine(isStorable);
const aTextAndTime = z.tuple([aText.nullable(), aTime]);

/** A cursor's value of two parts: their JSON. */
const partsOf = (value: unknown) => aTextAndTime.parse(JSON.parse(z.string().parse(value)));

/** The deliveries of a type from the newest to the oldest, the types from A to Z, those without one last. */
const byType: SortKey<Listed, Prisma.Sql, Prisma.Sql[]> = {
  direction: "ASC",
  valueOf: ({ type, receivedAt }) =>
    JSON.stringify([type?.slice(0, TYPE_CHARACTERS) ?? null, receivedAt.getTime()]),
  rowsAfter: (value, id) => {
    const [type, at] = partsOf(value);
    const older = Prisma.sql`(received_at, svix_id) < (${at}::timestamptz, ${anId.parse(id)})`;
    return type === null
      ? [Prisma.sql`${typeSql} IS NULL AND ${older}`]
      : [
          Prisma.sql`${typeSql} = ${type} AND ${older}`,
          Prisma.sql`${typeSql} > ${type}`,
          Prisma.sql`${typeSql} IS NULL`,
        ];
  },
  rowsBefore: (value, id) => {
    const [type, at] = partsOf(value);
    const newer = Prisma.sql`(received_at, svix_id) > (${at}::timestamptz, ${anId.parse(id)})`;
    return type === null
      ? [Prisma.sql`${typeSql} IS NULL AND ${newer}`, Prisma.sql`${typeSql} IS NOT NULL`]
      : [Prisma.sql`${typeSql} = ${type} AND ${newer}`, Prisma.sql`${typeSql} < ${type}`];
  },
  natural: [typeSql, Prisma.raw("received_at DESC"), Prisma.raw("svix_id DESC")],
  reversed: [Prisma.sql`${typeSql} DESC`, Prisma.raw("received_at"), Prisma.raw("svix_id")],
};

/** Z to A, so that one index has the order of the outcomes and, in each, of the times from the newest to the oldest. */
const byOutcome: SortKey<Listed, Prisma.Sql, Prisma.Sql[]> = {
  direction: "DESC",
  valueOf: ({ outcome, receivedAt }) => JSON.stringify([outcome, receivedAt.getTime()]),
  rowsAfter: (value, id) => {
    const [outcome, at] = partsOf(value);
    const older = Prisma.sql`(received_at, svix_id) < (${at}::timestamptz, ${anId.parse(id)})`;
    return [Prisma.sql`outcome = ${outcome} AND ${older}`, Prisma.sql`outcome < ${outcome}`];
  },
  rowsBefore: (value, id) => {
    const [outcome, at] = partsOf(value);
    const newer = Prisma.sql`(received_at, svix_id) > (${at}::timestamptz, ${anId.parse(id)})`;
    return [Prisma.sql`outcome = ${outcome} AND ${newer}`, Prisma.sql`outcome > ${outcome}`];
  },
  natural: ["outcome", "received_at", "svix_id"].map((name) => Prisma.raw(`${name} DESC`)),
  reversed: ["outcome", "received_at", "svix_id"].map((name) => Prisma.raw(name)),
};

/** By the id of the object, those without one last. */
const byObject: SortKey<Listed, Prisma.Sql, Prisma.Sql[]> = {
  direction: "ASC",
  valueOf: ({ objectId }) => objectId,
  rowsAfter: (value, id) => {
    const [object, last] = [aText.nullable().parse(value), anId.parse(id)];
    return object === null
      ? [Prisma.sql`object_id IS NULL AND svix_id > ${last}`]
      : [
          Prisma.sql`object_id = ${object} AND svix_id > ${last}`,
          Prisma.sql`object_id > ${object}`,
          Prisma.sql`object_id IS NULL`,
        ];
  },
  rowsBefore: (value, id) => {
    const [object, last] = [aText.nullable().parse(value), anId.parse(id)];
    return object === null
      ? [Prisma.sql`object_id IS NULL AND svix_id < ${last}`, Prisma.sql`object_id IS NOT NULL`]
      : [
          Prisma.sql`object_id = ${object} AND svix_id < ${last}`,
          Prisma.sql`object_id < ${object}`,
        ];
  },
  natural: [Prisma.raw("object_id"), Prisma.raw("svix_id")],
  reversed: [Prisma.raw("object_id DESC"), Prisma.raw("svix_id DESC")],
};

const aDelay = z.number().int().safe();

const orders = listOrders<Listed, Prisma.Sql, Prisma.Sql>("Delivery", {
  RECEIVED_AT: sortBy(
    Prisma.raw("received_at"),
    ({ receivedAt }) => receivedAt.getTime(),
    (value) => Prisma.sql`${aTime.parse(value)}::timestamptz`,
  ),
  DELAY: sortBy(
    delaySql,
    ({ occurredAt, receivedAt }) =>
      occurredAt ? receivedAt.getTime() - occurredAt.getTime() : NO_DELAY,
    (value) => Prisma.sql`${aDelay.parse(value)}::bigint`,
  ),
  TYPE: byType,
  OUTCOME: byOutcome,
  OBJECT_ID: byObject,
});

builder.queryField("deliveries", (t) =>
  t.connection({
    type: ReceivedDelivery,
    nullable: false,
    description: "Webhook deliveries, newest first unless ordered.",
    authScopes: { admin: true },
    args: {
      query: t.arg.string({ description: queryDescription }),
      filter: t.arg({ type: deliveryFilterInput }),
      orderBy: t.arg({ type: orders.input }),
    },
    resolve: async (_root, { query, filter, orderBy, ...args }, context) => {
      const read = readOf(context);
      const where = await deliveryCondition(deliveryFilterOf(filter, query));
      const connection = await keysetConnection<Listed, Prisma.Sql, Prisma.Sql[]>(
        args,
        orders.orderOf(orderBy),
        async (page) => {
          const bounds = page.where.AND.map((bound) =>
            bound instanceof Prisma.Sql ? bound : Prisma.join(bound.OR, " OR ", "(", ")"),
          );
          const within = Prisma.join([where, ...bounds], " AND ");
          const rows = await findDeliveries(within, Prisma.join(page.orderBy), page.take, read);
          return rows.map((row) => ({ ...row, id: row.svixId }));
        },
        (limit) => countDeliveries(where, limit, read),
      );
      return { ...connection, plan: () => planDeliveries(where) };
    },
  }),
);

const OutcomeCounts = builder
  .objectRef<{ outcome: string; counts: number[] }>("DeliveryOutcomeCounts")
  .implement({
    authScopes: { admin: true },
    fields: (t) => ({
      outcome: t.exposeString("outcome", { nullable: false }),
      counts: t.exposeIntList("counts", { nullable: false, description: "One for each bucket." }),
    }),
  });

const DeliveryHistogram = builder.objectRef<Histogram>("DeliveryHistogram").implement({
  description: "The number of deliveries over time.",
  authScopes: { admin: true },
  fields: (t) => ({
    start: t.expose("start", { type: "DateTime", nullable: false }),
    bucketMs: t.exposeFloat("bucketMs", { nullable: false }),
    bucketCount: t.exposeInt("bucketCount", { nullable: false }),
    outcomes: t.field({
      type: [OutcomeCounts],
      nullable: false,
      description: "Only the outcomes that occur.",
      resolve: ({ counts }) => [...counts].map(([outcome, counts]) => ({ outcome, counts })),
    }),
    countedSince: t.expose("countedSince", {
      type: "DateTime",
      description: "Earlier deliveries are not counted, because there are too many.",
    }),
  }),
});

builder.queryField("deliveryHistogram", (t) =>
  t.field({
    type: DeliveryHistogram,
    nullable: false,
    description: "Over the filter's time range; without one, over the last 24 hours.",
    authScopes: { admin: true },
    args: {
      query: t.arg.string({ description: queryDescription }),
      filter: t.arg({ type: deliveryFilterInput }),
    },
    resolve: (_root, { query, filter }, context) =>
      deliveryHistogram(deliveryFilterOf(filter, query), new Date(), readOf(context)),
  }),
);

const UnreadObjectType = builder.objectRef<UnreadObject>("UnreadObject").implement({
  description: "An object at Clerk that the newest reconciliation could not read entirely.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    table: t.exposeString("table", { nullable: false, description: "Such as users." }),
    isPartial: t.exposeBoolean("isPartial", {
      nullable: false,
      description: "True if the rest of it is mirrored.",
    }),
    paths: t.exposeStringList("paths", {
      nullable: false,
      description: "The attributes that could not be read; never their values.",
    }),
  }),
});

builder.queryField("unreadObjects", (t) =>
  t.field({
    type: [UnreadObjectType],
    nullable: false,
    description: "The first 1,000; SyncState.unreadAtClerk counts all.",
    authScopes: { admin: true },
    resolve: () => findUnreadObjects(),
  }),
);
