/**
 * Detects a wrong signing secret from a refused webhook. Only Clerk and we know the nonce of a canary round. So a message with
 * that nonce is from Clerk, and a signature that does not verify means a wrong secret.
 * Any other refused message may be forged: it proves nothing, and nothing of it is stored.
 */
import { database } from "../../db";
import { log } from "../../log";
import { CANARY_KEY } from "../event/redact";

const NONCE_KEY = Buffer.from(`"${CANARY_KEY}"`);
const NONCE = new RegExp(`"${CANARY_KEY}"\\s*:\\s*"([0-9a-f-]{36})"`);

/**
 * How long the nonce of the newest canary round is cached, in ms. Shorter than the delay before the second try of Clerk's sender:
 * if the first try was compared with the nonce of an earlier round, the second is compared with the right one.
 */
const CACHED_FOR_MS = 4_000;

let newestNonce: Promise<string | null> = Promise.resolve(null);
let expiresAt = 0;

/**
 * Resolves to the cached newest nonce, so that a flood of forged messages causes at most one query every {@link CACHED_FOR_MS}.
 */
function findNewestNonce(now: number): Promise<string | null> {
  if (now < expiresAt) return newestNonce;
  expiresAt = now + CACHED_FOR_MS;
  newestNonce = database()
    .prisma.canaryRound.findFirst({ orderBy: { startedAt: "desc" } })
    .then((round) => round?.nonce ?? null);
  return newestNonce;
}

/**
 * Called for a webhook that was refused. Records the fault `secret` if the body has the nonce of the newest canary round. Ignores
 * every other body.
 */
export async function recordCanaryRefusal(body: Buffer, now = Date.now()): Promise<void> {
  if (!body.includes(NONCE_KEY)) return;
  const nonce = NONCE.exec(body.toString("latin1"))?.[1];
  try {
    if (nonce === undefined || nonce !== (await findNewestNonce(now))) return;
    await database().prisma.canaryRound.updateMany({
      where: { nonce, arrivedAt: null, fault: null },
      data: { fault: "secret" },
    });
  } catch (error) {
    log.warn("canary: a refusal could not be recorded", {}, error);
  }
}
