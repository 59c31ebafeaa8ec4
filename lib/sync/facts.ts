/** Small facts that the processes share through the database. */
import { database } from "../db";
import { log } from "../log";

const QUIET_MS = 60_000;
let nextNote = 0;

/**
 * Notes that a webhook was refused for its signature: the canary tells a wrong secret from silence by it. At most once a
 * minute a process, so that a flood of forgeries writes nothing; of the message itself nothing is kept.
 */
export async function noteRefusal(now = Date.now()): Promise<void> {
  if (now < nextNote) return;
  nextNote = now + QUIET_MS;
  try {
    await database().pool.query(
      `INSERT INTO sync_facts (name, value) VALUES ('webhook refused', '{}')
       ON CONFLICT (name) DO UPDATE SET updated_at = now()`,
    );
  } catch (error) {
    log.warn("a refused webhook could not be noted", {}, error);
  }
}
