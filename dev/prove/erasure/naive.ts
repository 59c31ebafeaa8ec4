/**
 * The erasure that a product usually begins with, for comparison only: a row in an archive table, the followed users' counts of
 * followers decreased, and `Promise.all` of deletes. It has no transaction, and no record of the remaining work.
 */
import { database } from "../../../lib/db";

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

export const createNaiveArchive = () =>
  sql(
    "CREATE TABLE naive_deleted_users (user_id text, email text, purchases jsonb, deleted_at timestamptz DEFAULT now())",
  );

const DELETES = [
  "DELETE FROM wishlist_items WHERE user_id = $1",
  "DELETE FROM follows WHERE $1 IN (follower_id, followed_id)",
  "DELETE FROM profiles WHERE user_id = $1",
  "DELETE FROM memberships WHERE user_id = $1",
  "DELETE FROM payment_attempts WHERE user_id = $1",
  "DELETE FROM sessions WHERE user_id = $1",
];

export async function eraseNaively(
  userId: string,
  checkpoint: (name: string) => void,
): Promise<void> {
  await sql(
    `INSERT INTO naive_deleted_users (user_id, email, purchases)
     SELECT id, email, (SELECT jsonb_agg(p) FROM payment_attempts p WHERE p.user_id = u.id) FROM users u WHERE id = $1`,
    [userId],
  );
  checkpoint("archived");
  await sql(
    `UPDATE profiles SET followers_count = followers_count - 1
     WHERE user_id IN (SELECT followed_id FROM follows WHERE follower_id = $1)`,
    [userId],
  );
  checkpoint("pulled");
  let done = 0;
  await Promise.all(
    DELETES.map(async (text) => {
      await sql(text, [userId]);
      done += 1;
      if (done === 2) checkpoint("half deleted");
    }),
  );
  checkpoint("deleted");
  await sql("DELETE FROM users WHERE id = $1", [userId]);
  checkpoint("done");
}
