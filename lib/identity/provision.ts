/**
 * First-call provisioning: fetches a user from Clerk whose `user.created` has not arrived. The row is written with the version
 * guard, like every event, so a user who was deleted meanwhile stays deleted. A request waits at most {@link ANSWER_WITHIN_MS};
 * the attempt itself continues.
 *
 * A row in `provisionings` claims the user for one process until `claimed_until`. After a failed attempt, the row is the record
 * of the failure, and `claimed_until` is the time of the next attempt.
 */
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import pg from "pg";
import { clerk } from "../clerk";
import { singleFlight } from "../coalesce";
import { database } from "../db";
import { withDeadline } from "../deadline";
import { Mailbox } from "../live/mailbox";
import { log } from "../log";
import { clerkUser } from "../sync/event/event";
import { parseTolerant } from "../sync/event/parse-tolerant";
import { applyProvisioned } from "../sync/mirror/apply";
import { fromBackendApi, userChange } from "../sync/mirror/decide";

const ANSWER_WITHIN_MS = 2_000;
const CLERK_TIMEOUT_MS = 20_000;
/** The duration of a claim, in seconds. Longer than an attempt takes, so an older claim belongs to a process that died. */
const CLAIM_S = 30;
const FIRST_RETRY_S = 5;
const LAST_RETRY_S = 3_600;

/**
 * `unknown`: Clerk has no such user. `later`: not mirrored yet, so the viewer is built from the token's claims. `unstorable`:
 * the mirror cannot store what Clerk returned; the viewer is built as with `later`.
 */
type Provisioned = "mirrored" | "unknown" | "later" | "unstorable";

/** The class of a failure; it contains no user data. `data`: Clerk's data cannot be stored, so a retry will not help. */
type ProvisioningError = "not_found" | "rate_limited" | "timeout" | "clerk" | "data" | "database";

/** Thrown when Clerk's user object cannot be parsed. The message lists the paths of the invalid attributes, not their values. */
class UnreadableUser extends Error {
  override name = "UnreadableUser";
}

class ClerkTimeout extends Error {
  override name = "ClerkTimeout";
}

function errorOf(error: unknown): ProvisioningError {
  if (error instanceof ClerkTimeout) return "timeout";
  if (error instanceof UnreadableUser) return "data";
  if (error instanceof pg.DatabaseError)
    return /^2[23]/.test(error.code ?? "") ? "data" : "database";
  if (!isClerkAPIResponseError(error)) return "clerk";
  return error.status === 404 ? "not_found" : error.status === 429 ? "rate_limited" : "clerk";
}

/**
 * Claims the user for this process. Resolves to the number of the attempt. Resolves to null while another process has the claim,
 * or if the time of the next attempt after a failure has not come.
 */
async function claim(userId: string): Promise<number | null> {
  const { rows } = await database().pool.query<{ attempts: number }>(
    `INSERT INTO provisionings AS p (user_id, attempts, claimed_until)
     VALUES ($1, 1, now() + make_interval(secs => $2))
     ON CONFLICT (user_id) DO UPDATE SET attempts = p.attempts + 1, claimed_until = EXCLUDED.claimed_until
     WHERE p.claimed_until < now() RETURNING attempts`,
    [userId, CLAIM_S],
  );
  return rows[0]?.attempts ?? null;
}

async function recordFailure(
  userId: string,
  attempts: number,
  cause: unknown,
): Promise<ProvisioningError> {
  const error = errorOf(cause);
  const retryAfter = isClerkAPIResponseError(cause) ? (cause.retryAfter ?? 0) : 0;
  const delay = Math.max(retryAfter, Math.min(FIRST_RETRY_S * 2 ** (attempts - 1), LAST_RETRY_S));
  log.error("user not provisioned yet", { userId, attempts, reason: error }, cause);
  await database().pool.query(
    // One statement records the failure and adds the worker's job, so a committed failure always has a retry.
    `WITH failed AS (
       UPDATE provisionings SET failed_at = now(), error = $2, claimed_until = now() + make_interval(secs => $3)
       WHERE user_id = $1 RETURNING claimed_until
     )
     SELECT add_queue_job('retry-provisionings', run_at => claimed_until,
       job_key => 'retry-provisionings', max_attempts => 3) FROM failed`,
    [userId, error, delay],
  );
  return error;
}

/** Fetches the user from Clerk and writes the row. @throws when either fails. */
async function fetchAndApply(userId: string): Promise<void> {
  const user = await withDeadline(clerk().users.getUser(userId), CLERK_TIMEOUT_MS, () => {
    throw new ClerkTimeout();
  });
  const { data, unread } = parseTolerant(clerkUser, user.raw);
  if (data === null) throw new UnreadableUser(unread.join(", "));
  await applyProvisioned(userChange(data, fromBackendApi).row);
}

/**
 * True if the mirror has the user or the user's tombstone. Call after taking the claim: the previous holder released the claim
 * only after it had written the row.
 */
async function isMirrored(userId: string): Promise<boolean> {
  const where = { id: userId, OR: [{ deleted: true }, { version: { gt: 0 } }] };
  return (await database().prisma.user.count({ where })) > 0;
}

async function settle(userId: string): Promise<"mirrored"> {
  await database().pool.query("DELETE FROM provisionings WHERE user_id = $1", [userId]);
  return "mirrored";
}

/**
 * Called when the claim was refused. Resolves to the result of the last attempt if it has failed; otherwise waits for the result
 * of the process that has the claim.
 */
async function awaitOtherProcess(userId: string, changes: Mailbox): Promise<Provisioned> {
  const row = await database().prisma.provisioning.findUnique({ where: { userId } });
  if (!row) return "mirrored";
  if (row.error === "not_found") return "unknown";
  if (row.failedAt) return "later";
  for await (const message of changes) {
    if (!("gap" in message)) return "mirrored";
  }
  return "later";
}

async function attempt(userId: string, changes: Mailbox): Promise<Provisioned> {
  const attempts = await claim(userId);
  if (attempts === null) return awaitOtherProcess(userId, changes);
  try {
    if (await isMirrored(userId)) return await settle(userId);
    await fetchAndApply(userId);
    return await settle(userId);
  } catch (cause) {
    const error = await recordFailure(userId, attempts, cause);
    if (error === "data") return "unstorable";
    return error === "not_found" ? "unknown" : "later";
  }
}

async function run(userId: string): Promise<Provisioned> {
  // Subscribes before the claim is tried, so that a change that another process commits after the try is not missed.
  const changes = new Mailbox((message) => "ids" in message && message.ids.includes(userId));
  const giveUp = setTimeout(() => void changes.return(), CLAIM_S * 1000).unref();
  try {
    return await attempt(userId, changes);
  } finally {
    clearTimeout(giveUp);
    await changes.return();
  }
}

/**
 * Mirrors one user now. Resolves to `mirrored`, or to the reason why the user is not mirrored yet. Parallel calls share one
 * attempt and its deadline. @throws when the database does not respond.
 */
export const provisionUser = singleFlight(run, (attempt) =>
  withDeadline(attempt, ANSWER_WITHIN_MS, () => "later"),
);
