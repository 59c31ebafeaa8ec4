/**
 * Records that a webhook with a good signature was refused for its timestamp: this server's clock is wrong, or a proxy delays
 * requests. The message may be a replay, so nothing of it is stored.
 */
import { database } from "../../db";
import { log } from "../../log";

/** A flood of replayed messages causes at most one write in this time. */
const NOTE_EVERY_MS = 4_000;

let noteAgainAt = 0;

export function noteSkew(secondsAgo: number, now = Date.now()): void {
  if (now < noteAgainAt) return;
  noteAgainAt = now + NOTE_EVERY_MS;
  log.warn("webhook refused: its signature is good, its timestamp is not", { secondsAgo });
  database()
    .pool.query(
      `INSERT INTO sync_facts (name, value) VALUES ('webhook skew', jsonb_build_object('secondsAgo', $1::int))
       ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now()`,
      [secondsAgo],
    )
    .catch((error: unknown) => log.warn("a refused timestamp could not be noted", {}, error));
}
