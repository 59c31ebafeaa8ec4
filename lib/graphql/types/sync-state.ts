/** The type SyncState: the findings for the console's status bar, and the pipeline and figures for its page Sync. */

import { type Finding, findingStates, type Part } from "../../sync/monitoring/finding";
import { type Figures, findHealth, type Health } from "../../sync/monitoring/health";
import {
  type Round,
  type PipelineStage as Stage,
  stageNames,
  stageStates,
} from "../../sync/monitoring/pipeline";
import { commandsIn, sentenceText } from "../../sync/monitoring/verdict";
import { builder } from "../builder";

/** Converts names to GraphQL enum values, which are upper case by convention. */
export function enumValues<Name extends string>(
  names: readonly Name[],
): Record<string, { value: Name }> {
  return Object.fromEntries(
    names.map((value) => [value.toUpperCase().replaceAll("-", "_"), { value }]),
  );
}

const SyncFindingState = builder.enumType("SyncFindingState", {
  description:
    "From worst to best. WAIT: nothing is known to be wrong, but not all is known or done yet.",
  values: enumValues(findingStates),
});

const SyncSentencePart = builder.objectRef<Part>("SyncSentencePart").implement({
  description: "Text, or a time that is to be shown as its age.",
  authScopes: { admin: true },
  fields: (t) => ({
    text: t.string({ resolve: (part) => (typeof part === "string" ? part : null) }),
    at: t.field({
      type: "DateTime",
      resolve: (part) => (typeof part === "string" ? null : part),
    }),
  }),
});

const SyncFinding = builder.objectRef<Finding & { now: Date }>("SyncFinding").implement({
  description: "What was found about the sync, and what to do about it.",
  authScopes: { admin: true },
  fields: (t) => ({
    code: t.exposeString("code", { nullable: false, description: "Such as dead or no-worker." }),
    state: t.expose("state", { type: SyncFindingState, nullable: false }),
    sentence: t.string({
      nullable: false,
      description: "The sentence with ages as of this response.",
      resolve: ({ sentence, now }) => sentenceText(sentence, now),
    }),
    parts: t.field({
      type: [SyncSentencePart],
      nullable: false,
      description: "The same sentence, for a client that keeps the ages current.",
      resolve: ({ sentence }) => sentence,
    }),
    remedy: t.exposeString("remedy", {
      description: "What clears it. Commands and variables are between backticks.",
    }),
    commands: t.stringList({
      nullable: false,
      description: "The commands in the remedy.",
      resolve: ({ remedy }) => commandsIn(remedy),
    }),
    href: t.exposeString("href", { description: "The console's page with what it counts." }),
    since: t.expose("since", { type: "DateTime" }),
  }),
});

const ConnectionMode = builder.enumType("ConnectionMode", {
  description: "How the app reaches Postgres: directly, or through a connection pooler.",
  values: enumValues(["direct", "pooled"] as const),
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
        "What failed: clerk, clerk-key, clerk-organization, clerk-silent, secret, not-reachable, not-subscribed or not-sent. Null without a fault or while running.",
    }),
  }),
});

const SyncRun = builder.objectRef<NonNullable<Figures["lastRun"]>>("SyncRun").implement({
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

const RefusedTimestamp = builder
  .objectRef<NonNullable<Figures["refusedTimestamp"]>>("RefusedTimestamp")
  .implement({
    description: "A webhook with a good signature that was refused for its timestamp.",
    authScopes: { admin: true },
    fields: (t) => ({
      at: t.expose("at", { type: "DateTime", nullable: false }),
      secondsAgo: t.exposeInt("secondsAgo", {
        nullable: false,
        description: "How old it was by this server's clock, in s; negative for the future.",
      }),
    }),
  });

const SyncState = builder.objectRef<Health>("SyncState").implement({
  description:
    "The state of the sync with Clerk. Figures are null while the database gives none; the first finding then says why.",
  authScopes: { admin: true },
  fields: (t) => {
    const count = (description: string, of: (figures: Figures) => number) =>
      t.int({ description, resolve: ({ figures }) => figures && of(figures) });
    return {
      findings: t.field({
        type: [SyncFinding],
        nullable: false,
        description: "From worst to best; never empty. The first is the verdict.",
        resolve: ({ findings, at }) => findings.map((finding) => ({ ...finding, now: at })),
      }),
      pipeline: t.expose("pipeline", { type: [PipelineStage], nullable: false }),
      connectionMode: t.expose("mode", { type: ConnectionMode }),
      newestAt: t.field({
        type: "DateTime",
        description: "When the newest delivery was received.",
        resolve: ({ figures }) => figures?.deliveries.newestAt,
      }),
      lagMs: t.float({
        description: "The delay of the newest settled delivery in ms, from its event at Clerk.",
        resolve: ({ figures }) => figures?.deliveries.lagMs,
      }),
      pending: count(
        "Deliveries that are recorded but not applied yet.",
        ({ deliveries }) => deliveries.lists.pending.count,
      ),
      oldestPendingAt: t.field({
        type: "DateTime",
        resolve: ({ figures }) => figures?.deliveries.lists.pending.oldestAt,
      }),
      dead: count(
        "Dead letters: deliveries whose last retry failed.",
        ({ deliveries }) => deliveries.lists.dead.count,
      ),
      quarantined: count(
        "Deliveries from another Clerk instance.",
        ({ deliveries }) => deliveries.lists.quarantined.count,
      ),
      unreadable: count(
        "Verified deliveries that could not be read, so nothing was applied.",
        ({ deliveries }) => deliveries.lists.unreadable.count,
      ),
      partial: count(
        "Applied deliveries with attributes that could not be read.",
        ({ deliveries }) => deliveries.lists.partial.count,
      ),
      unknown: count(
        "Deliveries of the last day whose event type Rollcall does not handle.",
        ({ deliveries }) => deliveries.lists.unknown.count,
      ),
      provisioning: count(
        "Users who have signed in and could not be read from Clerk yet.",
        ({ provisionings }) => provisionings.count,
      ),
      unreadAtClerk: count(
        "Objects that the newest reconciliation could not read, or only in part.",
        ({ runs }) => runs.unreadable + runs.partial,
      ),
      clockAheadMs: t.float({
        description: "This server's clock minus the database's, in ms.",
        resolve: ({ figures }) => figures?.database.clockAheadMs,
      }),
      refusedTimestamp: t.field({
        type: RefusedTimestamp,
        description: "The newest webhook that was refused for its timestamp.",
        resolve: ({ figures }) => figures?.refusedTimestamp,
      }),
      workerHeartbeatAt: t.field({
        type: "DateTime",
        resolve: ({ figures }) => figures?.worker.workerHeartbeatAt,
      }),
      isCanarySet: t.boolean({ resolve: ({ figures }) => figures?.canary.isSet }),
      canary: t.field({
        type: CanaryRound,
        description: "The newest canary round.",
        resolve: ({ figures }) => figures?.canary.newest,
      }),
      lastRun: t.field({ type: SyncRun, resolve: ({ figures }) => figures?.lastRun }),
      outdatedJwtKeyAt: t.field({
        type: "DateTime",
        description: "When Clerk last signed a session token with a key that CLERK_JWT_KEY lacks.",
        resolve: ({ figures }) => figures?.keys.outdatedJwtKeyAt,
      }),
    };
  },
});

builder.queryField("syncState", (t) =>
  t.field({
    type: SyncState,
    nullable: false,
    authScopes: { admin: true },
    resolve: () => findHealth(),
  }),
);
