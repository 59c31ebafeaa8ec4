/** What is known about the sync at one moment: the input of the verdict. Times are by the database's clock. */
import type { DeliveryList } from "./delivery-lists";
import type { Round } from "./pipeline";

export type ListFacts = { count: number; oldestAt: Date | null; newestAt: Date | null };

export type RunFacts = {
  mode: string;
  /** running, paused, done or failed */
  status: string;
  startedAt: Date;
  endedAt: Date | null;
  /** Why it is paused or failed, as a sentence without the remedy. */
  reason: string | null;
  isDeletionLimit: boolean;
};

export type Facts = {
  now: Date;
  /** When the first migration was applied. */
  setUpAt: Date | null;
  database: {
    /** `pooled`: through a connection pooler. Null before the first connection. */
    mode: "direct" | "pooled" | null;
    isDirectUrlSet: boolean;
    isReadOnly: boolean;
    /** How long these facts took to read. */
    tookMs: number;
    /** This process's clock minus the database's; negative when it is behind. */
    clockAheadMs: number;
    connections: number;
    maxConnections: number;
  };
  keys: {
    /** Whether each key is of a production (`live`) or a development (`test`) instance. */
    publishable: "live" | "test";
    secret: "live" | "test";
    /** `CLERK_INSTANCE_ID` */
    configuredInstance: string | null;
    /** The instance of CLERK_SECRET_KEY, when the Backend API was asked. */
    instanceOfKey: string | null;
    /** When Clerk last signed a session token with a key that CLERK_JWT_KEY lacks. */
    outdatedJwtKeyAt: Date | null;
  };
  deliveries: {
    /** When the newest verified delivery was received, whatever its outcome. */
    newestAt: Date | null;
    /** The time from the newest settled event's timestamp (Clerk's clock) until we settled it. Negative if our clock is behind. */
    lagMs: number | null;
    /** The newest deliveries of the last 24 h, at most 50. */
    recent: { total: number; quarantined: number };
    /** The Clerk instance that sent most of the quarantined ones among these `recent` deliveries. */
    arrivingInstance: string | null;
    lists: Record<DeliveryList, ListFacts>;
    /** The most frequent error class of the pending deliveries, and of the dead letters. */
    pendingError: string | null;
    deadError: string | null;
  };
  /** The newest delivery with a good signature whose timestamp was refused. `secondsAgo` is negative for the future. */
  refusedTimestamp: { secondsAgo: number; at: Date } | null;
  /** The newest webhook request whose body was too large, so it was refused without being read. `bytes` is null if unknown. */
  refusedSize: { bytes: number | null; mostBytes: number; at: Date } | null;
  /** Rows read from Clerk's API that are newer than the newest event, and for which no webhook has arrived in 5 min. */
  clerkAhead: { count: number; newestAt: Date | null };
  provisionings: { count: number; oldestAt: Date | null };
  /** Jobs of the team's own handlers. The change feed has its own facts, for each endpoint. */
  effects: {
    /** All dead letters, and the handler that has most of them. */
    dead: { count: number; handler: string; error: string | null; oldestAt: Date } | null;
    /** The job that has been due for the longest time, of a handler that a running release has. */
    due: { count: number; handler: string; since: Date } | null;
    /** Jobs of handlers that no running release has. */
    unhandled: { count: number; handler: string; oldestAt: Date } | null;
  };
  /** Endpoints of the change feed, the earliest first. `lastFailure` follows "it" in a sentence. */
  feed: {
    /** Those that were disabled without a command: they answered 410, or failed for five days. */
    disabled: { name: string; at: Date; isGone: boolean; lastFailure: string }[];
    /** Enabled ones that have failed since their last success. */
    failing: { name: string; since: Date; lastFailure: string }[];
  };
  worker: { isWorkerRunning: boolean; workerHeartbeatAt: Date | null };
  canary: {
    /** True if CANARY_ORGANIZATION_ID is set. */
    isSet: boolean;
    newest: Round | null;
    /** The newest round with a result, which is valid until the next round ends. */
    ended: Round | null;
  };
  runs: {
    lastRepair: RunFacts | null;
    /** When the newest complete repair ended. */
    lastDoneAt: Date | null;
    /** True if a process holds the lease, so a run that is marked as running does run. */
    isLeaseHeld: boolean;
    /** Counts of the newest run: unreadable objects at Clerk, and objects with unreadable attributes. */
    unreadable: number;
    partial: number;
    unreadAt: Date | null;
  };
};
