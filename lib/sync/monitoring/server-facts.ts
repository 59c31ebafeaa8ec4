/**
 * Reads in one statement the state of the database server, and facts that need an aggregate function that Prisma does not
 * support.
 */
import { z } from "zod";
import { database } from "../../db";
import { LEASE_KEY } from "../reconcile/runs";

/** The time after which a webhook counts as missing. It usually arrives within seconds. */
const WEBHOOK_GRACE = "5 minutes";

const RECENT = 50;

const serverShape = z.object({
  now: z.date(),
  setUpAt: z.date().nullable(),
  isReadOnly: z.boolean(),
  connections: z.number(),
  maxConnections: z.number(),
  recentTotal: z.number(),
  recentQuarantined: z.number(),
  arrivingInstance: z.string().nullable(),
  pendingError: z.string().nullable(),
  deadError: z.string().nullable(),
  aheadCount: z.number(),
  aheadAt: z.date().nullable(),
  isLeaseHeld: z.boolean(),
  unreadableObjects: z.number(),
  partialObjects: z.number(),
  partitionedUntil: z.date().nullable(),
});

/** Returns SQL that finds the most frequent error class of the oldest 1,000 deliveries with this outcome. */
const frequentError = (outcome: string) =>
  `(SELECT mode() WITHIN GROUP (ORDER BY error) FROM (
     SELECT error FROM deliveries WHERE outcome = '${outcome}' ORDER BY received_at LIMIT 1000) failed)`;

/**
 * Reads only the rows of `versions` that are newer than the newest event, through the BRIN index on received_at. A row without an
 * svix_id was read from the Backend API.
 */
const SERVER = `
  WITH newest AS (
    SELECT received_at, occurred_at FROM deliveries WHERE occurred_at IS NOT NULL
    ORDER BY received_at DESC, svix_id DESC LIMIT 1
  ),
  recent AS (
    SELECT outcome, instance_id FROM deliveries WHERE received_at > now() - interval '24 hours'
    ORDER BY received_at DESC, svix_id DESC LIMIT ${RECENT}
  ),
  ahead AS (
    SELECT count(*)::int AS count, to_timestamp(max(v.version) / 1000.0) AS at FROM versions v, newest n
    WHERE v.received_at > n.received_at AND v.svix_id = '' AND NOT v.deleted AND NOT v.is_late
      AND v.version > extract(epoch FROM n.occurred_at) * 1000
      AND v.version < extract(epoch FROM now() - interval '${WEBHOOK_GRACE}') * 1000
  ),
  unread AS (
    SELECT count(*) FILTER (WHERE kind = 'unreadable')::int AS unreadable,
      count(*) FILTER (WHERE kind = 'partial')::int AS partial
    FROM drift_findings WHERE run_id = (SELECT id FROM sync_runs ORDER BY started_at DESC LIMIT 1)
  )
  SELECT clock_timestamp() AS now,
    (SELECT min(started_at) FROM _prisma_migrations) AS "setUpAt",
    pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS "isReadOnly",
    (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS "maxConnections",
    (SELECT count(*)::int FROM recent) AS "recentTotal",
    (SELECT count(*)::int FROM recent WHERE outcome = 'quarantined') AS "recentQuarantined",
    COALESCE(
      (SELECT mode() WITHIN GROUP (ORDER BY instance_id) FROM recent WHERE outcome = 'quarantined'),
      (SELECT instance_id FROM deliveries WHERE outcome = 'quarantined' ORDER BY received_at DESC LIMIT 1)
    ) AS "arrivingInstance",
    ${frequentError("pending")} AS "pendingError", ${frequentError("dead")} AS "deadError",
    ahead.count AS "aheadCount", ahead.at AS "aheadAt",
    unread.unreadable AS "unreadableObjects", unread.partial AS "partialObjects",
    (SELECT max(ends) FROM delivery_partitions()) AS "partitionedUntil",
    EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 0 AND objid::bigint = ${LEASE_KEY} AND objsubid = 1
      AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS "isLeaseHeld"
  FROM ahead, unread`;

export async function readServerFacts() {
  const startedAt = Date.now();
  // Prepared: planning this for each partition takes longer than running it.
  const { rows } = await database().pool.query({ name: "server facts", text: SERVER });
  const server = serverShape.parse(rows[0]);
  // The database read its clock between our request and its response. So its time is compared with the middle of the two.
  return { server, clockAheadMs: (startedAt + Date.now()) / 2 - server.now.getTime() };
}
