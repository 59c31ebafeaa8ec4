/**
 * What a refused webhook can still tell. The nonce of a canary is known to us and to Clerk: whoever sends it came from
 * Clerk, so that a signature of theirs that does not verify is a wrong secret. Whatever else is refused may be anybody's: it
 * says nothing, whatever headers it carries, and nothing of it is kept.
 */
import { database } from "../../db";
import { log } from "../../log";

/** The key of the canary's nonce in its organization's private metadata. */
export const CANARY_KEY = "rollcall_canary";

const NAMED = Buffer.from(`"${CANARY_KEY}"`);
const NONCE = new RegExp(`"${CANARY_KEY}"\\s*:\\s*"([0-9a-f-]{36})"`);

/** Shorter than the sender waits before its second try, so that what is missed the first time is seen then. */
const KNOWN_FOR_MS = 4_000;

let awaited: Promise<string | null> = Promise.resolve(null);
let askAgainAt = 0;

/** The newest nonce. A flood of forgeries asks the database for it no more often than everybody else. */
function findAwaited(now: number): Promise<string | null> {
  if (now < askAgainAt) return awaited;
  askAgainAt = now + KNOWN_FOR_MS;
  awaited = database()
    .prisma.canaryRound.findFirst({ orderBy: { startedAt: "desc" } })
    .then((round) => round?.nonce ?? null);
  return awaited;
}

/** Notes that the webhook of a canary came, and was refused for its signature. */
export async function recordCanaryRefusal(body: Buffer, now = Date.now()): Promise<void> {
  if (!body.includes(NAMED)) return;
  const nonce = NONCE.exec(body.toString("latin1"))?.[1];
  try {
    if (nonce === undefined || nonce !== (await findAwaited(now))) return;
    await database().prisma.canaryRound.updateMany({
      where: { nonce, arrivedAt: null, fault: null },
      data: { fault: "secret" },
    });
  } catch (error) {
    log.warn("a refused canary could not be noted", {}, error);
  }
}
