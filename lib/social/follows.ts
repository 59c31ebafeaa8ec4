/**
 * Follows, follow requests and blocks. Every function runs inside its caller's transaction, and locks both profiles in the order
 * of their user ids before it changes a follow or a block. So a follow and a block between the same two people run one after the
 * other. Triggers update the profiles' counts of followers and of followed people.
 */
import type { Queryable } from "../db";
import { ensureProfile } from "./profiles";

type Person = { userId: string; isPrivate: boolean; isBanned: boolean };
type Pair = { me: Person; other: Person };

/**
 * Locks the user's profile and the other person's profile, whose id is `profileId`. Null if either profile does not exist, or if
 * `profileId` is the user's own.
 */
async function lockPair(db: Queryable, userId: string, profileId: string): Promise<Pair | null> {
  const { rows } = await db.query<Person & { isMe: boolean }>(
    `SELECT user_id AS "userId", is_private AS "isPrivate", is_banned AS "isBanned", user_id = $1 AS "isMe"
     FROM profiles WHERE user_id = $1 OR id = $2 ORDER BY user_id FOR NO KEY UPDATE`,
    [userId, profileId],
  );
  const me = rows.find(({ isMe }) => isMe);
  const other = rows.find(({ isMe }) => !isMe);
  return me && other ? { me, other } : null;
}

async function isBlocked(db: Queryable, { me, other }: Pair): Promise<"by-me" | "by-them" | null> {
  const { rows } = await db.query<{ blocker: string }>(
    `SELECT blocker_id AS blocker FROM blocks
     WHERE (blocker_id = $1 AND blocked_id = $2) OR (blocker_id = $2 AND blocked_id = $1)`,
    [me.userId, other.userId],
  );
  if (rows.some(({ blocker }) => blocker === other.userId)) return "by-them";
  return rows.length > 0 ? "by-me" : null;
}

/**
 * `not-found`: the profile does not exist, its owner is banned or has blocked the viewer, or the viewer is banned. The viewer
 * must not learn which of these is true.
 */
export type FollowResult =
  | { state: "following" | "requested"; isNew: boolean }
  | { refused: "self" | "blocked" | "not-found" | "no-user" };

/** Follows a public profile, or sends a follow request to the owner of a private profile. */
export async function follow(
  db: Queryable,
  userId: string,
  profileId: string,
): Promise<FollowResult> {
  if (!(await ensureProfile(db, userId))) return { refused: "no-user" };
  const pair = await lockPair(db, userId, profileId);
  if (!pair) return { refused: (await isOwnProfile(db, userId, profileId)) ? "self" : "not-found" };
  const blocked = await isBlocked(db, pair);
  if (pair.other.isBanned || pair.me.isBanned || blocked === "by-them")
    return { refused: "not-found" };
  if (blocked === "by-me") return { refused: "blocked" };
  const ids = [userId, pair.other.userId];
  const { rows } = await db.query<{ isAccepted: boolean }>(
    'SELECT is_accepted AS "isAccepted" FROM follows WHERE follower_id = $1 AND followed_id = $2',
    ids,
  );
  // No other transaction can insert this follow now: both profiles are locked.
  const [existing] = rows;
  if (existing) return { state: existing.isAccepted ? "following" : "requested", isNew: false };
  const isAccepted = !pair.other.isPrivate;
  await db.query(
    `INSERT INTO follows (id, follower_id, followed_id, is_accepted) VALUES (gen_random_uuid()::text, $1, $2, $3)`,
    [...ids, isAccepted],
  );
  return { state: isAccepted ? "following" : "requested", isNew: true };
}

async function isOwnProfile(db: Queryable, userId: string, profileId: string): Promise<boolean> {
  const { rowCount } = await db.query("SELECT FROM profiles WHERE user_id = $1 AND id = $2", [
    userId,
    profileId,
  ]);
  return rowCount === 1;
}

async function withPair(
  db: Queryable,
  userId: string,
  profileId: string,
  change: (me: string, other: string) => Promise<{ rowCount: number | null }>,
): Promise<boolean> {
  const pair = await lockPair(db, userId, profileId);
  if (!pair) return false;
  return ((await change(pair.me.userId, pair.other.userId)).rowCount ?? 0) > 0;
}

/**
 * Ends a follow, or withdraws a follow request. Resolves to true if a row changed, as do {@link acceptRequest},
 * {@link removeFollower} and {@link unblock}.
 */
export async function unfollow(db: Queryable, userId: string, profileId: string) {
  return withPair(db, userId, profileId, (me, other) =>
    db.query("DELETE FROM follows WHERE follower_id = $1 AND followed_id = $2", [me, other]),
  );
}

export async function acceptRequest(db: Queryable, userId: string, profileId: string) {
  return withPair(db, userId, profileId, (me, other) =>
    db.query(
      "UPDATE follows SET is_accepted = true WHERE follower_id = $2 AND followed_id = $1 AND NOT is_accepted",
      [me, other],
    ),
  );
}

/** Removes a follower, or declines a follow request. The follower is not notified. */
export async function removeFollower(db: Queryable, userId: string, profileId: string) {
  return withPair(db, userId, profileId, (me, other) =>
    db.query("DELETE FROM follows WHERE follower_id = $2 AND followed_id = $1", [me, other]),
  );
}

/** Blocks a person, and ends follows and requests in both directions. `already`: the person was blocked before. */
export async function block(
  db: Queryable,
  userId: string,
  profileId: string,
): Promise<"blocked" | "already" | "self" | "not-found" | "no-user"> {
  if (!(await ensureProfile(db, userId))) return "no-user";
  const pair = await lockPair(db, userId, profileId);
  if (!pair) return (await isOwnProfile(db, userId, profileId)) ? "self" : "not-found";
  const ids = [pair.me.userId, pair.other.userId];
  await db.query(
    `DELETE FROM follows WHERE (follower_id = $1 AND followed_id = $2) OR (follower_id = $2 AND followed_id = $1)`,
    ids,
  );
  const { rowCount } = await db.query(
    `INSERT INTO blocks (id, blocker_id, blocked_id) VALUES (gen_random_uuid()::text, $1, $2)
     ON CONFLICT (blocker_id, blocked_id) DO NOTHING`,
    ids,
  );
  return rowCount === 1 ? "blocked" : "already";
}

/** Unblocks a person. Does not restore the follows that the block ended. */
export async function unblock(db: Queryable, userId: string, profileId: string) {
  return withPair(db, userId, profileId, (me, other) =>
    db.query("DELETE FROM blocks WHERE blocker_id = $1 AND blocked_id = $2", [me, other]),
  );
}
