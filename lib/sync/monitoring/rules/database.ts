/** Health rules for the database server: is it writable, its clock, its speed and its connections. */
import { say } from "../finding";
import { HOUR, type Rule, SECOND } from "./rule";

const CLOCK_TOLERANCE_MS = 5 * SECOND;
const SLOW_MS = 2 * SECOND;
/** Partitions are created four weeks ahead, so with less than this left (ms) three weeks of tries have failed. */
const PARTITIONS_LEFT_MS = 7 * 24 * HOUR;
/** The share of the server's connection limit from which Health warns. */
const CONNECTIONS_SHARE = 0.9;

const inSeconds = (ms: number) => `${Math.round(Math.abs(ms) / SECOND)} s`;

export const readOnly: Rule = ({ database }) =>
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

export const clocks: Rule = ({ database, deliveries }) => {
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

export const slowDatabase: Rule = ({ database: { tookMs } }) =>
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

export const connections: Rule = ({ database: { connections: used, maxConnections } }) =>
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

export const noDirectUrl: Rule = ({ database: { mode, isDirectUrlSet } }) =>
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

export const partitions: Rule = ({ now, deliveries: { partitionedUntil: until } }) =>
  until !== null && until.getTime() - now.getTime() > PARTITIONS_LEFT_MS
    ? null
    : {
        code: "partitions",
        state: "warn",
        sentence: until
          ? say`The last partition of the inbox ends ${until}. Later webhooks are stored in the default partition, and retention deletes none of them.`
          : say`The inbox has no partitions. Webhooks are stored in the default partition, and retention deletes none of them.`,
        remedy:
          "Look for `retention` in the worker’s log. A worker creates partitions when it starts and every night, four weeks ahead; a long transaction on `deliveries` prevents it.",
        href: null,
        since: null,
      };

const replicaFaults = {
  lagging: {
    sentence: "The read replica is too far behind.",
    remedy:
      "Look at `pg_stat_replication` on the primary, and at long queries on the standby. `DATABASE_REPLICA_MAX_LAG` is the limit.",
  },
  unreachable: {
    sentence: "The read replica does not answer.",
    remedy: "Check `DATABASE_REPLICA_URL` and the standby’s log, then run `npm run doctor`.",
  },
  "not-a-standby": {
    sentence: "DATABASE_REPLICA_URL leads to a server that is no standby.",
    remedy:
      "Point `DATABASE_REPLICA_URL` to a hot standby of this database. A standby that was promoted has data of its own.",
  },
} as const;

export const replicaUnused: Rule = ({ database: { replica } }) =>
  replica && replica.state !== "in-use"
    ? {
        code: "replica",
        state: "warn",
        sentence: say`${replicaFaults[replica.state].sentence} Lists and plots are read from the primary.`,
        remedy: replicaFaults[replica.state].remedy,
        href: null,
        since: null,
      }
    : null;
