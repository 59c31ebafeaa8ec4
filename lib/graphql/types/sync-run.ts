/**
 * The API of the console's page Sync, for platform admins: plots of the deliveries, reconciliations with their findings, and the
 * mutation that requests a reconciliation.
 */
import {
  type DeliveryPlots,
  findDeliveryPlots,
  plotRanges,
} from "../../sync/monitoring/delivery-plots";
import {
  type FoundDrift,
  type FoundRun,
  findDriftOf,
  findRun,
  findRuns,
  LISTED_FINDINGS,
  type RunTally,
  requestReconciliation,
} from "../../sync/monitoring/find-runs";
import { findSchedules, type Schedule } from "../../sync/monitoring/schedules";
import { builder } from "../builder";
import { requireViewerId } from "../errors";
import { freshAdmin } from "../fresh";
import { reasonOf } from "./reason";
import { enumValues } from "./sync-state";

const PlotRangeType = builder.enumType("PlotRange", {
  description: "DAY: 24 hours. WEEK: 7 days.",
  values: enumValues(plotRanges),
});

const DeliveryPlotsType = builder.objectRef<DeliveryPlots>("DeliveryPlots").implement({
  description: "Deliveries over time. Each list has one value for each bucket.",
  authScopes: { admin: true },
  fields: (t) => ({
    start: t.expose("start", { type: "DateTime", nullable: false }),
    bucketMs: t.exposeFloat("bucketMs", { nullable: false }),
    received: t.exposeIntList("received", { nullable: false }),
    medianDelayMs: t.floatList({
      nullable: { list: false, items: true },
      description: "From the event at Clerk to its receipt; null without a delivery.",
      resolve: ({ medianDelayMs }) => medianDelayMs,
    }),
    p95DelayMs: t.floatList({
      nullable: { list: false, items: true },
      resolve: ({ p95DelayMs }) => p95DelayMs,
    }),
    countedSince: t.expose("countedSince", {
      type: "DateTime",
      description: "Earlier deliveries are not counted, because there are too many.",
    }),
  }),
});

const RunTallyType = builder.objectRef<RunTally>("ReconciliationTally").implement({
  description: "What a reconciliation read, found and repaired in one table.",
  authScopes: { admin: true },
  fields: (t) => ({
    table: t.exposeString("table", { nullable: false }),
    read: t.exposeInt("read", { nullable: false }),
    missing: t.exposeInt("missing", { nullable: false }),
    stale: t.exposeInt("stale", { nullable: false }),
    different: t.exposeInt("different", { nullable: false }),
    extra: t.exposeInt("extra", { nullable: false }),
    unreadable: t.exposeInt("unreadable", { nullable: false }),
    partial: t.exposeInt("partial", { nullable: false }),
    repaired: t.exposeInt("repaired", { nullable: false }),
  }),
});

const DriftField = builder.objectRef<FoundDrift["fields"][number]>("DriftField").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    name: t.exposeString("name", { nullable: false }),
    ours: t.expose("ours", { type: "JSON", description: "The mirror's value." }),
    theirs: t.expose("theirs", { type: "JSON", description: "Clerk's value." }),
  }),
});

const DriftFindingType = builder.objectRef<FoundDrift>("DriftFinding").implement({
  description: "A difference between Clerk and the mirror.",
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.id({ nullable: false, resolve: ({ id }) => String(id) }),
    kind: t.exposeString("kind", {
      nullable: false,
      description: "missing, stale, different, extra, unreadable or partial",
    }),
    table: t.exposeString("objectTable", { nullable: false }),
    objectId: t.exposeID("objectId", { nullable: false }),
    cause: t.exposeString("cause", { nullable: false, description: "Such as event not received." }),
    isRepaired: t.exposeBoolean("isRepaired", { nullable: false }),
    fields: t.field({ type: [DriftField], nullable: false, resolve: ({ fields }) => fields }),
  }),
});

const Reconciliation = builder.objectRef<FoundRun>("Reconciliation").implement({
  authScopes: { admin: true },
  fields: (t) => ({
    id: t.id({ nullable: false, resolve: ({ id }) => String(id) }),
    mode: t.exposeString("mode", { nullable: false, description: "dry-run or repair" }),
    trigger: t.exposeString("trigger", {
      nullable: false,
      description: "command, schedule or console",
    }),
    status: t.exposeString("status", {
      nullable: false,
      description: "running, paused, done or failed",
    }),
    startedAt: t.expose("startedAt", { type: "DateTime", nullable: false }),
    endedAt: t.expose("endedAt", { type: "DateTime" }),
    note: t.exposeString("error", { description: "Why it is paused or failed, or what to know." }),
    requests: t.exposeInt("requests", { nullable: false, description: "Requests to Clerk." }),
    tallies: t.field({ type: [RunTallyType], nullable: false, resolve: ({ tallies }) => tallies }),
    findings: t.field({
      type: [DriftFindingType],
      nullable: false,
      description: `The first ${LISTED_FINDINGS}; the tallies count all.`,
      resolve: ({ id }) => findDriftOf(id),
    }),
  }),
});

const MAX_ID = 2n ** 63n - 1n;

builder.queryFields((t) => ({
  deliveryPlots: t.field({
    type: DeliveryPlotsType,
    nullable: false,
    authScopes: { admin: true },
    args: { range: t.arg({ type: PlotRangeType }) },
    resolve: (_root, { range }) => findDeliveryPlots(range ?? "day"),
  }),
  reconciliations: t.field({
    type: [Reconciliation],
    nullable: false,
    description: "The newest 20, of any mode.",
    authScopes: { admin: true },
    resolve: () => findRuns(),
  }),
  reconciliation: t.field({
    type: Reconciliation,
    authScopes: { admin: true },
    args: { id: t.arg.id({ required: true }) },
    resolve: (_root, { id }) =>
      /^\d{1,19}$/.test(id) && BigInt(id) <= MAX_ID ? findRun(BigInt(id)) : null,
  }),
}));

builder.mutationField("requestReconciliation", (t) =>
  t.boolean({
    nullable: false,
    description:
      "Asks the worker to compare the mirror with Clerk now, and to repair it unless it is a dry run. Writes an audit entry.",
    authScopes: { administer: true },
    fresh: freshAdmin,
    args: { isDryRun: t.arg.boolean(), reason: t.arg.string({ required: true }) },
    resolve: async (_root, { isDryRun, reason }, context) => {
      const by = { actor: requireViewerId(context), reason: reasonOf(reason) };
      await requestReconciliation(isDryRun ? "dry-run" : "repair", by);
      return true;
    },
  }),
);

const ScheduleType = builder.objectRef<Schedule>("Schedule").implement({
  description: "A periodic task of the worker.",
  authScopes: { admin: true },
  fields: (t) => ({
    task: t.exposeString("task", { nullable: false }),
    what: t.exposeString("what", { nullable: false }),
    when: t.exposeString("when", { nullable: false }),
    lastRunAt: t.expose("lastRunAt", { type: "DateTime" }),
  }),
});

builder.queryField("schedules", (t) =>
  t.field({
    type: [ScheduleType],
    nullable: false,
    description: "The worker's periodic tasks, and when each ran last.",
    authScopes: { admin: true },
    resolve: () => findSchedules(),
  }),
);
