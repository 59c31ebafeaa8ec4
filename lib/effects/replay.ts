/**
 * Runs one handler again, for its dead letters or for every change since a given time. Changes from before the handler was
 * registered get jobs made from the rows of `versions`. Runs only on command, because past changes have no effects by default:
 * platform admins and operators replay dead letters, only operators replay past changes.
 */
import pg from "pg";
import { recordAudit } from "../audit";
import { directConnection } from "../db";
import { columns } from "../sync/mirror/columns";
import type { Subscription } from "./effect";

const COMMAND = "npm run effects";

const audit = (
  action: string,
  handler: string,
  detail: Record<string, number | string>,
  actor = COMMAND,
) => recordAudit({ actor, action: `effects.${action}`, subject: handler, detail });

/** Runs `work` in one transaction, on a connection without a statement timeout: the statements may touch many rows. */
export async function onLongConnection<Result>(work: (client: pg.Client) => Promise<Result>) {
  const client = new pg.Client(directConnection("rollcall effects"));
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("NOTIFY rollcall_effects");
    await client.query("COMMIT");
    return result;
  } finally {
    await client.end();
  }
}

/**
 * Makes the dead letter `jobId` pending again, or all dead letters of the handler if `jobId` is null. Resolves to the number of
 * jobs that are pending again.
 */
export async function replayDead(
  handler: string,
  jobId: bigint | null = null,
  by: { actor: string; reason: string } | null = null,
): Promise<number> {
  const count = await onLongConnection(async (client) => {
    const { rowCount } = await client.query(
      `UPDATE effect_jobs SET dead_at = NULL, attempts = 0, run_at = now()
       WHERE handler = $1 AND dead_at IS NOT NULL AND ($2::bigint IS NULL OR id = $2)`,
      [handler, jobId],
    );
    return rowCount ?? 0;
  });
  const detail = {
    count,
    ...(jobId !== null && { job: String(jobId) }),
    ...(by && { reason: by.reason }),
  };
  if (count > 0) await audit("dead-replayed", handler, detail, by?.actor);
  return count;
}

/**
 * Makes finished jobs and dead letters pending again. Skips the jobs of deleted users: their versions are cleared, so the handler
 * has no arguments.
 */
const settledAgain = `
  UPDATE effect_jobs SET done_at = NULL, dead_at = NULL, attempts = 0, run_at = now()
  WHERE handler = $1 AND created_at >= $2 AND (done_at IS NOT NULL OR dead_at IS NOT NULL)
    AND (previous IS NOT NULL OR current IS NOT NULL)`;

/**
 * Selects the past changes from `versions`. Each has the key of its original job, or the key that such a job would have had.
 * Times in a version's state are in ms. Leaves out versions that arrived after a newer one (`is_late`), because they never were
 * the state of the object. Versions of deleted users have no state.
 */
const pastChanges = `
  WITH shown AS (
    SELECT *, NOT deleted AND state IS NOT NULL AS is_shown FROM versions
    WHERE object_table = ANY ($3::text[]) AND NOT is_late
  ), pairs AS (
    SELECT object_table, object_id, user_id, version, svix_id, run_id, occurred_at, received_at, is_shown, state AS is_now,
      lag(is_shown, 1, false) OVER life AS was_shown, lag(state) OVER life AS was, row_number() OVER life AS place
    FROM shown WINDOW life AS (PARTITION BY object_table, object_id
      ORDER BY deleted, version, event_timestamp, svix_id COLLATE "C", run_id)
  ), changes AS (
    SELECT *, effect_change(was_shown, is_shown) AS change,
      ARRAY(SELECT name FROM jsonb_each(CASE WHEN was_shown AND is_shown THEN effect_content(is_now) END) AS a (name, value)
        WHERE value IS DISTINCT FROM was -> name ORDER BY name) AS changed
    FROM pairs WHERE received_at >= $2
  )
  SELECT object_table, object_id, user_id, change, occurred_at, received_at, place,
    CASE WHEN change <> 'created' THEN was END AS was, CASE WHEN change <> 'deleted' THEN is_now END AS is_now,
    CASE WHEN change = 'updated' THEN changed ELSE '{}' END AS changed,
    concat_ws(':', $1::text, object_id, change, CASE WHEN change = 'updated' THEN version || '-' ||
      coalesce(nullif(nullif(svix_id, ''), '~'), 'run-' || nullif(run_id, 0), '0') END) AS key
  FROM changes
  WHERE (object_table, change) IN (SELECT * FROM unnest($3::text[], $4::text[]))
    AND (change <> 'updated' OR cardinality(changed) > 0)`;

const invitationContent = ["id", ...Object.keys(columns.invitations)]
  .map((name) => `'${name}', ${name}`)
  .join(", ");

/** Selects each existing invitation as one `created` change, because `versions` has no rows of invitations. */
const pastInvitations = `
  SELECT 'invitations', id, user_id, 'created', created_at, created_at, 1, NULL::jsonb, jsonb_build_object(${invitationContent}),
    '{}'::text[], concat_ws(':', $1::text, id, 'created')
  FROM invitations
  WHERE NOT deleted AND version > 0 AND created_at >= $2
    AND ('invitations', 'created') IN (SELECT * FROM unnest($3::text[], $4::text[]))`;

/**
 * Adds jobs for past changes. Their ids are below all existing ids: the jobs of one object run in the order of their ids, and
 * past changes come first.
 */
const addPast = `
  INSERT INTO effect_jobs
    (id, handler, object_table, object_id, user_id, change, cause, key, occurred_at, created_at, previous, current, changed)
  SELECT (SELECT least(min(id), 0) FROM effect_jobs) - row_number() OVER (ORDER BY received_at DESC, place DESC),
    $1, object_table, object_id, user_id, change, 'replay', key, occurred_at, received_at, was, is_now, changed
  FROM (${pastChanges} UNION ALL ${pastInvitations}) past
  WHERE NOT EXISTS (SELECT FROM effect_jobs j WHERE j.handler = $1 AND j.key = past.key)`;

type Replayed = {
  /** The number of finished jobs and dead letters that were made pending again. */
  again: number;
  /** The number of jobs added for changes without a job. */
  added: number;
};

/** Makes the handler's jobs for changes since `from` pending, and adds missing jobs, in the caller's transaction. */
export async function replayWithin(
  client: pg.Client,
  handler: string,
  subscriptions: readonly Subscription[],
  from: Date,
): Promise<Replayed> {
  const tables = subscriptions.map(({ table }) => table);
  const changes = subscriptions.map(({ change }) => change);
  // Serialises replays of one handler: two concurrent replays would add the same jobs.
  await client.query("SELECT pg_advisory_xact_lock(hashtext('effects replay ' || $1))", [handler]);
  const again = await client.query(settledAgain, [handler, from]);
  const added = await client.query(addPast, [handler, from, tables, changes]);
  return { again: again.rowCount ?? 0, added: added.rowCount ?? 0 };
}

export async function replayFrom(
  handler: string,
  subscriptions: readonly Subscription[],
  from: Date,
): Promise<Replayed> {
  const replayed = await onLongConnection((client) =>
    replayWithin(client, handler, subscriptions, from),
  );
  await audit("replayed", handler, replayed);
  return replayed;
}

/**
 * Unsubscribes a handler that no release has any more, and deletes its pending jobs and dead letters. Resolves to the number of
 * deleted jobs.
 */
export async function forgetHandler(handler: string): Promise<number> {
  const count = await onLongConnection(async (client) => {
    await client.query("DELETE FROM effect_subscribers WHERE handler = $1", [handler]);
    const { rowCount } = await client.query(
      "DELETE FROM effect_jobs WHERE handler = $1 AND done_at IS NULL",
      [handler],
    );
    return rowCount ?? 0;
  });
  await audit("forgotten", handler, { count });
  return count;
}
