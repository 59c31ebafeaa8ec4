/** The state of the sync at one moment: the input of the verdict. Times are by the database's clock. */
import type { FailingCalls } from "../../erasure/facts";
import type { ReplicaStatus } from "../../replica";
import type { DeliveryList } from "./delivery-lists";
import type { Round } from "./pipeline";

export type ListFacts = { count: number; oldestAt: Date | null; newestAt: Date | null };

export type RunFacts = {
  mode: string;
  /** The status of the run: running, paused, done or failed. */
  status: string;
  startedAt: Date;
  endedAt: Date | null;
  /** Why the run is paused or failed, as a sentence without the remedy. */
  reason: string | null;
  isDeletionLimit: boolean;
};

export type Facts = {
  now: Date;
  /** The time at which the first migration was applied. */
  setUpAt: Date | null;
  database: {
    /** `pooled`: through a connection pooler. Null before the first connection. */
    mode: "direct" | "pooled" | null;
    isDirectUrlSet: boolean;
    isReadOnly: boolean;
    /** The time in ms that reading these facts took. */
    tookMs: number;
    /** This process's clock minus the database's; negative when it is behind. */
    clockAheadMs: number;
    connections: number;
    maxConnections: number;
    /** The hot standby of `DATABASE_REPLICA_URL`; null without one. */
    replica: ReplicaStatus | null;
  };
  keys: {
    /** The kind of Clerk instance that each key belongs to: production (`live`) or development (`test`). */
    publishable: "live" | "test";
    secret: "live" | "test";
    /** The value of `CLERK_INSTANCE_ID`, or null. */
    configuredInstance: string | null;
    /** The instance of CLERK_SECRET_KEY, as the Backend API returned it; null if it was not requested. */
    instanceOfKey: string | null;
    /** The last time that Clerk signed a session token with a key that CLERK_JWT_KEY lacks. */
    outdatedJwtKeyAt: Date | null;
  };
  deliveries: {
    /** The time at which the newest verified delivery was received, whatever its outcome. */
    newestAt: Date | null;
    /**
     * The time in ms from the newest settled event's timestamp (Clerk's clock) until we settled it. Negative if our clock is
     * behind.
     */
    lagMs: number | null;
    /** Counts of the newest deliveries of the last 24 h; at most 50 deliveries are counted. */
    recent: { total: number; quarantined: number };
    /** The Clerk instance that sent most of the quarantined deliveries among `recent`. */
    arrivingInstance: string | null;
    lists: Record<DeliveryList, ListFacts>;
    /** The most frequent error class of the pending deliveries. `deadError`: that of the dead letters. */
    pendingError: string | null;
    deadError: string | null;
    /** The end of the last partition of deliveries. Later deliveries go to the default partition. */
    partitionedUntil: Date | null;
  };
  /**
   * The newest delivery with a valid signature whose timestamp was refused. `secondsAgo` is negative for a time in the future.
   */
  refusedTimestamp: { secondsAgo: number; at: Date } | null;
  /**
   * The newest webhook request that was refused without being read, because its body was too large. `bytes` is null if unknown.
   */
  refusedSize: { bytes: number | null; mostBytes: number; at: Date } | null;
  /** Rows read from Clerk's API whose version is newer than the newest event but older than 5 min: their webhooks are missing. */
  clerkAhead: { count: number; newestAt: Date | null };
  provisionings: { count: number; oldestAt: Date | null };
  /** Facts about the jobs of the team's own handlers. The endpoints of the change feed have their own facts in `feed`. */
  effects: {
    /** The number of all dead letters, and the handler, error and time of the oldest dead letter. */
    dead: { count: number; handler: string; error: string | null; oldestAt: Date } | null;
    /**
     * The number of due jobs of handlers in a running release, and the handler of the job that has been due for the longest time.
     */
    due: { count: number; handler: string; since: Date } | null;
    /** The number of jobs whose handler is in no running release, and the handler and time of the oldest of these jobs. */
    unhandled: { count: number; handler: string; oldestAt: Date } | null;
  };
  /** Endpoints of the change feed, the earliest first. `lastFailure` continues a sentence that starts with "it". */
  feed: {
    /** Endpoints that were disabled automatically: they responded with 410, or failed for five days. */
    disabled: { name: string; at: Date; isGone: boolean; lastFailure: string }[];
    /** Enabled endpoints that have failed since their last success. */
    failing: { name: string; since: Date; lastFailure: string }[];
  };
  erasures: {
    /**
     * Why no data is served: the database was restored from a backup, or the head of the erasure receipts cannot be read. Null if
     * data is served.
     */
    refusal: string | null;
    /** The pause of erasures after many deletions, until an admin ends it. `waiting` counts the paused erasures. */
    brake: { engagedAt: Date; deletions: number; waiting: number } | null;
    /** The number of overdue erasures, and the time of the earliest deletion among them. */
    late: { count: number; since: Date } | null;
    failingCalls: FailingCalls[];
  };
  worker: { isWorkerRunning: boolean; workerHeartbeatAt: Date | null };
  canary: {
    /** True if CANARY_ORGANIZATION_ID is set. */
    isSet: boolean;
    newest: Round | null;
    /** The newest round that has ended. Its result is valid until the next round ends. */
    ended: Round | null;
  };
  runs: {
    lastRepair: RunFacts | null;
    /** The time at which the newest complete repair ended. */
    lastDoneAt: Date | null;
    /** True if a process holds the lease. Only then is a run with the status running really running. */
    isLeaseHeld: boolean;
    /** Counts of the newest run: `unreadable` objects at Clerk, and objects with unreadable attributes (`partial`). */
    unreadable: number;
    partial: number;
    unreadAt: Date | null;
  };
};
