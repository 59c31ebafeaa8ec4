/** The feed: wishlist items of the people whom a user follows. */
import { Prisma, type Profile } from "../generated/prisma/client";

/** A wishlist item, with the profile of its owner. */
export type FeedRow = Profile & { itemId: string; addedAt: Date; countryId: string };

/**
 * Returns SQL that selects the newest `count` items of all people whom `userId` follows. First ranks these people by their newest
 * item and keeps the top `count`: nobody else can own one of the selected items. So the query reads one index row for each
 * followed person, and at most `count` rows for each person that it keeps.
 */
export function feedQuery(userId: string, count: number): Prisma.Sql {
  return Prisma.sql`
    WITH recent AS (
      SELECT f.followed_id FROM follows f CROSS JOIN LATERAL (
        SELECT w.created_at, w.id FROM wishlist_items w WHERE w.user_id = f.followed_id AND w.created_at IS NOT NULL
        ORDER BY w.created_at DESC NULLS LAST, w.id DESC LIMIT 1
      ) latest
      WHERE f.follower_id = ${userId} AND f.is_accepted AND NOT f.is_followed_banned
      ORDER BY latest.created_at DESC, latest.id DESC LIMIT ${count}
    ),
    items AS (
      SELECT item.* FROM recent CROSS JOIN LATERAL (
        SELECT w.id, w.created_at, w.country_id, w.user_id FROM wishlist_items w
        WHERE w.user_id = recent.followed_id AND w.created_at IS NOT NULL
        ORDER BY w.created_at DESC NULLS LAST, w.id DESC LIMIT ${count}
      ) item
      ORDER BY item.created_at DESC, item.id DESC LIMIT ${count}
    )
    SELECT i.id AS "itemId", i.created_at AS "addedAt", i.country_id AS "countryId",
      p.id, p.user_id AS "userId", p.handle, p.is_handle_chosen AS "isHandleChosen", p.handle_changes AS "handleChanges",
      p.bio, p.is_private AS "isPrivate", p.followers_count AS "followersCount", p.following_count AS "followingCount",
      p.created_at AS "createdAt", p.first_name AS "firstName", p.last_name AS "lastName", p.username,
      p.image_url AS "imageUrl", p.is_banned AS "isBanned"
    FROM items i JOIN profiles p ON p.user_id = i.user_id
    ORDER BY i.created_at DESC, i.id DESC`;
}
