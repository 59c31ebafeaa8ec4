/** The guarded actions of the sample product. */
import { z } from "zod";
import type { Queryable } from "../db";
import { publicName } from "../format";
import { guardedAction } from "../intents/guarded-action";
import { findCountry } from "./countries";
import { acceptRequest, block, follow, removeFollower, unblock, unfollow } from "./follows";
import { addToWishlist, removeFromWishlist } from "./wishlist";

const country = z.strictObject({ countryId: z.string().length(2) });

const NOT_READY = "Your account is still being set up. Try again in a moment.";

export const wishlistAdd = guardedAction("wishlist.add", {
  args: country,
  purpose: (_db, { countryId }) => {
    const found = findCountry(countryId);
    return found ? `add ${found.name} to your wishlist` : null;
  },
  done: (_db, { countryId }) => `${findCountry(countryId)?.name ?? countryId} is on your wishlist.`,
  perform: async (db, userId, { countryId }) => {
    const added = await addToWishlist(db, userId, countryId);
    if (added === "no-user") return { refused: NOT_READY };
    return added === "added" ? "changed" : "already";
  },
  undo: async (db, userId, { countryId }) => {
    await removeFromWishlist(db, userId, countryId);
  },
});

export const wishlistRemove = guardedAction("wishlist.remove", {
  args: country,
  purpose: (_db, { countryId }) => {
    const found = findCountry(countryId);
    return found ? `remove ${found.name} from your wishlist` : null;
  },
  done: (_db, { countryId }) =>
    `${findCountry(countryId)?.name ?? countryId} is no longer on your wishlist.`,
  perform: async (db, userId, { countryId }) =>
    (await removeFromWishlist(db, userId, countryId)) ? "changed" : "already",
  undo: async (db, userId, { countryId }) => {
    await addToWishlist(db, userId, countryId);
  },
});

// The argument is the profile's id, because its handle may change between the click and the sign-in.
const profile = z.strictObject({ profileId: z.uuid() });
type OfProfile = z.output<typeof profile>;

const UNAVAILABLE = "This profile is not available.";

async function findName(db: Queryable, { profileId }: OfProfile): Promise<string | null> {
  const { rows } = await db.query<Parameters<typeof publicName>[0]>(
    `SELECT first_name AS "firstName", last_name AS "lastName", username, handle FROM profiles
     WHERE id = $1 AND NOT is_banned`,
    [profileId],
  );
  return rows[0] ? publicName(rows[0]) : null;
}

const nameOf = async (db: Queryable, args: OfProfile) =>
  (await findName(db, args)) ?? "this person";

/** Makes the `purpose` of an action on a profile, which is null if the profile does not exist or its user is banned. */
const purposeOf =
  (sentence: (name: string) => string) => async (db: Queryable, args: OfProfile) => {
    const name = await findName(db, args);
    return name === null ? null : sentence(name);
  };

async function isRequested(db: Queryable, userId: string, { profileId }: OfProfile) {
  const { rows } = await db.query<{ isAccepted: boolean }>(
    `SELECT f.is_accepted AS "isAccepted" FROM follows f JOIN profiles p ON p.user_id = f.followed_id
     WHERE f.follower_id = $1 AND p.id = $2`,
    [userId, profileId],
  );
  return rows[0]?.isAccepted === false;
}

const refusals = {
  self: "This is your own profile.",
  blocked: "You blocked this person. Unblock them first.",
  "not-found": UNAVAILABLE,
  "no-user": NOT_READY,
} as const;

export const profileFollow = guardedAction("profile.follow", {
  args: profile,
  purpose: purposeOf((name) => `follow ${name}`),
  done: async (db, args, userId) =>
    (await isRequested(db, userId, args))
      ? `You asked to follow ${await nameOf(db, args)}.`
      : `You follow ${await nameOf(db, args)}.`,
  perform: async (db, userId, { profileId }) => {
    const result = await follow(db, userId, profileId);
    if ("refused" in result) return { refused: refusals[result.refused] };
    return result.isNew ? "changed" : "already";
  },
  undo: async (db, userId, { profileId }) => {
    await unfollow(db, userId, profileId);
  },
});

export const profileUnfollow = guardedAction("profile.unfollow", {
  args: profile,
  purpose: purposeOf((name) => `stop following ${name}`),
  done: async (db, args) => `You no longer follow ${await nameOf(db, args)}.`,
  perform: async (db, userId, { profileId }) =>
    (await unfollow(db, userId, profileId)) ? "changed" : "already",
  // Follows again. For a private profile this is a new request, because the unfollow deleted the accepted one.
  undo: async (db, userId, { profileId }) => {
    await follow(db, userId, profileId);
  },
});

export const profileBlock = guardedAction("profile.block", {
  args: profile,
  purpose: purposeOf((name) => `block ${name}`),
  done: async (db, args) =>
    `You blocked ${await nameOf(db, args)}. Neither of you follows the other now.`,
  perform: async (db, userId, { profileId }) => {
    const result = await block(db, userId, profileId);
    if (result === "blocked") return "changed";
    return result === "already" ? "already" : { refused: refusals[result] };
  },
  undo: async (db, userId, { profileId }) => {
    await unblock(db, userId, profileId);
  },
});

export const profileUnblock = guardedAction("profile.unblock", {
  args: profile,
  purpose: purposeOf((name) => `unblock ${name}`),
  done: async (db, args) => `You unblocked ${await nameOf(db, args)}.`,
  perform: async (db, userId, { profileId }) =>
    (await unblock(db, userId, profileId)) ? "changed" : "already",
  undo: async (db, userId, { profileId }) => {
    await block(db, userId, profileId);
  },
});

// This action has no `undo`: to restore the request, the other person would have to ask again.
export const followerAccept = guardedAction("follower.accept", {
  args: profile,
  purpose: purposeOf((name) => `accept ${name} as a follower`),
  done: async (db, args) => `${await nameOf(db, args)} follows you now.`,
  perform: async (db, userId, { profileId }) =>
    (await acceptRequest(db, userId, profileId)) ? "changed" : "already",
});

export const followerRemove = guardedAction("follower.remove", {
  args: profile,
  purpose: purposeOf((name) => `remove ${name} from your followers`),
  done: async (db, args) => `${await nameOf(db, args)} does not follow you.`,
  perform: async (db, userId, { profileId }) =>
    (await removeFollower(db, userId, profileId)) ? "changed" : "already",
});
