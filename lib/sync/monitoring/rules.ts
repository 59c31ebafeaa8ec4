/**
 * The rules that find problems, in order: of two problems of equal severity, the earlier rule's comes first. Each returns its
 * finding, or null. Pure.
 */
import { paths } from "../../paths";
import type { Facts, RunFacts } from "./facts";
import { counted, deliveriesOf, type Finding, type Part, say, shortId } from "./finding";
import { type CanaryFault, isCanaryFault, type PipelineStage } from "./pipeline";

type Rule = (facts: Facts, pipeline: PipelineStage[]) => Finding | null;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Longer than the worker's own retries usually take; shorter than the hours until a delivery is a dead letter. */
const PENDING_OLD_MS = 15 * MINUTE;
const LATE_MS = 5 * MINUTE;
const CLOCK_TOLERANCE_MS = 5 * SECOND;
const SLOW_MS = 2 * SECOND;
/** The share of the server's connections that is close to its limit. */
const CONNECTIONS_SHARE = 0.9;
/** The schedule is daily; a run may take a while. */
const RECONCILIATION_EVERY_MS = 26 * HOUR;
/** A paused run is resumed after 15 minutes. */
const RESUMED_WITHIN_MS = 30 * MINUTE;
/** A round starts every 15 minutes. */
const CANARY_EVERY_MS = 45 * MINUTE;

const ageOf = (facts: Facts, at: Date) => facts.now.getTime() - at.getTime();
const inSeconds = (ms: number) => `${Math.round(Math.abs(ms) / SECOND)} s`;
const isAre = (count: number) => (count === 1 ? "is" : "are");

/** A missing table or column is a missing migration. */
const hasMigrationHint = (error: string | null) =>
  error !== null && /^SQLSTATE (42P01|42703|3F000)$/.test(error);

/** The cause of failed deliveries, in a sentence of its own. */
function causeText(error: string | null): string {
  if (error === null) return "";
  const hint = hasMigrationHint(error) ? ", a missing migration" : "";
  return ` Most frequent cause: ${error}${hint}.`;
}

function fixText(error: string | null): string {
  return hasMigrationHint(error)
    ? "Run `npm run db:migrate`"
    : "Fix the cause (the log has it by the message’s id)";
}

const readOnly: Rule = ({ database }) =>
  database.isReadOnly
    ? {
        code: "read-only",
        state: "bad",
        sentence: say`The database is read-only. Webhooks are answered with 503, and Clerk sends them again.`,
        remedy:
          "Point `DATABASE_URL` to the primary, or switch `default_transaction_read_only` off. A server that is nearly out of disk may have switched it on.",
        href: null,
        since: null,
      }
    : null;

function quarantinedRemedy(arriving: string): string {
  return `If ${arriving} is the right instance, set \`CLERK_INSTANCE_ID\` or the secret key of that instance, restart, and run \`npm run replay -- --quarantined\`. If it is not, remove this app’s endpoint from it and run \`npm run replay -- --quarantined --discard\`.`;
}

const quarantined: Rule = ({ deliveries, keys }) => {
  const { recent, arrivingInstance, lists } = deliveries;
  const { count, newestAt, oldestAt } = lists.quarantined;
  if (count === 0) return null;
  const arriving = arrivingInstance ? shortId(arrivingInstance) : "another instance";
  const expected = keys.configuredInstance ?? keys.instanceOfKey;
  const source = keys.configuredInstance ? "CLERK_INSTANCE_ID" : "CLERK_SECRET_KEY";
  const ours = expected ? `${shortId(expected)} (${source})` : `the instance of ${source}`;
  const common = {
    remedy: quarantinedRemedy(arriving),
    href: paths.healthDeliveries("quarantined"),
    since: oldestAt,
  };
  if (recent.quarantined * 2 > recent.total) {
    const sentence = say`${String(recent.quarantined)} of the last ${deliveriesOf(recent.total)} came from Clerk instance ${arriving}, not from ${ours}. ${count === 1 ? "It is" : `All ${String(count)} are`} quarantined, the newest ${newestAt}.`;
    return { code: "wrong-instance", state: "bad", sentence, ...common };
  }
  const sentence = say`${deliveriesOf(count)} from another Clerk instance than ${ours} ${isAre(count)} quarantined, the newest ${newestAt}.`;
  return { code: "quarantined", state: "warn", sentence, ...common };
};

const canaryTexts: Record<CanaryFault, (at: Date) => { sentence: Part[]; remedy: string }> = {
  clerk: (at) => ({
    sentence: say`Clerk’s API answered the canary’s change with an error ${at}.`,
    remedy: "The log has Clerk’s answer (“canary”). Clerk’s status page may say more.",
  }),
  "clerk-key": (at) => ({
    sentence: say`Clerk’s API refused CLERK_SECRET_KEY ${at}.`,
    remedy:
      "Copy the secret key of this instance from Clerk’s dashboard, under API keys, and restart.",
  }),
  "clerk-organization": (at) => ({
    sentence: say`Clerk does not know the organization in CANARY_ORGANIZATION_ID, as of ${at}.`,
    remedy:
      "Set `CANARY_ORGANIZATION_ID` to an organization of this instance, or check that `CLERK_SECRET_KEY` belongs to this instance. Then restart.",
  }),
  "clerk-silent": (at) => ({
    sentence: say`Clerk’s API did not answer the canary ${at}.`,
    remedy:
      "Check that this machine may call api.clerk.com (or `CLERK_API_URL`), and Clerk’s status page.",
  }),
  "not-subscribed": (at) => ({
    sentence: say`Some events are not subscribed: others arrived, but organization.updated did not, as of ${at}.`,
    remedy: "In Clerk’s dashboard, under Webhooks, subscribe the endpoint to all events.",
  }),
  "not-sent": (at) => ({
    sentence: say`Clerk is not sending webhooks: it accepted a change ${at}, but no webhook arrived within a minute.`,
    remedy:
      "In Clerk’s dashboard, under Webhooks, check that the endpoint exists and is enabled, and recover its failed messages. Clerk disables an endpoint after five days of failures.",
  }),
  "not-reachable": (at) => ({
    sentence: say`The webhook endpoint was not reachable ${at}.`,
    remedy:
      "`GET /api/webhooks/clerk` at `APP_URL` must answer 405. Check `APP_URL`, DNS, the certificate, and any proxy in front of the app.",
  }),
  secret: (at) => ({
    sentence: say`A webhook of Clerk was refused ${at}: its signature does not verify with CLERK_WEBHOOK_SIGNING_SECRET.`,
    remedy:
      "Copy the endpoint’s signing secret from Clerk’s dashboard, under Webhooks, and restart. If it is the same, look for a proxy that changes the body.",
  }),
};

/** A stage that later deliveries show to work is not broken, whatever the round found. */
const brokenStage: Rule = ({ canary }, pipeline) => {
  const broken = pipeline.find(({ name, state }) => name !== "worker" && state === "broken");
  const round = canary.ended;
  if (!broken || !round?.fault || !isCanaryFault(round.fault)) return null;
  const { sentence, remedy } = canaryTexts[round.fault](round.startedAt);
  return { code: round.fault, state: "bad", sentence, remedy, href: null, since: round.startedAt };
};

const refusedTimestamp: Rule = (facts) => {
  const { refusedTimestamp: refused, deliveries } = facts;
  if (refused === null) return null;
  const isAccepted = deliveries.newestAt !== null && deliveries.newestAt > refused.at;
  if (isAccepted && ageOf(facts, refused.at) > HOUR) return null;
  const distance = `${Math.abs(refused.secondsAgo)} s ${refused.secondsAgo > 0 ? "old" : "in the future"}`;
  const accepted = isAccepted ? " Later ones were accepted." : " None was accepted since.";
  return {
    code: "refused-timestamp",
    state: isAccepted ? "warn" : "bad",
    sentence: say`A webhook with a good signature was refused ${refused.at}: by this server’s clock, it was ${distance}; 300 s are allowed.${accepted}`,
    remedy:
      "Correct this server’s clock (NTP), or the proxy that delays requests. The next webhook that is accepted clears this, at the latest an hour after the refusal.",
    href: null,
    since: refused.at,
  };
};

const clerkAhead: Rule = ({ clerkAhead: ahead, deliveries }) =>
  ahead.count > 0
    ? {
        code: "endpoint-silent",
        state: "bad",
        sentence: say`Clerk’s API showed ${counted(ahead.count, "newer change")}, the newest ${ahead.newestAt}, for which no webhook arrived. Last event ${deliveries.newestAt}.`,
        remedy:
          "In Clerk’s dashboard, under Webhooks, check that the endpoint exists and is enabled, and recover its failed messages; the first that arrives clears this. `npm run sync` repairs the mirror meanwhile.",
        href: null,
        since: deliveries.newestAt,
      }
    : null;

const keysMismatch: Rule = ({ keys }) => {
  const { publishable, secret, configuredInstance, instanceOfKey } = keys;
  const common = { code: "keys", state: "bad", href: null, since: null } as const;
  if (publishable !== secret) {
    return {
      ...common,
      sentence: say`NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY is a ${publishable} key and CLERK_SECRET_KEY a ${secret} key, so they belong to different Clerk instances.`,
      remedy: "Copy both keys from the same instance in Clerk’s dashboard, build, and restart.",
    };
  }
  if (configuredInstance && instanceOfKey && configuredInstance !== instanceOfKey) {
    return {
      ...common,
      sentence: say`CLERK_INSTANCE_ID is ${shortId(configuredInstance)}, but CLERK_SECRET_KEY belongs to ${shortId(instanceOfKey)}.`,
      remedy:
        "Remove `CLERK_INSTANCE_ID`, or set it and `CLERK_SECRET_KEY` to the same instance, and restart.",
    };
  }
  return null;
};

const outdatedJwtKey: Rule = ({ keys: { outdatedJwtKeyAt: at } }) =>
  at
    ? {
        code: "outdated-jwt-key",
        state: "warn",
        sentence: say`Clerk signed a session token ${at} with a key that CLERK_JWT_KEY lacks. Tokens are verified only while Clerk’s keys can be fetched.`,
        remedy:
          "Add the key from Clerk’s dashboard, under API keys, JWT public key, to `CLERK_JWT_KEY`, and restart.",
        href: null,
        since: at,
      }
    : null;

const deadLetters: Rule = ({ deliveries }) => {
  const { count, oldestAt } = deliveries.lists.dead;
  const { deadError } = deliveries;
  return count > 0
    ? {
        code: "dead",
        state: "bad",
        sentence: say`${deliveriesOf(count)} could not be applied in 8 attempts, the oldest received ${oldestAt}.${causeText(deadError)}`,
        remedy: `Nothing is lost. ${fixText(deadError)}, then run \`npm run replay -- --dead\`. What must not be applied is discarded by \`npm run replay -- --dead --discard\`.`,
        href: paths.healthDeliveries("dead"),
        since: oldestAt,
      }
    : null;
};

const noWorker: Rule = ({ worker }) =>
  worker.isWorkerRunning
    ? null
    : {
        code: "no-worker",
        state: "warn",
        sentence: worker.workerHeartbeatAt
          ? say`No background worker is running; one was last seen ${worker.workerHeartbeatAt}. Failed deliveries are not retried, and nothing is reconciled.`
          : say`No background worker has ever run. Failed deliveries are not retried, and nothing is reconciled.`,
        remedy:
          "Set `ROLLCALL_WORKER=in-app`, run `npm run worker` as a second process, or call `/api/cron` every minute from a scheduler.",
        href: null,
        since: worker.workerHeartbeatAt,
      };

const canaryOverdue: Rule = (facts) => {
  const { canary, worker } = facts;
  if (!canary.isSet || !worker.isWorkerRunning) return null;
  const at = canary.newest?.startedAt ?? null;
  if (at === null || ageOf(facts, at) <= CANARY_EVERY_MS) return null;
  return {
    code: "canary-overdue",
    state: "warn",
    sentence: say`The canary last ran ${at}; it should run every 15 minutes.`,
    remedy:
      "The worker that is running may be of another release or environment: restart it with `CANARY_ORGANIZATION_ID` set.",
    href: null,
    since: at,
  };
};

type Problem = { sentence: Part[]; remedy: string; state?: "wait" };

const UNKNOWN_REASON = "the reason is unknown.";
const asSentence = (reason: string | null) =>
  reason ? `${reason.replace(/\.$/, "")}.` : UNKNOWN_REASON;

function failedRun(run: RunFacts, lastDoneAt: Date | null): Problem {
  const complete = lastDoneAt
    ? say` The last complete one ended ${lastDoneAt}.`
    : say` None was ever complete.`;
  const at = run.endedAt ?? run.startedAt;
  const sentence = [
    ...say`The last reconciliation ${run.isDeletionLimit ? "stopped" : "failed"} ${at}: ${asSentence(run.reason)}`,
    ...complete,
  ];
  return {
    sentence,
    remedy: run.isDeletionLimit
      ? "If they were deleted at Clerk on purpose, run `npm run sync -- --force`. If not, check that `CLERK_SECRET_KEY` belongs to the right instance, then run `npm run sync`."
      : "Run `npm run sync`; it prints the error, or clears this.",
  };
}

function runProblem(facts: Facts): Problem | null {
  const { lastRepair: run, lastDoneAt, isLeaseHeld } = facts.runs;
  if (run?.status === "failed") return failedRun(run, lastDoneAt);
  if (run?.status === "running" && !isLeaseHeld) {
    return {
      sentence: say`The last reconciliation began ${run.startedAt} and was interrupted.`,
      remedy: "Run `npm run sync`: it continues where that one was.",
    };
  }
  if (run?.status === "paused") {
    const at = run.endedAt ?? run.startedAt;
    const isLate = ageOf(facts, at) > RESUMED_WITHIN_MS;
    return {
      sentence: say`The reconciliation paused ${at}: ${asSentence(run.reason)}`,
      remedy: isLate
        ? "The worker should have continued it. Run `npm run sync` to continue it now."
        : "The worker continues it within 15 minutes; `npm run sync` continues it now.",
      ...(isLate ? {} : { state: "wait" }),
    };
  }
  const isRunning = run?.status === "running";
  const dueSince = lastDoneAt ?? facts.setUpAt;
  if (isRunning || dueSince === null || ageOf(facts, dueSince) <= RECONCILIATION_EVERY_MS)
    return null;
  return {
    sentence: lastDoneAt
      ? say`The last reconciliation ended ${lastDoneAt}; one should run every night.`
      : say`The mirror was never compared with Clerk since it was set up ${dueSince}.`,
    remedy: "Run `npm run sync`. A running worker does it every night at 02:41 UTC.",
  };
}

const reconciliation: Rule = (facts) => {
  const problem = runProblem(facts);
  if (!problem) return null;
  const { lastRepair, lastDoneAt } = facts.runs;
  return {
    code: "reconciliation",
    state: problem.state ?? "warn",
    sentence: problem.sentence,
    remedy: problem.remedy,
    href: null,
    since: lastRepair?.endedAt ?? lastDoneAt ?? facts.setUpAt,
  };
};

const unreadable: Rule = ({ deliveries }) => {
  const { count, newestAt, oldestAt } = deliveries.lists.unreadable;
  return count > 0
    ? {
        code: "unreadable",
        state: "warn",
        sentence: say`${deliveriesOf(count)} could not be read and ${count === 1 ? "was" : "were"} not applied, the newest ${newestAt}.`,
        remedy:
          "The list has the attributes. After an update of Rollcall that reads them, run `npm run replay -- --unreadable`. `npm run sync` reads the objects from Clerk; then `npm run replay -- --unreadable --discard` clears this.",
        href: paths.healthDeliveries("unreadable"),
        since: oldestAt,
      }
    : null;
};

const unreadAtClerk: Rule = ({ runs }) => {
  const { unreadable: objects, partial, unreadAt } = runs;
  if (objects + partial === 0) return null;
  const what =
    objects > 0
      ? `${counted(objects, "object")} at Clerk could not be read`
      : `${counted(partial, "object")} at Clerk had attributes that could not be read`;
  return {
    code: "unread-at-clerk",
    state: "warn",
    sentence: say`${what} by the reconciliation of ${unreadAt}. Everything else was compared.`,
    remedy:
      "The list has their attributes. Correct them at Clerk, or update Rollcall; then run `npm run sync`.",
    href: paths.healthUnread,
    since: unreadAt,
  };
};

const partial: Rule = (facts) => {
  const { count, newestAt, oldestAt } = facts.deliveries.lists.partial;
  if (count === 0 || newestAt === null) return null;
  return {
    code: "partial",
    state: "warn",
    sentence: say`${deliveriesOf(count)} had attributes that could not be read, the newest ${newestAt}. These attributes are empty in the mirror; the rest was applied.`,
    remedy:
      "The list has the attributes. After an update of Rollcall, run `npm run replay -- --partial`. To accept them as empty, run `npm run replay -- --partial --discard`.",
    href: paths.healthDeliveries("partial"),
    since: oldestAt,
  };
};

const provisionings: Rule = ({ provisionings: { count, oldestAt } }) =>
  count > 0
    ? {
        code: "provisioning",
        state: "warn",
        sentence: say`${counted(count, "person has", "people have")} signed in, but Clerk’s details of them could not be loaded, the first ${oldestAt}.`,
        remedy:
          "Rollcall retries at growing intervals. The list has the reasons and a button to try again. `npm run sync` loads everybody whom Clerk lists; the worker then clears this within a minute.",
        href: paths.healthProvisioning,
        since: oldestAt,
      }
    : null;

const clocks: Rule = ({ database, deliveries }) => {
  const ahead = database.clockAheadMs;
  const remedy = "Synchronize both clocks (NTP).";
  const common = { code: "clocks", state: "warn", href: null, since: null } as const;
  if (Math.abs(ahead) > CLOCK_TOLERANCE_MS) {
    return {
      ...common,
      sentence: say`This server’s clock is ${inSeconds(ahead)} ${ahead > 0 ? "ahead of" : "behind"} the database’s; 5 s are allowed.`,
      remedy,
    };
  }
  if (deliveries.lagMs !== null && deliveries.lagMs < -CLOCK_TOLERANCE_MS) {
    return {
      ...common,
      sentence: say`The newest event is ${inSeconds(deliveries.lagMs)} in the future by the database’s clock.`,
      remedy: "Synchronize the database’s clock (NTP). The next event shows whether it is right.",
    };
  }
  return null;
};

/** A day after it, an event says nothing about how late the next one will be. */
const late: Rule = (facts) => {
  const { lagMs, newestAt } = facts.deliveries;
  if (lagMs === null || lagMs <= LATE_MS) return null;
  if (newestAt === null || ageOf(facts, newestAt) > 24 * HOUR) return null;
  return {
    code: "late",
    state: "warn",
    sentence: say`The newest event took ${String(Math.round(lagMs / MINUTE))} min from Clerk to the mirror. It arrived ${newestAt}.`,
    remedy:
      "Clerk sends an event again when it was not answered with 200: look for refused webhooks in the log, and for failed messages in Clerk’s dashboard. The next event in time clears this.",
    href: null,
    since: newestAt,
  };
};

const slowDatabase: Rule = ({ database: { tookMs } }) =>
  tookMs > SLOW_MS
    ? {
        code: "slow-database",
        state: "warn",
        sentence: say`The database took ${(tookMs / SECOND).toFixed(1)} s to answer this check.`,
        remedy:
          "Look for locks and slow statements in `pg_stat_activity`, and at the server’s load.",
        href: null,
        since: null,
      }
    : null;

const connections: Rule = ({ database: { connections: used, maxConnections } }) =>
  used >= maxConnections * CONNECTIONS_SHARE
    ? {
        code: "connections",
        state: "warn",
        sentence: say`${String(used)} of the ${String(maxConnections)} connections that the database server accepts are in use.`,
        remedy: "Lower `DATABASE_POOL_SIZE`, put a pooler in front, or raise `max_connections`.",
        href: null,
        since: null,
      }
    : null;

const noDirectUrl: Rule = ({ database: { mode, isDirectUrlSet } }) =>
  mode === "pooled" && !isDirectUrlSet
    ? {
        code: "no-direct-url",
        state: "warn",
        sentence: say`Connections go through a pooler, and DIRECT_DATABASE_URL is not set. Push updates, locks and the worker’s queue need a direct connection.`,
        remedy: "Set `DIRECT_DATABASE_URL` to the server itself, and restart.",
        href: null,
        since: null,
      }
    : null;

const pending: Rule = (facts) => {
  const { pendingError, lists } = facts.deliveries;
  const { count, oldestAt } = lists.pending;
  if (count === 0 || oldestAt === null) return null;
  const isOld = ageOf(facts, oldestAt) > PENDING_OLD_MS;
  return {
    code: "pending",
    state: isOld ? "warn" : "wait",
    sentence: say`${deliveriesOf(count)} ${isAre(count)} pending, the oldest ${oldestAt}.${causeText(pendingError)}`,
    remedy:
      isOld || hasMigrationHint(pendingError)
        ? `${fixText(pendingError)}, then run \`npm run replay -- --pending\`.`
        : "Rollcall retries at growing intervals; `npm run replay -- --pending` tries now.",
    href: paths.healthDeliveries("pending"),
    since: oldestAt,
  };
};

/** `quarantined` comes right after the database: when most events are of another instance, nothing else is worth reading. */
export const rules: Rule[] = [
  readOnly,
  quarantined,
  keysMismatch,
  brokenStage,
  refusedTimestamp,
  clerkAhead,
  deadLetters,
  noWorker,
  canaryOverdue,
  outdatedJwtKey,
  reconciliation,
  unreadable,
  unreadAtClerk,
  partial,
  provisionings,
  clocks,
  late,
  slowDatabase,
  connections,
  noDirectUrl,
  pending,
];
