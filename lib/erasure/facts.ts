/** The facts about erasures that Health shows. */
import { z } from "zod";
import { database } from "../db";
import { HeadUnavailable } from "./head-store";
import { type Brake, findBrake } from "./hold";
import { DatabaseOlderThanErasures, requireCurrentDatabase } from "./restore";

type ErasureFacts = {
  refusal: string | null;
  brake: Brake | null;
  late: { count: number; since: Date } | null;
  failingCalls: FailingCalls[];
};

const failingCalls = z.object({
  call: z.enum(["delete_user", "keep_admin", "revoke_invitation"]),
  count: z.number(),
  error: z.string(),
});
/**
 * Changes at Clerk that erasures require, and that failed in {@link FAILED_TRIES} tries or more. `error` is the status of one of
 * Clerk's responses, or "no answer".
 */
export type FailingCalls = z.output<typeof failingCalls>;

/**
 * An erasure is late if this time has passed since the deletion, and its next step is overdue by more than a minute. Handlers may
 * take 40 s. The erasure ends a few seconds later, or within a minute if only the cron route runs jobs.
 */
const LATE = "5 minutes";

/** The third try of a call is 6 minutes after the first. */
const FAILED_TRIES = 3;

const lateShape = z.object({ count: z.number(), since: z.date().nullable() });

/** Resolves to a message for the operator if the app refuses to serve data; otherwise to null. */
async function findRefusal(): Promise<string | null> {
  try {
    await requireCurrentDatabase();
    return null;
  } catch (error) {
    if (error instanceof DatabaseOlderThanErasures || error instanceof HeadUnavailable)
      return error.message;
    throw error;
  }
}

async function findFailingCalls(): Promise<FailingCalls[]> {
  const { rows } = await database().pool.query(
    `SELECT call, count(*)::int AS count, max(error) AS error FROM erasure_calls
     WHERE attempts >= ${FAILED_TRIES} AND error IS NOT NULL GROUP BY call ORDER BY call`,
  );
  return z.array(failingCalls).parse(rows);
}

export async function readErasureFacts(): Promise<ErasureFacts> {
  const { rows } = await database().pool.query(
    `SELECT count(*)::int AS count, min(deleted_at) AS since FROM erasures
     WHERE next_at < clock_timestamp() - interval '1 minute' AND deleted_at < clock_timestamp() - interval '${LATE}'`,
  );
  const { count, since } = lateShape.parse(rows[0]);
  return {
    refusal: await findRefusal(),
    brake: await findBrake(),
    late: since && { count, since },
    failingCalls: await findFailingCalls(),
  };
}
