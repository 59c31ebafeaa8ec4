/**
 * Notes that a genuine webhook was refused for its time: this server's clock, or a proxy that holds requests back. The
 * signature was good, so the sender is Clerk's; but it may be a recording, so nothing of the message is kept.
 */
import { database } from "../../db";
import { log } from "../../log";

/** A flood of old recordings writes no more often than this. */
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
