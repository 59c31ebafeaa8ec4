/** The sample product's tables in a user's data archive. */
import type { PersonalTable } from "./personal-table";

const handleOf = (column: string) =>
  `(SELECT p.handle FROM profiles p WHERE p.user_id = t.${column})`;

export const socialTables: Record<string, PersonalTable> = {
  profiles: {
    title: "Public profile",
    about: "Your public page.",
    where: "t.user_id = $1",
    key: ["id"],
  },
  profile_handles: {
    title: "Handles",
    about: "The handles that you have, or had in the last 90 days.",
    where: "t.user_id = $1",
    key: ["skeleton"],
  },
  wishlist_items: {
    title: "Wishlist",
    about: "The countries on your wishlist.",
    where: "t.user_id = $1",
    key: ["id"],
  },
  follows: {
    title: "Follows",
    about: "Whom you follow and who follows you, by handle.",
    where: "t.follower_id = $1 OR t.followed_id = $1",
    key: ["id"],
    columns: {
      follower_id: handleOf("follower_id"),
      followed_id: handleOf("followed_id"),
      // Left out: whether another person is banned is not the user's own data.
      is_follower_banned: null,
      is_followed_banned: null,
    },
  },
  blocks: {
    title: "Blocks",
    about: "Whom you block, by handle. Who blocks you is not in the archive.",
    where: "t.blocker_id = $1",
    key: ["id"],
    columns: { blocker_id: null, blocked_id: handleOf("blocked_id") },
  },
};
