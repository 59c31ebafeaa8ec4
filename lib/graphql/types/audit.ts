/**
 * The audit log for platform admins, newest first by default. This file only reads entries: `lib/audit.ts` and the acts write
 * them.
 */
import { z } from "zod";
import type { AuditEntry as AuditRow, Prisma } from "../../generated/prisma/client";
import { builder } from "../builder";
import { listReadOf } from "../context";
import { bulkReasonOf } from "./bulk-reason";
import { planRead } from "./estimate";
import {
  aTime,
  everyPage,
  keysetConnection,
  type PageQuery,
  type SortKey,
} from "./keyset-pagination";
import { given, inTimeRange, listOrders, storable, TimeRange } from "./list-arguments";
import { nameOf } from "./name-of";
import { isStorable } from "./storable-text";

type Entry = Omit<AuditRow, "id"> & { id: string };

const aDetail = z.object({ reason: z.string().optional(), bulkId: z.string().optional() });

const AuditEntry = builder.objectRef<Entry>("AuditEntry").implement({
  description: "Who did what to which object, and from which session. Append-only.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    at: t.expose("at", { type: "DateTime", nullable: false }),
    actor: t.exposeString("actor", {
      nullable: false,
      description: "The id of a user, or the part of Rollcall that acted.",
    }),
    actorName: t.string({
      description: "Null unless the actor is a user in the mirror.",
      resolve: ({ actor }, _args, context) => nameOf(context, actor),
    }),
    action: t.exposeString("action", {
      nullable: false,
      description: "For example invitation.created.",
    }),
    subject: t.exposeString("subject", {
      description: "The id of the object that the action changed.",
    }),
    subjectName: t.string({
      description: "Null unless the subject is a user or an organization in the mirror.",
      resolve: ({ subject }, _args, context) => nameOf(context, subject),
    }),
    reason: t.string({
      description: "What the actor gave as the reason, also of an act on many objects.",
      resolve: ({ detail }, _args, context) => {
        const { reason = null, bulkId = null } = aDetail.safeParse(detail).data ?? {};
        return reason ?? bulkReasonOf(context, bulkId);
      },
    }),
    detail: t.expose("detail", { type: "JSON" }),
    sessionId: t.exposeID("sessionId", {
      description:
        "From where: the Clerk session of the request. Clerk has its device and place. Null for a command, the worker and a webhook.",
    }),
  }),
});

const numericId = z
  .string()
  .regex(/^\d{1,18}$/)
  .transform(BigInt);

type Where = Prisma.AuditEntryWhereInput;
type OrderBy = Prisma.AuditEntryOrderByWithRelationInput[];
type AuditPage = PageQuery<Where, Prisma.AuditEntryOrderByWithRelationInput[]>;

function rowsBeyond(side: "lt" | "gt", time: unknown, id: unknown): Where[] {
  const [at, last] = [aTime.parse(time), numericId.parse(id)];
  return side === "lt"
    ? [{ at: { lte: at }, OR: [{ at: { lt: at } }, { id: { lt: last } }] }]
    : [{ at: { gte: at }, OR: [{ at: { gt: at } }, { id: { gt: last } }] }];
}

/** The sort key of the audit log. Unlike in other lists, ids are numbers and no time is null. */
const byTime: SortKey<Entry, Where, Prisma.AuditEntryOrderByWithRelationInput[]> = {
  direction: "DESC",
  valueOf: ({ at }) => at.getTime(),
  rowsAfter: (time, id) => rowsBeyond("lt", time, id),
  rowsBefore: (time, id) => rowsBeyond("gt", time, id),
  natural: [{ at: "desc" }, { id: "desc" }],
  reversed: [{ at: "asc" }, { id: "asc" }],
};

type TextCondition = string | { gt: string } | { lt: string };
const aPlace = z.tuple([z.string().refine(isStorable).nullable(), aTime]);

/**
 * Sorts by a text from A to Z, and entries with the same text by time, newest first. NULLs are last. The value of a cursor is the
 * JSON of both.
 */
function byTextAndTime(
  textOf: (row: Entry) => string | null,
  put: (condition: TextCondition) => Where,
  orderBy: (sort: Prisma.SortOrder, nulls: Prisma.NullsOrder) => OrderBy[number],
  nulls: { none: Where; some: Where } | null,
): SortKey<Entry, Where, OrderBy> {
  const parse = (given: unknown) => aPlace.parse(JSON.parse(z.string().parse(given)));
  const withText = (text: string | null) => (text === null ? (nulls?.some ?? {}) : put(text));
  return {
    direction: "ASC",
    valueOf: (row) => JSON.stringify([textOf(row), row.at.getTime()]),
    rowsAfter: (given, id) => {
      const [text, at] = parse(given);
      const same = rowsBeyond("lt", at.getTime(), id).map((range) => ({
        AND: [withText(text), range],
      }));
      return text === null ? same : [...same, put({ gt: text }), ...(nulls ? [nulls.some] : [])];
    },
    rowsBefore: (given, id) => {
      const [text, at] = parse(given);
      const same = rowsBeyond("gt", at.getTime(), id).map((range) => ({
        AND: [withText(text), range],
      }));
      return [...same, text === null ? (nulls?.none ?? {}) : put({ lt: text })];
    },
    natural: [orderBy("asc", "last"), { at: "desc" }, { id: "desc" }],
    reversed: [orderBy("desc", "first"), { at: "asc" }, { id: "asc" }],
  };
}

const auditOrders = listOrders<Entry, Where, Prisma.AuditEntryOrderByWithRelationInput>("Audit", {
  AT: byTime,
  ACTION: byTextAndTime(
    ({ action }) => action,
    (action) => ({ action }),
    (action) => ({ action }),
    null,
  ),
  ACTOR: byTextAndTime(
    ({ actor }) => actor,
    (actor) => ({ actor }),
    (actor) => ({ actor }),
    null,
  ),
  SUBJECT: byTextAndTime(
    ({ subject }) => subject,
    (subject) => ({ subject }),
    (sort, nulls) => ({ subject: { sort, nulls } }),
    { some: { subject: null }, none: { subject: { not: null } } },
  ),
});

const filterInput = builder.inputType("AuditFilter", {
  description: "An entry must fulfil every condition that is given.",
  fields: (t) => ({
    actor: t.string({ description: "The id of a user, or the name of a part of Rollcall." }),
    action: t.string({
      description: "An action, or the start of actions with a `*` at the end: invitation.*",
    }),
    subject: t.string({ description: "The id of the object." }),
    at: t.field({ type: TimeRange }),
  }),
});

function actionIs(pattern: string): Where {
  const text = storable(pattern);
  return text.endsWith("*")
    ? // Prisma does not escape the wildcards of LIKE.
      { action: { startsWith: text.slice(0, -1).replace(/[\\%_]/g, "\\$&") } }
    : { action: text };
}

function whereOf(filter: typeof filterInput.$inferInput | null | undefined): Where[] {
  return [
    ...given(filter?.actor, (actor) => ({ actor: storable(actor) })),
    ...given(filter?.action, actionIs),
    ...given(filter?.subject, (subject) => ({ subject: storable(subject) })),
    ...given(filter?.at, (range) => ({ at: inTimeRange(range) })),
  ];
}

/** Returns the condition of the list `auditEntries` with these arguments. */
function auditListWhere(args: {
  query?: string | null | undefined;
  filter?: typeof filterInput.$inferInput | null | undefined;
}) {
  const text = args.query?.trim();
  const search: Where[] = text
    ? [{ OR: [{ actor: storable(text) }, { subject: text }, actionIs(text)] }]
    : [];
  return { AND: [...search, ...whereOf(args.filter)] };
}

builder.queryField("auditEntries", (t) =>
  t.connection({
    type: AuditEntry,
    nullable: false,
    description: "The audit log, newest first unless ordered.",
    authScopes: { admin: true },
    args: {
      query: t.arg.string({
        description: "An id of an actor or a subject, or an action such as invitation.*",
      }),
      filter: t.arg({ type: filterInput }),
      orderBy: t.arg({ type: auditOrders.input }),
    },
    resolve: async (_root, { query, filter, orderBy, ...args }, context) => {
      const where = auditListWhere({ query, filter });
      const read = listReadOf(context);
      const order = auditOrders.orderOf(orderBy);
      const find = async (page: AuditPage) => {
        const rows = await read((db) =>
          db.auditEntry.findMany({ ...page, where: { AND: [where, page.where] } }),
        );
        return rows.map((row) => ({ ...row, id: String(row.id) }));
      };
      context.takeList?.({ list: "audit", pages: (size) => everyPage(order, size, find) });
      const found = await keysetConnection(args, order, find, (take) =>
        read((db) => db.auditEntry.count({ where, take })),
      );
      const plan = () =>
        planRead((planner) => planner.auditEntry.findMany({ where, select: { id: true } }));
      return { ...found, plan };
    },
  }),
);
