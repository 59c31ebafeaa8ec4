/**
 * Finds what an erasure has left behind: columns that still contain the person's data, and a profile whose counts do not match
 * the rows in `follows`.
 */
import { database } from "@/lib/db";
import type { Canary } from "./canary-person";
import { findInDatabase } from "./personal-data-scan";

export type Leftovers = { places: string[]; wrongCounts: number };

/** Checks only the counts near the canary person: the friend is the person that the canary person followed. */
export async function findLeftovers({ traces, friendId }: Canary): Promise<Leftovers> {
  const { rows } = await database().pool.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM profiles p WHERE p.user_id = $1 AND (followers_count, following_count) <>
       ((SELECT count(*) FROM follows f WHERE f.followed_id = p.user_id AND f.is_accepted),
        (SELECT count(*) FROM follows f WHERE f.follower_id = p.user_id AND f.is_accepted))`,
    [friendId],
  );
  const places = (await findInDatabase(traces)).map((place) => place.replace(/: .*/, ""));
  return { places: [...new Set(places)], wrongCounts: rows[0]?.count ?? 0 };
}
