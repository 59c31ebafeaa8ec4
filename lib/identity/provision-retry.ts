/**
 * Retries failed first-call provisionings, in the background worker and the cron route. Never deletes an account at Clerk because
 * our database failed. Deletes an account whose data cannot be stored only with PROVISIONING_COMPENSATION.
 */
import { clerk } from "../clerk";
import { database } from "../db";
import { env } from "../env";
import { log } from "../log";
import { provisionUser } from "./provision";

const BATCH = 20;
/** The number of attempts after which unstorable data counts as permanent. */
const ATTEMPTS_BEFORE_REMOVAL = 8;
const NEW_ACCOUNT_MS = 24 * 3_600_000;

/**
 * The duration of a claim, in seconds. Longer than a deletion at Clerk takes, so that no other process retries during the
 * deletion.
 */
const CLAIM_S = 30;

/**
 * Claims the user for the deletion of the account at Clerk, and writes the audit entry for the deletion. Resolves to false if the
 * user was mirrored, or another attempt was made, since attempt number `attempt`. The claim counts as an attempt, so only one of
 * two parallel processes gets it.
 */
async function claimRemoval(userId: string, attempt: number): Promise<boolean> {
  const { rowCount } = await database().pool.query(
    `WITH claimed AS (
       UPDATE provisionings p SET attempts = p.attempts + 1, claimed_until = now() + make_interval(secs => $3)
       WHERE p.user_id = $1 AND p.attempts = $2 AND p.error = 'data'
         AND NOT EXISTS (SELECT FROM users u WHERE u.id = p.user_id AND (u.deleted OR u.version > 0))
       RETURNING p.user_id
     )
     INSERT INTO audit_log (actor, action, subject) SELECT 'provisioning', 'account.removed', user_id FROM claimed`,
    [userId, attempt, CLAIM_S],
  );
  return rowCount === 1;
}

/**
 * Deletes a new account at Clerk whose data the mirror cannot store. Call only if
 * PROVISIONING_COMPENSATION is on and this process has just made attempt number `attempt`, which failed with the error `data`.
 */
async function compensate(userId: string, attempt: number): Promise<void> {
  const user = await clerk().users.getUser(userId);
  // Negated, so that a missing creation time (NaN) does not count as a new account.
  if (!(Date.now() - user.createdAt < NEW_ACCOUNT_MS)) return;
  if (!(await claimRemoval(userId, attempt))) return;
  await clerk().users.deleteUser(userId);
  log.warn("removed a new account at Clerk that cannot be mirrored (PROVISIONING_COMPENSATION)", {
    userId,
  });
}

/**
 * Deletes provisionings that need no retry: the user was mirrored meanwhile, or Clerk does not know the user. A user whom Clerk
 * does not know is looked up again on their next call.
 */
async function deleteSettled(): Promise<void> {
  await database().pool.query(
    `DELETE FROM provisionings p WHERE (p.error = 'not_found' AND p.claimed_until < now())
     OR EXISTS (SELECT FROM users u WHERE u.id = p.user_id AND (u.deleted OR u.version > 0))`,
  );
}

/**
 * The worker's task: retries every due provisioning. Each attempt postpones the row's due time, so one call tries each row only
 * once. Resolves to the number of users mirrored. `signal` stops the task between two users.
 */
export async function retryProvisionings(signal?: AbortSignal): Promise<number> {
  await deleteSettled();
  let mirrored = 0;
  for (;;) {
    const due = await database().prisma.provisioning.findMany({
      where: { claimedUntil: { lt: new Date() } },
      orderBy: { claimedUntil: "asc" },
      take: BATCH,
    });
    for (const { userId, attempts } of due) {
      if (signal?.aborted) return mirrored;
      const outcome = await provisionUser(userId);
      if (outcome === "mirrored") mirrored += 1;
      const isPermanent = outcome === "unstorable" && attempts >= ATTEMPTS_BEFORE_REMOVAL;
      if (isPermanent && env().removesUnprovisionable) await compensate(userId, attempts + 1);
    }
    if (due.length < BATCH) return mirrored;
  }
}

/**
 * Retries a failed provisioning now, at an admin's request. The statement that makes the retry due also writes the audit entry.
 * Resolves to whether the user is mirrored now; null if no failure is recorded.
 */
export async function retryProvisioning(userId: string, actor: string): Promise<boolean | null> {
  const { rowCount } = await database().pool.query(
    `WITH due AS (
       UPDATE provisionings SET claimed_until = now() - interval '1 ms'
       WHERE user_id = $1 AND failed_at IS NOT NULL RETURNING user_id
     )
     INSERT INTO audit_log (actor, action, subject) SELECT $2, 'provisioning.retry', user_id FROM due`,
    [userId, actor],
  );
  if (rowCount === 0) return null;
  return (await provisionUser(userId)) === "mirrored";
}
