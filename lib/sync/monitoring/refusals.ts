/**
 * Records for Health that a webhook was refused although Clerk's sender may have sent it. Stores nothing of the message, which
 * may be a replay or a forgery. A flood causes at most one write and one log line every 4 s for each kind of refusal.
 */
import { z } from "zod";
import { database } from "../../db";
import { log } from "../../log";

const NOTE_EVERY_MS = 4_000;

/** The names of the refusals in `sync_facts`. */
const names = { skew: "webhook skew", tooLarge: "webhook too large" } as const;
type Refusal = keyof typeof names;

const skewShape = z.object({ secondsAgo: z.number() });
const tooLargeShape = z.object({ bytes: z.number().nullable(), mostBytes: z.number() });

const noteAgainAt: Record<Refusal, number> = { skew: 0, tooLarge: 0 };

function isDue(refusal: Refusal, now: number): boolean {
  if (now < noteAgainAt[refusal]) return false;
  noteAgainAt[refusal] = now + NOTE_EVERY_MS;
  return true;
}

function note(refusal: Refusal, value: object): void {
  database()
    .pool.query(
      `INSERT INTO sync_facts (name, value) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now()`,
      [names[refusal], JSON.stringify(value)],
    )
    .catch((error: unknown) =>
      log.warn("a refused webhook could not be noted", { refusal }, error),
    );
}

/** Records a valid signature with a refused timestamp: this server's clock is wrong, or a proxy delays requests. */
export function noteSkew(secondsAgo: number, now = Date.now()): void {
  if (!isDue("skew", now)) return;
  log.warn("webhook refused: its signature is good, its timestamp is not", { secondsAgo });
  note("skew", { secondsAgo });
}

/** Records that a body was too large to be read. Its signature was therefore not verified. */
export function noteTooLarge({ headers }: Request, mostBytes: number, now = Date.now()): void {
  if (!isDue("tooLarge", now)) return;
  const svixId = headers.get("svix-id")?.slice(0, 128);
  const bytes = Number(headers.get("content-length")) || null;
  log.warn("webhook refused for good: its body is larger than Clerk's sender may send", {
    svixId,
    bytes,
    mostBytes,
  });
  // Clerk's sender always sends these headers; most other large requests do not.
  if (svixId && headers.has("svix-signature")) note("tooLarge", { bytes, mostBytes });
}

type StoredFact = { name: string; value: unknown; updatedAt: Date };

function find<Value extends object>(
  facts: StoredFact[],
  refusal: Refusal,
  shape: z.ZodType<Value>,
) {
  const fact = facts.find(({ name }) => name === names[refusal]);
  const { data } = shape.safeParse(fact?.value);
  return fact && data ? { ...data, at: fact.updatedAt } : null;
}

/** Returns the newest refusal of each kind from the rows of `sync_facts`. */
export function refusalsIn(facts: StoredFact[]) {
  return {
    refusedTimestamp: find(facts, "skew", skewShape),
    refusedSize: find(facts, "tooLarge", tooLargeShape),
  };
}
