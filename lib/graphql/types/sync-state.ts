/** The state of the sync: the summary for the console's bar, and the pipeline for its health page. */
import { findHealth, type Health } from "../../sync/monitoring/health";
import {
  type Round,
  type PipelineStage as Stage,
  stageNames,
  stageStates,
  verdicts,
} from "../../sync/monitoring/pipeline";
import { builder } from "../builder";

/** By convention, GraphQL enum values are upper case. */
function enumValues<Name extends string>(names: readonly Name[]): Record<string, { value: Name }> {
  return Object.fromEntries(
    names.map((value) => [value.toUpperCase().replaceAll("-", "_"), { value }]),
  );
}

const SyncVerdict = builder.enumType("SyncVerdict", {
  description: "The state of the sync, from worst to best. The worst that applies.",
  values: enumValues(verdicts),
});

const PipelineStageName = builder.enumType("PipelineStageName", {
  description: "The stages in the order in which an event passes them.",
  values: enumValues(stageNames),
});

const PipelineStageState = builder.enumType("PipelineStageState", {
  values: enumValues(stageStates),
});

const PipelineStage = builder.objectRef<Stage>("PipelineStage").implement({
  description: "One stage between Clerk and the mirror.",
  authScopes: { admin: true },
  fields: (t) => ({
    name: t.expose("name", { type: PipelineStageName, nullable: false }),
    state: t.expose("state", { type: PipelineStageState, nullable: false }),
    knownAt: t.expose("knownAt", {
      type: "DateTime",
      description: "The time of the evidence for this state.",
    }),
  }),
});

const CanaryRound = builder.objectRef<Round>("CanaryRound").implement({
  description: "A test change at Clerk, made to check that its webhook arrives.",
  authScopes: { admin: true },
  fields: (t) => ({
    startedAt: t.expose("startedAt", { type: "DateTime", nullable: false }),
    arrivedAt: t.expose("arrivedAt", { type: "DateTime" }),
    fault: t.exposeString("fault", {
      description:
        "What failed: clerk, secret, not-reachable, not-subscribed or not-sent. Null without a fault or while running.",
    }),
  }),
});

const SyncRun = builder.objectRef<NonNullable<Health["lastRun"]>>("SyncRun").implement({
  description: "One reconciliation of the mirror with Clerk.",
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
  description: "The state of the sync with Clerk.",
  authScopes: { admin: true },
  fields: (t) => ({
    verdict: t.expose("verdict", { type: SyncVerdict, nullable: false }),
    pipeline: t.expose("pipeline", { type: [PipelineStage], nullable: false }),
    newestAt: t.expose("lastDeliveryAt", {
      type: "DateTime",
      description: "When the newest settled delivery was received.",
    }),
    lagMs: t.exposeFloat("lagMs", {
      description: "The delay of that delivery in ms, from its event at Clerk to its receipt.",
    }),
    pending: t.exposeInt("pending", {
      nullable: false,
      description: "Deliveries that are recorded but not applied yet.",
    }),
    oldestPendingAt: t.expose("oldestPendingAt", { type: "DateTime" }),
    needsAttention: t.int({
      nullable: false,
      description: "Dead letters and quarantined deliveries, which an admin must decide on.",
      resolve: ({ dead, quarantined }) => dead + quarantined,
    }),
    dead: t.exposeInt("dead", {
      nullable: false,
      description: "Dead letters: deliveries whose last retry failed.",
    }),
    quarantined: t.exposeInt("quarantined", {
      nullable: false,
      description: "Deliveries from another Clerk instance.",
    }),
    unreadable: t.exposeInt("unreadable", {
      nullable: false,
      description: "Verified deliveries whose body does not match Clerk's event format.",
    }),
    unknown: t.exposeInt("unknown", {
      nullable: false,
      description: "Deliveries of the last day whose event type Rollcall does not handle.",
    }),
    workerHeartbeatAt: t.expose("workerHeartbeatAt", { type: "DateTime" }),
    isCanarySet: t.exposeBoolean("isCanarySet", { nullable: false }),
    canary: t.expose("canary", { type: CanaryRound, description: "The newest canary round." }),
    lastRun: t.expose("lastRun", { type: SyncRun }),
    outdatedJwtKeyAt: t.expose("outdatedJwtKeyAt", {
      type: "DateTime",
      description: "When Clerk last signed a session token with a key that CLERK_JWT_KEY lacks.",
    }),
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
