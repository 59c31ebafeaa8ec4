/** The list of erasures for platform admins, with its filter, and one erasure with its receipt. */
import { deletionReasons } from "../../erasure/archive-store";
import {
  countErasures,
  erasureCondition,
  erasureStates,
  findErasure,
  findErasures,
  findReceiptLine,
  type ListedErasure,
} from "../../erasure/list";
import { Prisma } from "../../generated/prisma/client";
import { builder } from "../builder";
import { readOf } from "../context";
import { ErasureSubject } from "./erasure";
import { planErasures } from "./estimate";
import { aTime, aUuid, keysetConnection, type SortKey } from "./keyset-pagination";
import { listOrders, storable, TimeRange } from "./list-arguments";
import { nameOf } from "./name-of";
import { enumValues } from "./sync-state";

const ErasedCount = builder.objectRef<{ table: string; rows: number }>("ErasedCount").implement({
  description: "How many rows of a table an erasure has erased. For platform admins.",
  authScopes: { admin: true },
  fields: (t) => ({
    table: t.exposeString("table", { nullable: false }),
    rows: t.exposeInt("rows", { nullable: false }),
  }),
});

const Acknowledgement = builder
  .objectRef<{ handler: string; state: string }>("ErasureAcknowledgement")
  .implement({
    description: "What became of a handler of the deletion. For platform admins.",
    authScopes: { admin: true },
    fields: (t) => ({
      handler: t.exposeString("handler", { nullable: false }),
      state: t.exposeString("state", { nullable: false, description: "done, dead or pending." }),
    }),
  });

const Erasure = builder.objectRef<ListedErasure>("Erasure").implement({
  description: "The erasure of a deleted user or organization. For platform admins.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    kind: t.exposeString("kind", { nullable: false, description: "user or organization." }),
    subjectId: t.exposeID("subjectId", { nullable: false }),
    step: t.exposeString("step", {
      nullable: false,
      description: "held, rows, effects, sweep, receipt, done or undone.",
    }),
    reason: t.exposeString("reason", { nullable: false }),
    cause: t.exposeString("cause", { nullable: false }),
    requestedBy: t.exposeID("requestedBy"),
    requestedByName: t.string({
      description: "The name of that user; null if deleted.",
      resolve: ({ requestedBy }, _args, context) => nameOf(context, requestedBy),
    }),
    requestedAt: t.expose("requestedAt", { type: "DateTime", nullable: false }),
    deletedAt: t.expose("deletedAt", { type: "DateTime", nullable: false }),
    nextAt: t.expose("nextAt", { type: "DateTime", description: "When the next step is due." }),
    erasedAt: t.expose("erasedAt", { type: "DateTime" }),
    isPaused: t.exposeBoolean("isPaused", {
      nullable: false,
      description: "True while it waits for the release of the brake.",
    }),
    counts: t.field({
      type: [ErasedCount],
      nullable: false,
      extensions: { listLength: 30 },
      resolve: ({ counts }) => Object.entries(counts).map(([table, rows]) => ({ table, rows })),
    }),
    acknowledgements: t.field({
      type: [Acknowledgement],
      nullable: false,
      extensions: { listLength: 10 },
      resolve: ({ acknowledgements }) =>
        Object.entries(acknowledgements).map(([handler, state]) => ({ handler, state })),
    }),
    receipt: t.exposeInt("receipt", { description: "The number of its newest receipt." }),
  }),
});

const ErasureDetail = builder
  .objectRef<{ erasure: ListedErasure; receiptLine: string | null }>("ErasureDetail")
  .implement({
    description: "An erasure with its receipt. For platform admins.",
    authScopes: { admin: true },
    fields: (t) => ({
      erasure: t.expose("erasure", { type: Erasure, nullable: false }),
      receiptLine: t.exposeString("receiptLine", {
        description: "Its newest receipt and the hash as JSON. Null until it has one.",
      }),
      receiptToken: t.id({
        nullable: false,
        description:
          "The token for the query erasureReceipt, for passing on to the person. It proves whose receipt it is.",
        resolve: ({ erasure }) => erasure.receiptToken,
      }),
    }),
  });

const ErasureState = builder.enumType("ErasureState", {
  description:
    "UNDER_WAY is HELD by a holdback, PAUSED by the brake, or ERASING. The others have ended.",
  values: enumValues(erasureStates),
});

const DeletionReason = builder.enumType("DeletionReason", {
  description: "Why a user or an organization was deleted.",
  values: enumValues(deletionReasons),
});

const filterInput = builder.inputType("ErasureFilter", {
  description: "An erasure must fulfil every condition that is given.",
  fields: (t) => ({
    state: t.field({ type: ErasureState }),
    kind: t.field({ type: ErasureSubject }),
    reason: t.field({ type: DeletionReason }),
    deletedAt: t.field({ type: TimeRange }),
  }),
});

const key = (time: unknown, id: unknown) =>
  Prisma.sql`(${aTime.parse(time)}::timestamptz, ${aUuid.parse(id)}::uuid)`;

const byDeletion: SortKey<ListedErasure, Prisma.Sql, Prisma.Sql[]> = {
  direction: "DESC",
  valueOf: ({ orderedAt }) => orderedAt.getTime(),
  rowsAfter: (time, id) => [Prisma.sql`(deleted_at, id) < ${key(time, id)}`],
  rowsBefore: (time, id) => [Prisma.sql`(deleted_at, id) > ${key(time, id)}`],
  natural: [Prisma.sql`deleted_at DESC`, Prisma.sql`id DESC`],
  reversed: [Prisma.sql`deleted_at`, Prisma.sql`id`],
};

const orders = listOrders<ListedErasure, Prisma.Sql, Prisma.Sql>("Erasure", {
  DELETED_AT: byDeletion,
});

builder.queryFields((t) => ({
  erasures: t.connection({
    type: Erasure,
    nullable: false,
    description: "Erasures of deleted users and organizations, the newest deletion first.",
    authScopes: { administer: true },
    args: {
      query: t.arg.string({ description: "The id of the user or organization." }),
      filter: t.arg({ type: filterInput }),
      orderBy: t.arg({ type: orders.input }),
    },
    resolve: async (_root, { query, filter, orderBy, ...args }, context) => {
      const read = readOf(context);
      const subjectId = query && storable(query.trim());
      const where = erasureCondition({ ...filter, subjectId });
      const connection = await keysetConnection<ListedErasure, Prisma.Sql, Prisma.Sql[]>(
        args,
        orders.orderOf(orderBy),
        (page) => {
          const bounds = page.where.AND.map((bound) =>
            bound instanceof Prisma.Sql ? bound : Prisma.join(bound.OR, " OR ", "(", ")"),
          );
          const within = Prisma.join([where, ...bounds], " AND ");
          const orderBy = Prisma.join(page.orderBy);
          return read(({ prisma }) => findErasures(within, page.take, orderBy, prisma));
        },
        (limit) => read(({ prisma }) => countErasures(where, limit, prisma)),
      );
      return { ...connection, plan: () => planErasures(where) };
    },
  }),
  erasure: t.field({
    type: ErasureDetail,
    description: "Null if there is no erasure with this id.",
    authScopes: { administer: true },
    args: { erasureId: t.arg.id({ required: true }) },
    resolve: async (_root, { erasureId }) => {
      const erasure = await findErasure(erasureId);
      if (!erasure) return null;
      const { receipt } = erasure;
      return { erasure, receiptLine: receipt === null ? null : await findReceiptLine(receipt) };
    },
  }),
}));
