/**
 * Creates the handle of each user. The table `handles` has the current handle of every user: generated here, until another part of
 * the product stores a chosen one there.
 */
import pg from "pg";
import { singleFlight } from "../coalesce";
import { database } from "../db";
import { generateHandle } from "../generated-handle";

const MAX_ATTEMPTS = 5;

function isTaken(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === "23505" &&
    error.constraint === "handles_handle_key"
  );
}

/**
 * Resolves to the handle of a mirrored user, and creates one if there is none. Resolves to null for a user who is deleted or not
 * mirrored. Parallel calls resolve to the same handle. If another user already has the new handle, tries another handle,
 * {@link MAX_ATTEMPTS} in total. @throws when all were taken, and every other database error.
 */
export async function ensureHandle(
  userId: string,
  generate = generateHandle,
): Promise<string | null> {
  for (let attempt = 1; ; attempt++) {
    try {
      // FOR SHARE: no handle is created for a user whose deletion commits at the same time.
      await database().pool.query({
        name: "make handle",
        text: `INSERT INTO handles (user_id, handle) SELECT id, $2 FROM users WHERE id = $1 AND NOT deleted FOR SHARE
               ON CONFLICT (user_id) DO NOTHING`,
        values: [userId, generate()],
      });
      const created = await database().prisma.handle.findUnique({ where: { userId } });
      return created?.handle ?? null;
    } catch (error) {
      if (!isTaken(error) || attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

/** Like {@link ensureHandle}, but parallel calls of this process share one query. */
export const ensureHandleOnce = singleFlight((userId: string) => ensureHandle(userId));
