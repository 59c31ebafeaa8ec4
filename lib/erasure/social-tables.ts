/** The registry's entries for wishlists, profiles and follows. Delete an entry here together with its table. */
import type { ModelEntries } from "./table-entry";

export const socialTables = {
  WishlistItem: {
    table: "wishlist_items",
    holds: "The countries that a user wants to visit.",
    user: "t.user_id = subject.id",
    isDeleted: true,
    columns: {
      id: "erased",
      user_id: "erased",
      country_id: "erased",
      created_at: "erased",
    },
  },
  Profile: {
    table: "profiles",
    holds: "Public profiles.",
    user: "t.user_id = subject.id",
    isDeleted: true,
    columns: {
      id: "erased",
      user_id: "erased",
      handle: "erased",
      is_handle_chosen: "erased",
      handle_changes: "erased",
      bio: "erased",
      is_private: "erased",
      followers_count: "erased",
      following_count: "erased",
      created_at: "erased",
      first_name: "erased",
      last_name: "erased",
      username: "erased",
      image_url: "erased",
      is_banned: "erased",
    },
  },
  ProfileHandle: {
    table: "profile_handles",
    emptiedBy:
      "skeleton = erased_skeleton(skeleton), handle = NULL, user_id = NULL, released_at = coalesce(released_at, now())",
    holds:
      "Handles in use, and those released less than 90 days ago, of erased users only as a hash.",
    user: "t.user_id = subject.id",
    columns: {
      skeleton: "pseudonym",
      handle: "erased",
      user_id: "erased",
      released_at: "not personal",
    },
  },
  Follow: {
    table: "follows",
    holds: "Who follows whom.",
    user: "subject.id IN (t.follower_id, t.followed_id)",
    isDeleted: true,
    columns: {
      id: "erased",
      follower_id: "erased",
      followed_id: "erased",
      is_accepted: "erased",
      is_follower_banned: "erased",
      is_followed_banned: "erased",
      created_at: "erased",
    },
  },
  Block: {
    table: "blocks",
    holds: "Who blocked whom.",
    user: "subject.id IN (t.blocker_id, t.blocked_id)",
    isDeleted: true,
    columns: {
      id: "erased",
      blocker_id: "erased",
      blocked_id: "erased",
      created_at: "erased",
    },
  },
} satisfies ModelEntries<"WishlistItem" | "Profile" | "ProfileHandle" | "Follow" | "Block">;
