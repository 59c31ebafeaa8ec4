/**
 * Records that Clerk signs session tokens with a key that CLERK_JWT_KEY lacks. Such tokens are still verified, but only while
 * Clerk's keys can be fetched. The record belongs to one value of the variable: changing the variable ends the warning.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { database } from "./db";
import { env } from "./env";
import { log } from "./log";

const NAME = "outdated jwt key";
/**
 * The minimum time in ms between two writes. It is needed because {@link noteOutdatedJwtKey} is called for every request whose
 * token is not cached.
 */
const NOTE_EVERY_MS = 60_000;

const currentValue = () => createHash("sha256").update(env().jwtKeys.join("\n")).digest("hex");

let noteAgainAt = 0;

/** Records in the background, at most once a minute, that a token was signed with a key that CLERK_JWT_KEY lacks. */
export function noteOutdatedJwtKey(now = Date.now()): void {
  if (now < noteAgainAt) return;
  noteAgainAt = now + NOTE_EVERY_MS;
  log.warn("CLERK_JWT_KEY lacks the key that Clerk signs session tokens with");
  database()
    .pool.query(
      `INSERT INTO sync_facts (name, value) VALUES ($1, jsonb_build_object('jwtKeys', $2::text))
       ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now()`,
      [NAME, currentValue()],
    )
    .catch((error: unknown) => log.warn("the outdated key could not be noted", {}, error));
}

const fact = z.object({ jwtKeys: z.string() });

/** Resolves to the time at which a token was last signed with a key that the current CLERK_JWT_KEY lacks; to null if never. */
export async function findOutdatedJwtKey(): Promise<Date | null> {
  const row = await database().prisma.syncFact.findUnique({ where: { name: NAME } });
  return row && fact.safeParse(row.value).data?.jwtKeys === currentValue() ? row.updatedAt : null;
}
