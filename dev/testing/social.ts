/** Creates rows of the sample product for the tests of the whole API. */
import { database, transaction } from "@/lib/db";
import { follow } from "@/lib/social/follows";
import { saveProfile } from "@/lib/social/profiles";
import { addToWishlist } from "@/lib/social/wishlist";
import { clerkId } from "./clerk-payloads";
import { mirrorUser } from "./mirror";

const sql = (text: string, values: unknown[]) => database().pool.query(text, values);

/** Makes a public profile. Resolves to its id. */
async function makeProfile(userId: string, handle: string): Promise<string> {
  await saveProfile(userId, { handle, bio: null, isPrivate: false });
  return (await sql("SELECT id FROM profiles WHERE user_id = $1", [userId])).rows[0].id;
}

/** Creates a public profile with one follower, one followed person, one request and one block, and a feed of one item. */
export async function makeSocialData(userId: string, handle: string): Promise<void> {
  const others = [clerkId("user"), clerkId("user"), clerkId("user")] as const;
  const [friend, asking, blocked] = others;
  await makeProfile(userId, handle);
  await addToWishlist(database().pool, userId, "PT");
  const profileIds = new Map<string, string>();
  for (const [index, id] of others.entries()) {
    await mirrorUser(id);
    profileIds.set(id, await makeProfile(id, `${handle}_${"xyz"[index]}`));
    await addToWishlist(database().pool, id, "PT");
  }
  await transaction((db) => follow(db, userId, profileIds.get(friend) ?? ""));
  await sql(
    `INSERT INTO follows (id, follower_id, followed_id, is_accepted) VALUES ('f1', $2, $1, true), ('f2', $3, $1, false)`,
    [userId, friend, asking],
  );
  await sql("INSERT INTO blocks (id, blocker_id, blocked_id) VALUES ('b1', $1, $2)", [
    userId,
    blocked,
  ]);
}

/** Creates a public profile. {@link makeSocialRows} then adds rows to its lists. */
export async function makeListedProfile(userId: string, handle: string): Promise<void> {
  await makeProfile(userId, handle);
}

/**
 * Adds one row, with the time `at`, to each list of the profile. One user cannot both follow the profile and have a pending
 * request, so this creates a second user for the request.
 */
export async function makeSocialRows(owner: string, userId: string, index: number, at: Date) {
  const asking = clerkId("user");
  await mirrorUser(asking);
  await makeProfile(userId, `lister_${index}x`);
  await makeProfile(asking, `lister_${index}y`);
  await sql(
    "INSERT INTO wishlist_items (id, user_id, country_id, created_at) VALUES ($1, $2, $3, $4)",
    [clerkId("wish"), owner, `A${String.fromCharCode(65 + index)}`, at],
  );
  await sql(
    `INSERT INTO follows (id, follower_id, followed_id, is_accepted, created_at)
     VALUES ($4, $2, $1, true, $7), ($5, $1, $2, true, $7), ($6, $3, $1, false, $7)`,
    [owner, userId, asking, clerkId("fol"), clerkId("fol"), clerkId("fol"), at],
  );
  await sql("INSERT INTO blocks (id, blocker_id, blocked_id, created_at) VALUES ($1, $2, $3, $4)", [
    clerkId("blk"),
    owner,
    userId,
    at,
  ]);
}

/**
 * Creates a profile with a wishlist, a bio, an earlier handle, a follow in both directions and a block. All texts of this profile
 * contain `tag`; other profiles' texts do not.
 */
export async function leaveSocialTraces(userId: string, friendId: string, tag: string) {
  const [other, blockedId] = [clerkId("x").slice(-8), clerkId("user")];
  const profileId = await makeProfile(userId, `finch_${tag}`);
  const save = { handle: `warbler_${tag}`, bio: `I sing in ${tag}`, isPrivate: false };
  await saveProfile(userId, save);
  const friendProfile = await makeProfile(friendId, `friend_${other}`);
  await addToWishlist(database().pool, userId, "PT");
  await transaction((db) => follow(db, userId, friendProfile));
  await transaction((db) => follow(db, friendId, profileId));
  await mirrorUser(blockedId, { first_name: "Corvus" });
  await makeProfile(blockedId, `blocked_${other}`);
  await sql("INSERT INTO blocks (id, blocker_id, blocked_id) VALUES ($1, $2, $3)", [
    clerkId("blk"),
    userId,
    blockedId,
  ]);
}
