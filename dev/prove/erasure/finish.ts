/** Lets the time of an erasure pass, so that the proof does not wait for it. */
import { database } from "../../../lib/db";
import { runErasures } from "../../../lib/erasure/erase";

/** Moves all erasures back in time by 60 s, and makes them due. */
export async function passMinute(): Promise<void> {
  await database().pool.query(
    `UPDATE erasures SET deleted_at = deleted_at - interval '60 s', next_at = now() WHERE next_at IS NOT NULL`,
  );
}

/** Runs all erasures to their end, as if a minute had passed. */
export async function finishErasures(): Promise<void> {
  await runErasures();
  await passMinute();
  if ((await runErasures()) !== null) throw new Error("an erasure has not ended");
}
