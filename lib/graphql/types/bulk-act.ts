/** One act on many objects: the dry run, starting, stopping and resuming the act, and its progress. */
import type { Act as ActDefinition } from "../../acts/act";
import { acts, bulkableActs } from "../../acts/acts";
import {
  type BulkRequest,
  type PlannedItem,
  planBulk,
  resumeBulk,
  startBulk,
  stopBulk,
} from "../../acts/bulk";
import type { BulkActItem as ItemRow } from "../../generated/prisma/client";
import { mayAdminister } from "../../identity/viewer";
import { builder } from "../builder";
import { type Context, viewerDbOf } from "../context";
import { graphQLError, requireSelf } from "../errors";
import { freshByAct } from "../fresh";
import {
  Act,
  ActArguments,
  ActName,
  ActObjectKind,
  givenArguments,
  notPlatformAdmin,
  objectNameOf,
  ReasonRule,
  requireConfirmed,
} from "./act";
import { FieldLoaders } from "./batch-load";
import { nameOf } from "./name-of";

const BulkActState = builder.enumType("BulkActState", {
  values: {
    RUNNING: { value: "running" },
    PAUSED: { value: "paused", description: "Clerk does not answer. The worker tries again." },
    STOPPED: { value: "stopped" },
    DONE: { value: "done" },
  } as const,
});

const ItemState = builder.enumType("BulkActItemState", {
  values: {
    PENDING: { value: "pending" },
    DONE: { value: "done" },
    SKIPPED: { value: "skipped" },
    REFUSED: { value: "refused" },
  } as const,
});

const bulkStates = {
  running: "running",
  paused: "paused",
  stopped: "stopped",
  done: "done",
} as const;
const itemStates = {
  pending: "pending",
  done: "done",
  skipped: "skipped",
  refused: "refused",
} as const;
const isKey = <Key extends string>(states: Record<Key, Key>, text: string): text is Key =>
  text in states;

const BulkableAct = builder.objectRef<ActDefinition>("BulkableAct").implement({
  description: "An act that can run on many objects, in words.",
  authScopes: { admin: true },
  fields: (t) => ({
    name: t.field({ type: ActName, nullable: false, resolve: ({ name }) => name }),
    label: t.exposeString("label", { nullable: false }),
    busyLabel: t.exposeString("busyLabel", { nullable: false }),
    sentence: t.string({
      nullable: false,
      description: "What happens to each of the objects.",
      resolve: ({ manySentence }) => manySentence ?? "",
    }),
    reason: t.field({ type: ReasonRule, nullable: false, resolve: ({ reason }) => reason }),
    isDestructive: t.boolean({
      nullable: false,
      resolve: ({ isDestructive }) => isDestructive ?? false,
    }),
    isIrreversible: t.boolean({
      nullable: false,
      description: "Ask for the number of objects before it.",
      resolve: ({ isIrreversible }) => isIrreversible ?? false,
    }),
  }),
});

const Planned = builder.objectRef<PlannedItem>("PlannedAct").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    objectId: t.exposeID("objectId", { nullable: false }),
    objectName: t.exposeString("objectName", { nullable: false }),
    skipped: t.exposeString("skipped", {
      description: "Why nothing would happen to it; null if the act would run.",
    }),
  }),
});

type Plan = Awaited<ReturnType<typeof planBulk>>;

const BulkPlan = builder.objectRef<Plan>("BulkPlan").implement({
  description: "The dry run of an act on many objects. Nothing was changed.",
  authScopes: { admin: true },
  fields: (t) => ({
    items: t.field({
      type: [Planned],
      nullable: false,
      resolve: (plan) => ("items" in plan ? plan.items : []),
    }),
    runCount: t.int({
      nullable: false,
      description: "For how many objects the act would run.",
      resolve: (plan) =>
        "items" in plan ? plan.items.filter(({ skipped }) => skipped === null).length : 0,
    }),
    error: t.string({ resolve: (plan) => ("error" in plan ? plan.error.message : null) }),
  }),
});

const kindOf = (name: string) => acts.get(name)?.kind ?? "";

const itemActs = new FieldLoaders<typeof Act.$inferType>();

type ItemOfAct = ItemRow & { name: string };

const Item = builder.objectRef<ItemOfAct>("BulkActItem").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    position: t.exposeInt("position", { nullable: false }),
    objectId: t.exposeID("objectId", { nullable: false }),
    objectName: t.string({
      description: "The name of the object now; null if it is deleted.",
      resolve: ({ name, objectId }, _args, context, { fieldNodes: [field] }) =>
        objectNameOf(context, field, kindOf(name), objectId),
    }),
    state: t.field({
      type: ItemState,
      nullable: false,
      resolve: ({ state }) => (isKey(itemStates, state) ? state : "pending"),
    }),
    note: t.exposeString("note", { description: "Why it was skipped." }),
    act: t.field({
      type: Act,
      description: "The act of the last try, with Clerk's refusal.",
      resolve: async ({ actId }, _args, context, { fieldNodes: [field] }) => {
        if (!actId || !field) return null;
        const found = await itemActs.load(context, field, actId, async (ids) => {
          const rows = await viewerDbOf(context).act.findMany({ where: { id: { in: [...ids] } } });
          return new Map(rows.map((row) => [row.id, row]));
        });
        return found ?? null;
      },
    }),
  }),
});

const MAX_ITEMS = 200;

/** The number of items in each state, by the id of the bulk act: one query for all bulk acts of a list. */
const counts = new FieldLoaders<Map<string, number>>();
const ofRequest = {};

async function countOf(context: Context, bulkId: string, state?: string): Promise<number> {
  const found = await counts.load(context, ofRequest, bulkId, async (ids) => {
    const groups = await viewerDbOf(context).bulkActItem.groupBy({
      by: ["bulkId", "state"],
      where: { bulkId: { in: [...ids] } },
      _count: true,
    });
    const byBulk = new Map<string, Map<string, number>>();
    for (const group of groups) {
      const states = byBulk.get(group.bulkId) ?? new Map<string, number>();
      byBulk.set(group.bulkId, states.set(group.state, group._count));
    }
    return byBulk;
  });
  if (state !== undefined) return found?.get(state) ?? 0;
  return [...(found?.values() ?? [])].reduce((sum, count) => sum + count, 0);
}

const BulkAct = builder.prismaObject("BulkAct", {
  description: "One act on many objects, which the worker runs.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    label: t.string({
      nullable: false,
      resolve: ({ name }) => acts.get(name)?.label ?? name,
    }),
    objectKind: t.string({ nullable: false, resolve: ({ name }) => kindOf(name) }),
    actorId: t.exposeID("actorId", { nullable: false }),
    actorName: t.string({
      description: "The admin who started or last resumed it; null if the admin is deleted.",
      resolve: ({ actorId }, _args, context) => nameOf(context, actorId),
    }),
    reason: t.exposeString("reason"),
    state: t.field({
      type: BulkActState,
      nullable: false,
      resolve: ({ state }) => (isKey(bulkStates, state) ? state : "running"),
    }),
    note: t.exposeString("note", { description: "Why it was paused or stopped." }),
    requestedAt: t.expose("requestedAt", { type: "DateTime", nullable: false }),
    endedAt: t.expose("endedAt", { type: "DateTime" }),
    itemsCount: t.int({
      nullable: false,
      args: { state: t.arg({ type: ItemState }) },
      resolve: ({ id }, { state }, context) => countOf(context, id, state ?? undefined),
    }),
    items: t.field({
      type: [Item],
      nullable: false,
      description: `Its items in their order; at most ${MAX_ITEMS} after \`after\`.`,
      args: { state: t.arg({ type: ItemState }), after: t.arg.int({ description: "A position." }) },
      resolve: async ({ id, name }, { state, after }, context) => {
        const rows = await viewerDbOf(context).bulkActItem.findMany({
          where: { bulkId: id, ...(state && { state }), position: { gt: after ?? 0 } },
          orderBy: { position: "asc" },
          take: MAX_ITEMS,
        });
        return rows.map((row) => ({ ...row, name }));
      },
    }),
  }),
});

const StartedBulk = builder
  .objectRef<{ bulkId: string } | { error: { field: string | null; message: string } }>(
    "StartedBulkAct",
  )
  .implement({
    authScopes: { admin: true },
    fields: (t) => ({
      bulkId: t.id({ resolve: (started) => ("bulkId" in started ? started.bulkId : null) }),
      error: t.string({
        resolve: (started) => ("error" in started ? started.error.message : null),
      }),
      errorField: t.string({
        resolve: (started) => ("error" in started ? started.error.field : null),
      }),
    }),
  });

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;

type Given = {
  name: string;
  objectIds: string[];
  arguments?: object | null | undefined;
  reason?: string | null | undefined;
};

function requestOf(given: Given, context: Context): BulkRequest {
  const { viewer } = context.authentication;
  return {
    ...{ name: given.name, objectIds: given.objectIds, args: givenArguments(given.arguments) },
    ...{ reason: given.reason ?? null, actorId: viewer?.user.id ?? "" },
  };
}

builder.queryFields((t) => ({
  bulkableActs: t.field({
    type: [BulkableAct],
    nullable: false,
    description: "The acts that can run on many objects of this kind; empty while impersonating.",
    authScopes: { admin: true },
    args: { kind: t.arg({ type: ActObjectKind, required: true }) },
    resolve: (_root, { kind }, { authentication: { viewer } }) =>
      mayAdminister(viewer) ? bulkableActs(kind) : [],
  }),
  bulkPlan: t.field({
    type: BulkPlan,
    nullable: false,
    description:
      "A dry run: what an act would do to each of these objects, and whom it would skip. Changes nothing.",
    authScopes: { admin: true },
    args: {
      name: t.arg({ type: ActName, required: true }),
      objectIds: t.arg.idList({ required: true }),
      arguments: t.arg({ type: ActArguments }),
    },
    resolve: (_root, given, context) => planBulk(requestOf(given, context)),
  }),
  bulkAct: t.prismaField({
    type: BulkAct,
    authScopes: { admin: true },
    args: { id: t.arg.id({ required: true }) },
    resolve: (select, _root, { id }, context) =>
      UUID.test(id) ? viewerDbOf(context).bulkAct.findUnique({ ...select, where: { id } }) : null,
  }),
  bulkActs: t.prismaField({
    type: [BulkAct],
    nullable: false,
    description: "The acts on many objects, newest first: 50 at once.",
    authScopes: { admin: true },
    args: { before: t.arg({ type: "DateTime", description: "Only those requested earlier." }) },
    resolve: (select, _root, { before }, context) =>
      viewerDbOf(context).bulkAct.findMany({
        ...select,
        where: before ? { requestedAt: { lt: before } } : {},
        orderBy: [{ requestedAt: "desc" }, { id: "desc" }],
        take: 50,
      }),
  }),
}));

builder.mutationFields((t) => ({
  startBulkAct: t.field({
    type: StartedBulk,
    nullable: false,
    description:
      "Starts an act on up to 1,000 objects. The worker runs it within Clerk's rate limit; `bulkAct` has its progress.",
    authScopes: { administer: true },
    fresh: freshByAct,
    args: {
      name: t.arg({ type: ActName, required: true }),
      objectIds: t.arg.idList({ required: true }),
      arguments: t.arg({ type: ActArguments }),
      reason: t.arg.string({ description: "Kept in the audit log." }),
    },
    resolve: async (_root, given, context) => {
      requireSelf(context);
      const started = await startBulk(requestOf(given, context));
      if (started === "not-admin") throw notPlatformAdmin();
      if ("error" in started) requireConfirmed(started.error);
      return started;
    },
  }),
  resumeBulkAct: t.field({
    type: StartedBulk,
    nullable: false,
    description:
      "Goes on with the objects that have no result, in the viewer's name. For one that is paused, or was stopped in the last 7 days.",
    authScopes: { administer: true },
    fresh: freshByAct,
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      const actorId = requireSelf(context).user.id;
      if (!UUID.test(id))
        throw graphQLError("BAD_USER_INPUT", "There is no bulk act with this id.");
      const refused = await resumeBulk(id, actorId);
      if (refused === "not-admin") throw notPlatformAdmin();
      requireConfirmed(refused?.error ?? null);
      return refused ?? { bulkId: id };
    },
  }),
  stopBulkAct: t.field({
    type: BulkAct,
    nullable: false,
    description: "Stops it before its next object. What was done stays.",
    authScopes: { administer: true },
    args: { id: t.arg.id({ required: true }) },
    resolve: async (_root, { id }, context) => {
      const actorId = requireSelf(context).user.id;
      const isKnown = UUID.test(id);
      if (isKnown) await stopBulk(id, actorId);
      const bulk = isKnown && (await viewerDbOf(context).bulkAct.findUnique({ where: { id } }));
      if (!bulk) throw graphQLError("BAD_USER_INPUT", "There is no bulk act with this id.");
      return bulk;
    },
  }),
}));
