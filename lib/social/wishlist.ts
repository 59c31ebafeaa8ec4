/** The wishlist: countries that a user wants to visit. Adding a listed country, or removing an unlisted one, changes nothing. */
import type { Queryable } from "../db";

/** `no-user`: the user is deleted, or not mirrored yet. */
export type Added = "added" | "already" | "no-user";

export async function addToWishlist(
  db: Queryable,
  userId: string,
  countryId: string,
): Promise<Added> {
  // FOR SHARE waits for a concurrent deletion of the user. If that deletion commits, nothing is added.
  const { rows } = await db.query<{ people: number; added: number }>(
    `WITH person AS (SELECT id FROM users WHERE id = $1 AND NOT deleted FOR SHARE),
       added AS (
         INSERT INTO wishlist_items (id, user_id, country_id)
         SELECT gen_random_uuid()::text, id, $2 FROM person
         ON CONFLICT (user_id, country_id) DO NOTHING RETURNING id
       )
     SELECT (SELECT count(*) FROM person)::int AS people, (SELECT count(*) FROM added)::int AS added`,
    [userId, countryId],
  );
  const [counts] = rows;
  if (!counts?.people) return "no-user";
  return counts.added ? "added" : "already";
}

/** Resolves to true if the country was on the wishlist. */
export async function removeFromWishlist(
  db: Queryable,
  userId: string,
  countryId: string,
): Promise<boolean> {
  const { rowCount } = await db.query(
    "DELETE FROM wishlist_items WHERE user_id = $1 AND country_id = $2",
    [userId, countryId],
  );
  return rowCount === 1;
}
