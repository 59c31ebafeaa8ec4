/** Tests the verdict for a table of states: each row has the expected finding, sentence and remedy. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { explainDatabaseError } from "../../database-fault";
import type { Facts } from "./facts";
import { canaryFaults } from "./pipeline";
import { assess, assessFault, commandsIn, sentenceText, worstState } from "./verdict";

const now = new Date("2026-11-28T12:00:00Z");
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const ago = (ms: number) => new Date(now.getTime() - ms);

const none = { count: 0, oldestAt: null, newestAt: null };
const some = (count: number, oldest: number, newest = oldest) => ({
  count,
  oldestAt: ago(oldest),
  newestAt: ago(newest),
});

/**
 * Returns the facts of a sync without a problem: an event 3 s ago, a worker, no canary, and a complete reconciliation last night.
 */
function healthy(): Facts {
  return {
    now,
    setUpAt: ago(30 * DAY),
    database: {
      mode: "direct",
      isDirectUrlSet: false,
      isReadOnly: false,
      tookMs: 4,
      clockAheadMs: 2,
      connections: 12,
      maxConnections: 97,
      replica: null,
    },
    keys: {
      publishable: "live",
      secret: "live",
      configuredInstance: null,
      instanceOfKey: "ins_2abcdefghijklmnopqrstuvwxyz",
      outdatedJwtKeyAt: null,
    },
    deliveries: {
      newestAt: ago(3 * SECOND),
      lagMs: 400,
      recent: { total: 50, quarantined: 0 },
      arrivingInstance: null,
      lists: {
        pending: none,
        dead: none,
        quarantined: none,
        unreadable: none,
        partial: none,
        unknown: none,
      },
      pendingError: null,
      partitionedUntil: ago(-28 * DAY),
      deadError: null,
    },
    refusedTimestamp: null,
    refusedSize: null,
    clerkAhead: { count: 0, newestAt: null },
    provisionings: { count: 0, oldestAt: null },
    effects: { dead: null, due: null, unhandled: null },
    feed: { disabled: [], failing: [] },
    erasures: { refusal: null, brake: null, late: null, failingCalls: [] },
    worker: { isWorkerRunning: true, workerHeartbeatAt: ago(2 * SECOND) },
    canary: { isSet: false, newest: null, ended: null },
    runs: {
      lastRepair: {
        mode: "repair",
        status: "done",
        startedAt: ago(10 * HOUR),
        endedAt: ago(9 * HOUR),
        reason: null,
        isDeletionLimit: false,
      },
      lastDoneAt: ago(9 * HOUR),
      isLeaseHeld: false,
      unreadable: 0,
      partial: 0,
      unreadAt: ago(9 * HOUR),
    },
  };
}

type Change = (facts: Facts) => void;

function list(
  name: keyof Facts["deliveries"]["lists"],
  facts = none as Facts["deliveries"]["lists"]["dead"],
): Change {
  return ({ deliveries }) => {
    deliveries.lists[name] = facts;
  };
}

const eventAt =
  (at: Date | null): Change =>
  ({ deliveries }) => {
    deliveries.newestAt = at;
  };

function run(
  status: string,
  endedMs: number,
  reason: string | null,
  isDeletionLimit = false,
): Change {
  return ({ runs }) => {
    const endedAt = status === "running" ? null : ago(endedMs);
    const startedAt = ago(endedMs + MINUTE);
    runs.lastRepair = { mode: "repair", status, startedAt, endedAt, reason, isDeletionLimit };
  };
}

const canaryFound =
  (fault: string): Change =>
  ({ canary, deliveries }) => {
    const round = { startedAt: ago(2 * MINUTE), arrivedAt: null, fault };
    Object.assign(canary, { isSet: true, newest: round, ended: round });
    deliveries.newestAt = ago(10 * MINUTE);
  };

const quarantinedOf =
  (recent: number, count: number): Change =>
  ({ deliveries }) => {
    deliveries.recent = { total: 50, quarantined: recent };
    deliveries.arrivingInstance = "ins_9zyxwvutsrqponmlkjihgfedcba";
    deliveries.lists.quarantined = some(count, DAY, 3 * SECOND);
  };

const all =
  (...changes: Change[]): Change =>
  (facts) => {
    for (const change of changes) change(facts);
  };

type Row = [
  name: string,
  change: Change,
  code: string,
  state: string,
  sentence: RegExp,
  remedy: RegExp | null,
];

const table: Row[] = [
  ["all is well", () => undefined, "current", "good", /^Up to date\. Last event 3 s ago\.$/, null],
  [
    "nothing was ever received, and the database is new",
    all(eventAt(null), (facts) => {
      facts.setUpAt = ago(5 * MINUTE);
    }),
    "no-events",
    "wait",
    /^No webhook has been received since this database was set up 5 min ago\.$/,
    /`\/api\/webhooks\/clerk` as an endpoint.*`npm run sync`/,
  ],
  [
    "nothing was ever received in two days",
    all(eventAt(null), (facts) => {
      facts.setUpAt = ago(2 * DAY);
    }),
    "no-events",
    "warn",
    /^No webhook has been received since this database was set up 2 d ago\.$/,
    /`\/api\/webhooks\/clerk` as an endpoint/,
  ],
  [
    "the newest event is 3 days old while the canary is off",
    eventAt(ago(3 * DAY)),
    "quiet",
    "wait",
    /^Last event 3 d ago, last compared with Clerk 9 h ago\. The canary is off, so a quiet instance and a broken endpoint look the same\.$/,
    /change a user.*`CANARY_ORGANIZATION_ID`.*`npm run sync -- --dry-run`/,
  ],
  [
    "the newest event is 3 days old while the canary is off, and nothing was compared since",
    all(eventAt(ago(3 * DAY)), ({ runs }) => {
      runs.lastRepair = null;
      runs.lastDoneAt = ago(4 * DAY);
    }),
    "reconciliation",
    "warn",
    /^The last reconciliation ended 4 d ago; one should run every night\.$/,
    /`npm run sync`/,
  ],
  [
    "the newest event is 3 days old while the canary is on but has not run",
    all(eventAt(ago(3 * DAY)), ({ canary }) => {
      const round = { startedAt: ago(3 * DAY), arrivedAt: ago(3 * DAY), fault: null };
      Object.assign(canary, { isSet: true, newest: round, ended: round });
    }),
    "canary-overdue",
    "warn",
    /^The canary last ran 3 d ago; it should run every 15 minutes\.$/,
    /`CANARY_ORGANIZATION_ID`/,
  ],
  [
    "the newest event is 3 days old and the canary of this minute was not sent",
    all(canaryFound("not-sent"), eventAt(ago(3 * DAY))),
    "not-sent",
    "bad",
    /^Clerk is not sending webhooks: it accepted a change 2 min ago, but no webhook arrived within a minute\.$/,
    /enabled/,
  ],
  [
    "no event arrives while Clerk's API shows newer changes",
    all(eventAt(ago(3 * DAY)), (facts) => {
      facts.clerkAhead = { count: 4, newestAt: ago(20 * MINUTE) };
    }),
    "endpoint-silent",
    "bad",
    /^Clerk’s API showed 4 newer changes, the newest 20 min ago, for which no webhook arrived\. Last event 3 d ago\.$/,
    /endpoint exists and is enabled.*`npm run sync`/,
  ],
  [
    "most of the last deliveries are quarantined, while there are dead letters and no worker",
    all(quarantinedOf(48, 112), list("dead", some(2, HOUR)), (facts) => {
      facts.worker.isWorkerRunning = false;
    }),
    "wrong-instance",
    "bad",
    /^48 of the last 50 deliveries came from Clerk instance ins_9zyx…dcba, not from ins_2abc…wxyz \(CLERK_SECRET_KEY\)\. All 112 are quarantined, the newest 3 s ago\.$/,
    /If ins_9zyx…dcba is the right instance.*`npm run replay -- --quarantined`.*`npm run replay -- --quarantined --discard`/,
  ],
  [
    "most are quarantined because of CLERK_INSTANCE_ID",
    all(quarantinedOf(26, 26), ({ keys }) => {
      keys.configuredInstance = "ins_1111111111111111111111";
      keys.instanceOfKey = null;
    }),
    "wrong-instance",
    "bad",
    /not from ins_1111…1111 \(CLERK_INSTANCE_ID\)/,
    /set `CLERK_INSTANCE_ID`/,
  ],
  [
    "a few of the last deliveries are quarantined",
    quarantinedOf(2, 2),
    "quarantined",
    "warn",
    /^2 deliveries from another Clerk instance than ins_2abc…wxyz \(CLERK_SECRET_KEY\) are quarantined, the newest 3 s ago\.$/,
    /`npm run replay -- --quarantined`/,
  ],
  [
    "a webhook request was too large, since the last reconciliation",
    (facts) => {
      facts.refusedSize = { bytes: 3_000_000, mostBytes: 2_097_152, at: ago(5 * MINUTE) };
    },
    "too-large",
    "wait",
    /^A webhook request was refused 5 min ago: its body of 3,000,000 bytes is larger than 2,097,152 bytes\. It was not read, so its sender may not be Clerk\.$/,
    /failed message.*`npm run sync`/,
  ],
  [
    "a webhook request of unknown length was too large, in a new database",
    (facts) => {
      facts.setUpAt = ago(HOUR);
      facts.runs.lastDoneAt = null;
      facts.refusedSize = { bytes: null, mostBytes: 2_097_152, at: ago(5 * MINUTE) };
    },
    "too-large",
    "wait",
    /^A webhook request was refused 5 min ago: its body is larger than 2,097,152 bytes\./,
    /failed message/,
  ],
  [
    "a webhook request was too large, before the last reconciliation",
    (facts) => {
      facts.refusedSize = { bytes: 3_000_000, mostBytes: 2_097_152, at: ago(10 * HOUR) };
    },
    "current",
    "good",
    /^Up to date\./,
    null,
  ],
  [
    "a delivery is pending since seconds",
    list("pending", some(1, 4 * SECOND)),
    "pending",
    "wait",
    /^1 delivery is pending, the oldest 4 s ago\.$/,
    /retries.*`npm run replay -- --pending`/,
  ],
  [
    "deliveries are pending since an hour because of a missing migration",
    all(list("pending", some(3, HOUR)), ({ deliveries }) => {
      deliveries.pendingError = "SQLSTATE 42703";
    }),
    "pending",
    "warn",
    /^3 deliveries are pending, the oldest 1 h ago\. Most frequent cause: SQLSTATE 42703, a missing migration\.$/,
    /`npm run db:migrate`, then run `npm run replay -- --pending`/,
  ],
  [
    "there are dead letters",
    all(list("dead", some(2, 5 * HOUR)), ({ deliveries }) => {
      deliveries.deadError = "SQLSTATE P0001";
    }),
    "dead",
    "bad",
    /^2 deliveries could not be applied in 8 attempts, the oldest received 5 h ago\. Most frequent cause: SQLSTATE P0001\.$/,
    /Nothing is lost.*`npm run replay -- --dead`.*`npm run replay -- --dead --discard`/,
  ],
  [
    "deliveries could not be read",
    list("unreadable", some(1, HOUR)),
    "unreadable",
    "warn",
    /^1 delivery could not be read and was not applied, the newest 1 h ago\.$/,
    /`npm run replay -- --unreadable`.*`npm run sync`.*`npm run replay -- --unreadable --discard`/,
  ],
  [
    "deliveries could be read in part",
    list("partial", some(12, DAY, HOUR)),
    "partial",
    "warn",
    /^12 deliveries had attributes that could not be read, the newest 1 h ago\. These attributes are empty in the mirror; the rest was applied\.$/,
    /`npm run replay -- --partial`/,
  ],
  [
    "the reconciliation could not read objects",
    ({ runs }) => {
      Object.assign(runs, { unreadable: 2, partial: 1 });
    },
    "unread-at-clerk",
    "warn",
    /^2 objects at Clerk could not be read by the reconciliation of 9 h ago\./,
    /`npm run sync`/,
  ],
  [
    "the reconciliation could read an object only in part",
    ({ runs }) => {
      runs.partial = 1;
    },
    "unread-at-clerk",
    "warn",
    /^1 object at Clerk had attributes that could not be read/,
    /`npm run sync`/,
  ],
  [
    "no worker is running",
    ({ worker }) => {
      Object.assign(worker, { isWorkerRunning: false, workerHeartbeatAt: ago(2 * HOUR) });
    },
    "no-worker",
    "warn",
    /^No background worker is running; one was last seen 2 h ago\./,
    /`npm run worker`/,
  ],
  [
    "no worker has ever run",
    ({ worker }) => {
      Object.assign(worker, { isWorkerRunning: false, workerHeartbeatAt: null });
    },
    "no-worker",
    "warn",
    /^No background worker has ever run\./,
    /`ROLLCALL_WORKER=in-app`/,
  ],
  [
    "the mirror was never compared with Clerk",
    ({ runs }) => {
      Object.assign(runs, { lastRepair: null, lastDoneAt: null });
    },
    "reconciliation",
    "warn",
    /^The mirror was never compared with Clerk since it was set up 29 Oct 2026\.$/,
    /`npm run sync`/,
  ],
  [
    "the last reconciliation failed",
    run("failed", 9 * HOUR, "It was interrupted and not continued within a day"),
    "reconciliation",
    "warn",
    /^The last reconciliation failed 9 h ago: It was interrupted and not continued within a day\. The last complete one ended 9 h ago\.$/,
    /`npm run sync`/,
  ],
  [
    "the last reconciliation exceeded its deletion limit",
    run(
      "failed",
      9 * HOUR,
      "More than 5 % of the users no longer exist at Clerk. None was deleted here.",
      true,
    ),
    "reconciliation",
    "warn",
    /^The last reconciliation stopped 9 h ago: More than 5 % of the users no longer exist at Clerk\. None was deleted here\. The last complete one ended 9 h ago\.$/,
    /`npm run sync -- --force`.*`CLERK_SECRET_KEY`/,
  ],
  [
    "a reconciliation was killed",
    run("running", HOUR, null),
    "reconciliation",
    "warn",
    /^The last reconciliation began 1 h ago and was interrupted\.$/,
    /`npm run sync`/,
  ],
  [
    "a reconciliation paused minutes ago",
    run("paused", 5 * MINUTE, "Clerk cannot be reached."),
    "reconciliation",
    "wait",
    /^The reconciliation paused 5 min ago: Clerk cannot be reached\.$/,
    /within 15 minutes/,
  ],
  [
    "a reconciliation paused an hour ago",
    run("paused", HOUR, "Clerk refuses the key: check CLERK_SECRET_KEY."),
    "reconciliation",
    "warn",
    /paused 1 h ago: Clerk refuses the key/,
    /`npm run sync`/,
  ],
  [
    "profiles could not be loaded",
    (facts) => {
      facts.provisionings = { count: 2, oldestAt: ago(10 * MINUTE) };
    },
    "provisioning",
    "warn",
    /^2 people have signed in, but Clerk’s details of them could not be loaded, the first 10 min ago\.$/,
    /try again.*`npm run sync`/,
  ],
  [
    "a webhook was refused for its timestamp, and none was accepted since",
    all(eventAt(ago(HOUR)), (facts) => {
      facts.refusedTimestamp = { secondsAgo: 400, at: ago(MINUTE) };
    }),
    "refused-timestamp",
    "bad",
    /^A webhook with a good signature was refused 1 min ago: by this server’s clock, it was 400 s old; 300 s are allowed\. None was accepted since\.$/,
    /clock/,
  ],
  [
    "a webhook was refused for its timestamp, and later ones were accepted",
    (facts) => {
      facts.refusedTimestamp = { secondsAgo: -400, at: ago(MINUTE) };
    },
    "refused-timestamp",
    "warn",
    /it was 400 s in the future; 300 s are allowed\. Later ones were accepted\.$/,
    /at the latest an hour after/,
  ],
  [
    "this server's clock is behind the database's",
    ({ database }) => {
      database.clockAheadMs = -42_000;
    },
    "clocks",
    "warn",
    /^This server’s clock is 42 s behind the database’s; 5 s are allowed\.$/,
    /NTP/,
  ],
  [
    "the newest event is in the future",
    ({ deliveries }) => {
      deliveries.lagMs = -90_000;
    },
    "clocks",
    "warn",
    /^The newest event is 90 s in the future by the database’s clock\.$/,
    /NTP/,
  ],
  [
    "the newest event came late",
    ({ deliveries }) => {
      deliveries.lagMs = 12 * MINUTE;
    },
    "late",
    "warn",
    /^The newest event took 12 min from Clerk to the mirror\. It arrived 3 s ago\.$/,
    /failed messages/,
  ],
  [
    "the database is slow",
    ({ database }) => {
      database.tookMs = 2_340;
    },
    "slow-database",
    "warn",
    /^The database took 2\.3 s to answer this check\.$/,
    /`pg_stat_activity`/,
  ],
  [
    "the server's connections are nearly used up",
    ({ database }) => {
      database.connections = 95;
    },
    "connections",
    "warn",
    /^95 of the 97 connections that the database server accepts are in use\.$/,
    /`DATABASE_POOL_SIZE`/,
  ],
  [
    "the partitions of the inbox run out",
    ({ deliveries }) => {
      deliveries.partitionedUntil = ago(-6 * DAY);
    },
    "partitions",
    "warn",
    /^The last partition of the inbox ends .*\. Later webhooks are stored in the default partition/,
    /`retention`/,
  ],
  [
    "a pooler is used without a direct URL",
    ({ database }) => {
      database.mode = "pooled";
    },
    "no-direct-url",
    "warn",
    /^Connections go through a pooler, and DIRECT_DATABASE_URL is not set\./,
    /`DIRECT_DATABASE_URL`/,
  ],
  [
    "the database is read-only",
    ({ database }) => {
      database.isReadOnly = true;
    },
    "read-only",
    "bad",
    /^The database is read-only\. Webhooks are answered with 503/,
    /primary/,
  ],
  [
    "the keys are of a live and a test instance",
    ({ keys }) => {
      keys.secret = "test";
    },
    "keys",
    "bad",
    /PUBLISHABLE_KEY is a live key and CLERK_SECRET_KEY a test key/,
    /Copy both keys/,
  ],
  [
    "CLERK_INSTANCE_ID is not the instance of the secret key",
    ({ keys }) => {
      keys.configuredInstance = "ins_1111111111111111111111";
    },
    "keys",
    "bad",
    /^CLERK_INSTANCE_ID is ins_1111…1111, but CLERK_SECRET_KEY belongs to ins_2abc…wxyz\.$/,
    /Remove `CLERK_INSTANCE_ID`/,
  ],
  [
    "Clerk signs session tokens with a key that CLERK_JWT_KEY lacks",
    ({ keys }) => {
      keys.outdatedJwtKeyAt = ago(MINUTE);
    },
    "outdated-jwt-key",
    "warn",
    /^Clerk signed a session token 1 min ago with a key that CLERK_JWT_KEY lacks\./,
    /Add the key .* to `CLERK_JWT_KEY`/,
  ],
  [
    "effects are dead letters",
    ({ effects }) => {
      effects.dead = { count: 2, handler: "send-welcome", error: "TypeError", oldestAt: ago(HOUR) };
    },
    "effects-dead",
    "bad",
    /^2 effects failed in every try, the oldest 1 h ago, of the handler send-welcome with TypeError\.$/,
    /`npm run effects -- replay --handler send-welcome --dead`/,
  ],
  [
    "effects are late",
    ({ effects }) => {
      effects.due = { count: 900, handler: "send-welcome", since: ago(6 * MINUTE) };
    },
    "effects-late",
    "warn",
    /^900 effects should have run already, the first 6 min ago, of the handler send-welcome\.$/,
    /`npm run worker`.*`concurrency`/,
  ],
  [
    "effects of a removed handler wait",
    ({ effects }) => {
      effects.unhandled = { count: 1, handler: "send-welcome", oldestAt: ago(DAY) };
    },
    "effects-unhandled",
    "warn",
    /^1 effect of send-welcome waits, the oldest since 1 d(ay)? ago: no running worker has this handler\.$/,
    /`npm run effects -- forget --handler send-welcome`/,
  ],
  [
    "an endpoint of the change feed is gone",
    ({ feed }) => {
      feed.disabled = [
        { name: "crm", at: ago(HOUR), isGone: true, lastFailure: "answered 410" },
        { name: "mail", at: ago(MINUTE), isGone: true, lastFailure: "answered 410" },
      ];
    },
    "feed-disabled",
    "bad",
    /^The change feed’s endpoint crm was disabled 1 h ago: it answered 410, which says that it wants no more messages\. mail is disabled too\.$/,
    /run `npm run feed -- enable crm`.* run `npm run feed -- remove crm`/,
  ],
  [
    "an endpoint of the change feed has failed for five days",
    ({ feed }) => {
      feed.disabled = [{ name: "crm", at: ago(HOUR), isGone: false, lastFailure: "answered 500" }];
    },
    "feed-disabled",
    "bad",
    /^The change feed’s endpoint crm was disabled 1 h ago: every message failed for five days; at the last one it answered 500\.$/,
    /run `npm run feed -- enable crm`/,
  ],
  [
    "an endpoint of the change feed fails",
    ({ feed }) => {
      feed.failing = [{ name: "crm", since: ago(16 * MINUTE), lastFailure: "answered 500" }];
    },
    "feed-failing",
    "warn",
    /^The change feed’s endpoint crm has accepted no message since its first failure 16 min ago: it answered 500\.$/,
    /`npm run feed -- send-test crm`/,
  ],
  [
    "the database is older than its erasures",
    ({ erasures }) => {
      erasures.refusal = "This database is older than its erasures.";
    },
    "restored",
    "bad",
    /^No data is served\. This database is older than its erasures\.$/,
    /`npm run erasure:reapply`/,
  ],
  [
    "the brake pauses erasures",
    ({ erasures }) => {
      erasures.brake = { engagedAt: ago(HOUR), deletions: 101, waiting: 1 };
    },
    "erasures-paused",
    "warn",
    /^Erasures were paused 1 h ago, because there were 101 deletions within an hour\. 1 erasure waits\. Access has ended for all of them\.$/,
    /`npm run erasure -- release --reason "…"`/,
  ],
  [
    "erasures do not end",
    ({ erasures }) => {
      erasures.late = { count: 2, since: ago(HOUR) };
    },
    "erasures-late",
    "warn",
    /^2 erasures should have ended already, the first of a deletion 1 h ago\.$/,
    /`npm run worker`/,
  ],
  [
    "Clerk refuses changes that erasures require",
    ({ erasures }) => {
      erasures.failingCalls = [
        { call: "delete_user", count: 1, error: "403" },
        { call: "revoke_invitation", count: 2, error: "403" },
      ];
    },
    "erasure-calls-failing",
    "warn",
    /^1 deletion of a user and 2 revocations of invitations failed at Clerk three times or more: it answered 403\./,
    /`CLERK_SECRET_KEY`/,
  ],
  ...canaryFaults.map(
    (fault): Row => [
      `the canary found the fault ${fault}`,
      canaryFound(fault),
      fault,
      "bad",
      /2 min ago/,
      /./,
    ],
  ),
];

const judge = (change: Change) => {
  const facts = healthy();
  change(facts);
  return assess(facts);
};

describe("the verdict", () => {
  test.each(table)(
    "assess returns the expected verdict, sentence and remedy when %s",
    (_name, change, code, state, sentence, remedy) => {
      const [first] = judge(change).findings;
      expect(first).toMatchObject({ code, state });
      expect(sentenceText(first?.sentence ?? [], now)).toMatch(sentence);
      if (remedy === null) expect(first?.remedy).toBeNull();
      else expect(first?.remedy).toMatch(remedy);
    },
  );
});

test.each<[string, Change]>([
  [
    "the canary found a fault, but a webhook arrived after it",
    all(canaryFound("secret"), eventAt(ago(SECOND))),
  ],
  [
    "a timestamp was refused two hours ago, and webhooks were accepted since",
    (facts) => {
      facts.refusedTimestamp = { secondsAgo: 400, at: ago(2 * HOUR) };
    },
  ],
  [
    "a reconciliation is running",
    all(run("running", MINUTE, null), ({ runs }) => {
      runs.isLeaseHeld = true;
    }),
  ],
  [
    "the canary's webhook arrived",
    ({ canary }) => {
      const round = { startedAt: ago(MINUTE), arrivedAt: ago(50 * SECOND), fault: null };
      Object.assign(canary, { isSet: true, newest: round, ended: round });
    },
  ],
  [
    "a pooler is used with a direct URL",
    ({ database }) => {
      Object.assign(database, { mode: "pooled", isDirectUrlSet: true });
    },
  ],
  [
    "a new database was not compared with Clerk yet",
    (facts) => {
      facts.setUpAt = ago(HOUR);
      Object.assign(facts.runs, { lastRepair: null, lastDoneAt: null });
    },
  ],
  [
    "effects have been due for a minute",
    ({ effects }) => {
      effects.due = { count: 5, handler: "send-welcome", since: ago(MINUTE) };
    },
  ],
  [
    "an endpoint of the change feed has failed for a few minutes",
    ({ feed }) => {
      feed.failing = [{ name: "crm", since: ago(14 * MINUTE), lastFailure: "answered 500" }];
    },
  ],
])("assess reports the mirror as up to date when %s", (_name, change) => {
  const { findings } = judge(change);
  expect(findings.map(({ code, state }) => [code, state])).toEqual([["current", "good"]]);
});

test("assess returns all problems, the worst first, and the age of the newest event as the last finding", () => {
  const { findings } = judge(
    all(list("pending", some(1, SECOND)), list("dead", some(1, HOUR)), ({ worker }) => {
      worker.isWorkerRunning = false;
    }),
  );
  expect(findings.map(({ code }) => code)).toEqual(["dead", "no-worker", "pending", "current"]);
  expect(sentenceText(findings.at(-1)?.sentence ?? [], now)).toBe("Last event 3 s ago.");
  expect(worstState(findings)).toBe("bad");
});

test("no finding's sentence contains “Up to date” unless the verdict is current", () => {
  for (const [, change, code] of table) {
    const texts = judge(change).findings.map(({ sentence }) => sentenceText(sentence, now));
    expect(texts.some((text) => text.includes("Up to date"))).toBe(code === "current");
  }
});

test("every problem has a remedy, and every npm command in a remedy exists", () => {
  const scripts: unknown = JSON.parse(readFileSync("package.json", "utf8"));
  const commands = new Set<string>();
  for (const [, change] of table) {
    for (const { state, remedy } of judge(change).findings) {
      if (state === "bad" || state === "warn") expect(remedy).toMatch(/\.$/);
      for (const command of commandsIn(remedy)) commands.add(command);
    }
  }
  expect(commands.size).toBeGreaterThan(10);
  for (const command of commands) {
    const name = /^npm run ([\w:-]+)/.exec(command)?.[1] ?? "";
    expect(scripts).toHaveProperty(["scripts", name]);
  }
});

test.each([
  [
    "53300",
    "sorry, too many clients already",
    /^The database accepts no more connections: sorry, too many clients already\. The state of the sync is unknown\.$/,
  ],
  [
    "ECONNREFUSED",
    "connect ECONNREFUSED 127.0.0.1:5432",
    /^The database cannot be reached: connect ECONNREFUSED/,
  ],
  ["42P01", 'relation "deliveries" does not exist', /does not have the schema of this version/],
  [
    "",
    "Cannot read properties of undefined",
    /^The state of the sync cannot be read\. The cause is unknown: Cannot read properties/,
  ],
])(
  "when %s prevents reading the facts, the verdict is only that database fault, and every stage is unknown",
  (code, message, sentence) => {
    const fault = explainDatabaseError(Object.assign(new Error(message), { code }));
    const { findings, pipeline } = assessFault(fault);
    expect(findings).toHaveLength(1);
    expect(sentenceText(findings[0]?.sentence ?? [], now)).toMatch(sentence);
    expect(findings[0]?.remedy).toMatch(/./);
    expect(new Set(pipeline.map(({ state }) => state))).toEqual(new Set(["unknown"]));
  },
);

test("a stage whose evidence is older than an hour is unknown, with its age", () => {
  const states = (at: Date) =>
    judge(eventAt(at)).pipeline.map(({ name, state }) => `${name} ${state}`);
  expect(states(ago(MINUTE))).toContain("signature working");
  expect(states(ago(3 * DAY))).toContain("signature unknown");
  expect(states(ago(3 * DAY))).toContain("worker working");
});

test("a finding about objects that the console lists leads to their list", () => {
  const found = table.flatMap(([, change]) => judge(change).findings);
  const pages = new Map(found.map(({ code, href }) => [code, href]));
  expect(Object.fromEntries(pages)).toMatchObject({
    dead: "/admin/deliveries?outcome=dead",
    quarantined: "/admin/deliveries?outcome=quarantined",
    "effects-dead": "/admin/effects?handler=send-welcome",
    "effects-late": "/admin/effects",
    "effects-unhandled": "/admin/effects",
    "feed-disabled": "/admin/effects",
    "feed-failing": "/admin/effects",
    "erasures-paused": "/admin/erasures",
    "erasures-late": "/admin/erasures",
    "erasure-calls-failing": "/admin/erasures",
    "unread-at-clerk": "/admin/sync/unread",
    provisioning: "/admin/sync/profiles",
  });
});
