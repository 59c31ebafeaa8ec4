/**
 * How far the mirror may be behind Clerk. `asOf` is the latest time for which there is evidence that the mirror has everything
 * that Clerk changed before it: the time of the newest applied event, or the start of the last complete reconciliation. An older
 * delivery that is not applied yet moves `asOf` back to its own time. Without evidence the age grows: a quiet instance and
 * stopped webhooks look the same.
 */
import { z } from "zod";
import { singleFlight } from "../../coalesce";
import { database } from "../../db";

export type Freshness = {
  /** Null if no event was ever applied and no reconciliation was ever completed. */
  asOf: Date | null;
  lagMs: number | null;
};

/** How long one reading serves the requests of this process, in ms. An older reading is never wrong: it shows a greater lag. */
const READING_LASTS_MS = 1_000;

/** Events may arrive out of order, so the newest event by Clerk's clock is among the newest arrivals, but may not be the last. */
const NEWEST = 20;
const OLDEST_OPEN = 1_000;

/** Returns SQL for the earliest time of the first deliveries with this outcome. The index on (outcome, received_at) finds them. */
const firstWith = (outcome: string) =>
  `(SELECT min(least(occurred_at, received_at)) FROM (SELECT occurred_at, received_at FROM deliveries
     WHERE outcome = '${outcome}' ORDER BY received_at LIMIT ${OLDEST_OPEN}) open)`;

/** Takes the earlier of Clerk's time and ours, so that a clock that is ahead shows no delivery as newer than its arrival. */
const FRESHNESS = `
  WITH evidence AS (
    SELECT greatest(
      (SELECT max(least(occurred_at, received_at)) FROM (SELECT occurred_at, received_at FROM deliveries
         WHERE occurred_at IS NOT NULL AND outcome IN ('applied', 'stale', 'ignored')
         ORDER BY received_at DESC, svix_id DESC LIMIT ${NEWEST}) newest),
      (SELECT max(started_at) FROM sync_runs WHERE mode = 'repair' AND status = 'done')
    ) AS at
  ), bounded AS (
    SELECT CASE WHEN at IS NOT NULL THEN
      least(at, ${firstWith("pending")}, ${firstWith("dead")}, ${firstWith("unreadable")}) END AS at FROM evidence
  )
  SELECT at AS "asOf", extract(epoch FROM clock_timestamp() - at)::float8 * 1000 AS "lagMs" FROM bounded`;

const shape = z.object({ asOf: z.date().nullable(), lagMs: z.number().nullable() });

type Reading = Freshness & { readAt: number };

let last: Reading | undefined;

const read = singleFlight(async (): Promise<Reading> => {
  // The time before the statement, so that the statement's own duration counts as lag.
  const readAt = performance.now();
  const { rows } = await database().pool.query({ name: "freshness", text: FRESHNESS });
  last = { ...shape.parse(rows[0]), readAt };
  return last;
});

/** Adds the age of the reading to its lag. Uses no clock but this process's, so skew between machines does not matter. */
function now({ asOf, lagMs, readAt }: Reading): Freshness {
  const age = performance.now() - readAt;
  return { asOf, lagMs: lagMs === null ? null : Math.max(0, Math.round(lagMs + age)) };
}

/** Resolves to the freshness of the mirror. @throws when the database does not respond. */
export async function findFreshness(): Promise<Freshness> {
  const isUsable = last && performance.now() - last.readAt < READING_LASTS_MS;
  return now(last && isUsable ? last : await read());
}

/** True if the mirror is proven to be at most `withinMs` behind Clerk. @throws when the database does not respond. */
export async function isMirrorFresh(withinMs: number): Promise<boolean> {
  const isWithin = ({ lagMs }: Freshness) => lagMs !== null && lagMs <= withinMs;
  return (last !== undefined && isWithin(now(last))) || isWithin(now(await read()));
}
