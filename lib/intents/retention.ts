/** Deletes old intents. Each new intent also deletes some; this covers apps without new intents. */
import type { Queryable } from "../db";

/** Deletes the intents that expired more than a day ago. Resolves to their number. */
export async function deleteExpiredIntents(db: Queryable): Promise<number> {
  const { rowCount } = await db.query(
    "DELETE FROM intents WHERE expires_at < now() - interval '1 day'",
  );
  return rowCount ?? 0;
}
