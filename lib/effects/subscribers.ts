/**
 * The table `effect_subscribers`: which handler receives which changes. Triggers on the mirrored tables read it and add one job
 * per subscriber, in the statement that writes the change. So a registered handler gets its jobs, whichever process writes the
 * mirror.
 */
import { database, type Queryable } from "../db";
import type { Subscription } from "./effect";
import type { Registry } from "./registry";

/** Subscribes `handler` to these changes, in addition to its earlier subscriptions. */
export async function subscribe(
  db: Queryable,
  handler: string,
  subscriptions: readonly Subscription[],
): Promise<void> {
  await db.query(
    `INSERT INTO effect_subscribers (object_table, change, handler)
     SELECT *, $1 FROM unnest($2::text[], $3::text[]) ORDER BY 1, 2
     ON CONFLICT (object_table, change, handler) DO UPDATE SET seen_at = now()`,
    [handler, subscriptions.map(({ table }) => table), subscriptions.map(({ change }) => change)],
  );
}

/**
 * Stops adding jobs for `handler`. Its pending jobs wait until it is subscribed again, or until `npm run effects -- forget`
 * deletes them.
 */
export async function unsubscribe(db: Queryable, handler: string): Promise<void> {
  await db.query("DELETE FROM effect_subscribers WHERE handler = $1", [handler]);
}

/**
 * Subscribes the handlers of this release. Call at the start of a worker, and again at least once an hour. A handler that is
 * missing here is not unsubscribed: during a deployment, a process of the release that has it may still run.
 */
export async function subscribeHandlers({ handlers }: Registry): Promise<void> {
  const { pool } = database();
  for (const { name, subscriptions } of handlers) await subscribe(pool, name, subscriptions);
}

const FORGET_AFTER = "24 hours";

/**
 * Unsubscribes handlers that no process has registered for a day. Skips the members of families, which their own code
 * unsubscribes.
 */
export async function unsubscribeRemoved({ families }: Registry): Promise<void> {
  await database().pool.query(
    `DELETE FROM effect_subscribers s WHERE seen_at < now() - interval '${FORGET_AFTER}'
       AND NOT EXISTS (SELECT FROM unnest($1::text[]) AS f (prefix) WHERE starts_with(s.handler, f.prefix))`,
    [families.map(({ prefix }) => prefix)],
  );
}
