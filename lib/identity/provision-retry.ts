/**
 * Retries of failed first-call provisionings, run by the background worker and the cron route. Never deletes an account at
 * Clerk because our database failed. Deletes one whose data cannot be stored only if PROVISIONING_COMPENSATION asks for it.
 */
import { clerk } from "../clerk";
import { database } from "../db";
import { env } from "../env";
import { log } from "../log";
import { provisionUser } from "./provision";

const BATCH = 20;
/** After so many tries a fault of the data is taken for permanent. */
const TRIES_BEFORE_REMOVAL = 8;
const NEW_ACCOUNT_MS = 24 * 3_600_000;

/** Longer than a deletion can take: meanwhile nobody else tries. */
const CLAIM_S = 30;

/**
 * Claims the deletion, and audits it, unless anything happened since our attempt: another one, or the person's own event.
 * Every claim counts as an attempt, so that of two who decide at once only one may go on.
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
 * Removes at Clerk a brand-new account whose data the mirror can never store. Only on request of the policy, only when our
 * own `attempt` failed for a fault of the data, never for a failure of Clerk or of the database.
 */
async function compensate(userId: string, attempt: number): Promise<void> {
  const user = await clerk().users.getUser(userId);
  // Written so that an age nobody can tell is none of a new account.
  if (!(Date.now() - user.createdAt < NEW_ACCOUNT_MS)) return;
  if (!(await claimRemoval(userId, attempt))) return;
  await clerk().users.deleteUser(userId);
  log.warn("a new account that cannot be mirrored was removed at Clerk, as the policy asks", {
    userId,
  });
}

/**
 * Deletes what needs no retry: the user's own event came meanwhile, or Clerk does not know the user. A user whom Clerk does
 * not know is looked up again on their next call.
 */
async function deleteSettled(): Promise<void> {
  await database().pool.query(
    `DELETE FROM provisionings p WHERE (p.error = 'not_found' AND p.claimed_until < now())
     OR EXISTS (SELECT FROM users u WHERE u.id = p.user_id AND (u.deleted OR u.version > 0))`,
  );
}

/**
 * The worker's task: retries every provisioning that is due. An attempt moves its row's due time, so each row is tried once.
 * Resolves to the number of users mirrored. `signal` stops it between two users.
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
      const isHopeless = outcome === "unstorable" && attempts >= TRIES_BEFORE_REMOVAL;
      if (isHopeless && env().removesUnprovisionable) await compensate(userId, attempts + 1);
    }
    if (due.length < BATCH) return mirrored;
  }
}

/**
 * Tries one recorded failure at once, on an admin's order. Null when there is none; else whether it worked. The order and
 * its entry in the audit log are one statement.
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
