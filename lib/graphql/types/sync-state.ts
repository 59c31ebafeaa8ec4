/** How the mirror is: in short for the console's bar, and stage by stage for its health page. */
import { findHealth, type Health } from "../../sync/monitoring/health";
import {
  type Round,
  type PipelineStage as Stage,
  stageNames,
  stageStates,
  verdicts,
} from "../../sync/monitoring/pipeline";
import { builder } from "../builder";

/** GraphQL spells the members of an enum in capitals. */
function enumValues<Name extends string>(names: readonly Name[]): Record<string, { value: Name }> {
  return Object.fromEntries(
    names.map((value) => [value.toUpperCase().replaceAll("-", "_"), { value }]),
  );
}

const SyncVerdict = builder.enumType("SyncVerdict", {
  description: "From bad to good; the worst of what is known is said.",
  values: enumValues(verdicts),
});

const PipelineStageName = builder.enumType("PipelineStageName", {
  description: "In the order in which an event travels.",
  values: enumValues(stageNames),
});

const PipelineStageState = builder.enumType("PipelineStageState", {
  values: enumValues(stageStates),
});

const PipelineStage = builder.objectRef<Stage>("PipelineStage").implement({
  description: "A stage of the chain from Clerk to the mirror.",
  authScopes: { admin: true },
  fields: (t) => ({
    name: t.expose("name", { type: PipelineStageName, nullable: false }),
    state: t.expose("state", { type: PipelineStageState, nullable: false }),
    knownAt: t.expose("knownAt", { type: "DateTime", description: "As of when that is known." }),
  }),
});

const CanaryRound = builder.objectRef<Round>("CanaryRound").implement({
  description: "A change made at Clerk only to see that its webhook comes.",
  authScopes: { admin: true },
  fields: (t) => ({
    startedAt: t.expose("startedAt", { type: "DateTime", nullable: false }),
    arrivedAt: t.expose("arrivedAt", { type: "DateTime" }),
    fault: t.exposeString("fault", { description: "Null while it is under way." }),
  }),
});

const SyncRun = builder.objectRef<NonNullable<Health["lastRun"]>>("SyncRun").implement({
  description: "A reconciliation with Clerk.",
  authScopes: { admin: true },
  fields: (t) => ({
    mode: t.exposeString("mode", { nullable: false, description: "dry-run or repair" }),
    status: t.exposeString("status", {
      nullable: false,
      description: "running, paused, done or failed",
    }),
    startedAt: t.expose("startedAt", { type: "DateTime", nullable: false }),
    endedAt: t.expose("endedAt", { type: "DateTime" }),
    found: t.exposeInt("found", { nullable: false, description: "Rows that differed from Clerk." }),
    repaired: t.exposeInt("repaired", { nullable: false }),
  }),
});

const SyncState = builder.objectRef<Health>("SyncState").implement({
  description: "How the copy of Clerk is doing.",
  authScopes: { admin: true },
  fields: (t) => ({
    verdict: t.expose("verdict", { type: SyncVerdict, nullable: false }),
    pipeline: t.expose("pipeline", { type: [PipelineStage], nullable: false }),
    newestAt: t.expose("lastDeliveryAt", {
      type: "DateTime",
      description: "When the newest delivery came that was settled.",
    }),
    lagMs: t.exposeFloat("lagMs", { description: "From Clerk's clock to ours, of that delivery." }),
    pending: t.exposeInt("pending", {
      nullable: false,
      description: "Deliveries that are recorded, and not applied yet.",
    }),
    oldestPendingAt: t.expose("oldestPendingAt", { type: "DateTime" }),
    needsAttention: t.int({
      nullable: false,
      description: "Deliveries that somebody has to look at.",
      resolve: ({ dead, quarantined }) => dead + quarantined,
    }),
    dead: t.exposeInt("dead", { nullable: false, description: "Failed at the last try too." }),
    quarantined: t.exposeInt("quarantined", {
      nullable: false,
      description: "Of another instance.",
    }),
    unreadable: t.exposeInt("unreadable", {
      nullable: false,
      description: "Verified, and not as Clerk describes its events.",
    }),
    unknown: t.exposeInt("unknown", {
      nullable: false,
      description: "Of the last day, those of a type without a fate here.",
    }),
    workerHeartbeatAt: t.expose("workerHeartbeatAt", { type: "DateTime" }),
    isCanarySet: t.exposeBoolean("isCanarySet", { nullable: false }),
    canary: t.expose("canary", { type: CanaryRound, description: "Its newest round." }),
    lastRun: t.expose("lastRun", { type: SyncRun }),
  }),
});

builder.queryField("syncState", (t) =>
  t.field({
    type: SyncState,
    nullable: false,
    authScopes: { admin: true },
    resolve: () => findHealth(),
  }),
);
