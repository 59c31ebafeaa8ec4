/** Deletes what remains of old intents. A new intent deletes some of them too; this also works where there is no new one. */
import type { Queryable } from "../db";

/** Resolves to the number of deleted intents: those that expired more than a day ago. */
export async function deleteExpiredIntents(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    "DELETE FROM intents WHERE expires_at < now() - interval '1 day'",
  );
  return rowCount ?? 0;
}
