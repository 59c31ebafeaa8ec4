/** A handle for a person: random letters and digits, so that nothing of their e-mail address can be read from it. */
import { randomInt } from "node:crypto";
import pg from "pg";
import { singleFlight } from "../coalesce";
import { database } from "../db";

const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const TRIES = 5;

export function randomHandle(): string {
  const letters = Array.from({ length: 10 }, () => ALPHABET[randomInt(ALPHABET.length)]);
  return `m-${letters.join("")}`;
}

function isTaken(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === "23505" &&
    error.constraint === "handles_handle_key"
  );
}

/**
 * The handle of a mirrored person, made if there is none. Parallel calls agree on one; a handle that another person has
 * is tried again, any other fault is not ours to cure.
 */
export async function ensureHandle(userId: string, make = randomHandle): Promise<string | null> {
  for (let tries = 1; ; tries++) {
    try {
      // Nothing is made for a person who was buried meanwhile.
      await database().pool.query({
        name: "make handle",
        text: `INSERT INTO handles (user_id, handle) SELECT id, $2 FROM users WHERE id = $1 AND NOT deleted FOR SHARE
               ON CONFLICT (user_id) DO NOTHING`,
        values: [userId, make()],
      });
      const made = await database().prisma.handle.findUnique({ where: { userId } });
      return made?.handle ?? null;
    } catch (error) {
      if (!isTaken(error) || tries === TRIES) throw error;
    }
  }
}

/** {@link ensureHandle}, once for parallel calls of this process. */
export const handleOf = singleFlight((userId: string) => ensureHandle(userId));
