/**
 * Profiles, follows and blocks. A profile is public. Only its owner, accepted followers and platform admins may read the wishlist
 * and the follow lists of a private profile.
 */
import { queryFromInfo } from "@pothos/plugin-prisma";
import type { GraphQLResolveInfo } from "graphql";
import { type Queryable, transaction } from "../../db";
import { publicName } from "../../format";
import type { Profile as ProfileRow } from "../../generated/prisma/client";
import {
  acceptRequest,
  block,
  follow,
  removeFollower,
  unblock,
  unfollow,
} from "../../social/follows";
import { parseHandle } from "../../social/handle";
import { handleChangeableFrom, type ProfileError, saveProfile } from "../../social/profiles";
import { builder } from "../builder";
import { type Context, viewerDbOf } from "../context";
import { graphQLError, requireViewerId } from "../errors";
import { FieldLoaders } from "./batch-load";
import { newestFirstConnection, type PageArgs } from "./keyset-pagination";
import { isStorable } from "./storable-text";
import { Viewer } from "./viewer";
import { WishlistItem } from "./wishlist";

type FollowState = "none" | "requested" | "following";

const FollowStateName = builder.enumType("FollowState", {
  description: "REQUESTED: the owner of a private profile has not accepted yet.",
  values: {
    NONE: { value: "none" },
    REQUESTED: { value: "requested" },
    FOLLOWING: { value: "following" },
  } as const,
});

const states = new FieldLoaders<FollowState>();
const blocked = new FieldLoaders<true>();

async function followState(
  { userId }: ProfileRow,
  context: Context,
  field: object,
): Promise<FollowState> {
  const { viewer } = context.authentication;
  if (!viewer) return "none";
  const state = await states.load(context, field, userId, async (userIds) => {
    const follows = await viewerDbOf(context).follow.findMany({
      select: { followedId: true, isAccepted: true },
      where: { followerId: viewer.user.id, followedId: { in: [...userIds] } },
    });
    return new Map(
      follows.map((each) => [each.followedId, each.isAccepted ? "following" : "requested"]),
    );
  });
  return state ?? "none";
}

async function isBlockedByViewer(
  { userId }: ProfileRow,
  context: Context,
  field: object,
): Promise<boolean> {
  const { viewer } = context.authentication;
  if (!viewer) return false;
  const found = await blocked.load(context, field, userId, async (userIds) => {
    const blocks = await viewerDbOf(context).block.findMany({
      select: { blockedId: true },
      where: { blockerId: viewer.user.id, blockedId: { in: [...userIds] } },
    });
    return new Map(blocks.map(({ blockedId }) => [blockedId, true]));
  });
  return found === true;
}

const isOwn = ({ userId }: ProfileRow, { authentication: { viewer } }: Context) =>
  viewer?.user.id === userId;

/**
 * True if the viewer may read the profile's wishlist and follow lists. The row level security policies of these tables have the
 * same rule.
 */
async function isReadable(profile: ProfileRow, context: Context, field: object): Promise<boolean> {
  if (!profile.isPrivate || isOwn(profile, context) || context.authentication.viewer?.isAdmin)
    return true;
  return (await followState(profile, context, field)) === "following";
}

export const Profile = builder.prismaObject("Profile", {
  description: "The public side of a user.",
  authScopes: { anyone: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false, description: "Not the user's id at Clerk." }),
    handle: t.exposeString("handle", { nullable: false }),
    name: t.string({
      nullable: false,
      description: "The full name, or else the username, or else @ and the handle.",
      resolve: publicName,
    }),
    isHandleChosen: t.exposeBoolean("isHandleChosen", {
      nullable: false,
      description: "False for a generated handle.",
    }),
    imageUrl: t.exposeString("imageUrl"),
    bio: t.exposeString("bio"),
    isPrivate: t.exposeBoolean("isPrivate", {
      nullable: false,
      description: "Whether only accepted followers may read the wishlist and the lists.",
    }),
    followersCount: t.exposeInt("followersCount", { nullable: false }),
    followingCount: t.exposeInt("followingCount", { nullable: false }),
    isOwn: t.boolean({
      nullable: false,
      description: "Whether it is the viewer's.",
      resolve: (profile, _args, context) => isOwn(profile, context),
    }),
    isReadable: t.boolean({
      nullable: false,
      description: "Whether the viewer may read the wishlist and the lists.",
      resolve: (profile, _args, context, info) => isReadable(profile, context, info.fieldNodes),
    }),
    followState: t.field({
      type: FollowStateName,
      nullable: false,
      description: "Whether the viewer follows it.",
      resolve: (profile, _args, context, info) => followState(profile, context, info.fieldNodes),
    }),
    isBlocked: t.boolean({
      nullable: false,
      description: "Whether the viewer has blocked it.",
      resolve: (profile, _args, context, info) =>
        isBlockedByViewer(profile, context, info.fieldNodes),
    }),
  }),
});

const Follow = builder.prismaObject("Follow", {
  description: "That one person follows another, or asks to.",
  authScopes: { anyone: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    follower: t.relation("follower", { nullable: false, onNull: "error" }),
    followed: t.relation("followed", { nullable: false, onNull: "error" }),
  }),
});

const Block = builder.prismaObject("Block", {
  description: "That the viewer has blocked a person.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    blocked: t.relation("blocked", { nullable: false, onNull: "error" }),
  }),
});

const visible = { isFollowerBanned: false, isFollowedBanned: false };
const paths = [["edges", "node"]];

type FollowList = {
  profile: ProfileRow;
  where: { followedId: string } | { followerId: string };
  count: number;
};

/** Resolves to the followers or the followed people of a profile; to an empty list if the viewer may not read them. */
async function acceptedFollows(
  { profile, where: side, count }: FollowList,
  { args, context, info }: { args: PageArgs; context: Context; info: GraphQLResolveInfo },
) {
  const where = { ...side, isAccepted: true, ...visible };
  const select = queryFromInfo({ context, info, typeName: "Follow", paths });
  const db = viewerDbOf(context);
  const mayRead = await isReadable(profile, context, info.fieldNodes);
  return newestFirstConnection(
    args,
    async (page) =>
      mayRead
        ? db.follow.findMany({ ...select, ...page, where: { AND: [where, page.where] } })
        : [],
    async () => (mayRead ? count : 0),
  );
}

builder.objectFields(Profile, (t) => ({
  wishlist: t.connection({
    type: WishlistItem,
    nullable: false,
    description: "Newest first. Empty when the viewer may not read it.",
    resolve: ({ userId }, args, context, info) => {
      const where = { userId };
      const select = queryFromInfo({ context, info, typeName: "WishlistItem", paths });
      const db = viewerDbOf(context);
      return newestFirstConnection(
        args,
        (page) =>
          db.wishlistItem.findMany({ ...select, ...page, where: { AND: [where, page.where] } }),
        () => db.wishlistItem.count({ where }),
      );
    },
  }),
  followers: t.connection({
    type: Follow,
    nullable: false,
    description:
      "Newest first. Empty when the viewer may not read it. `totalCount` is exact for the owner.",
    resolve: (profile, args, context, info) =>
      acceptedFollows(
        { profile, where: { followedId: profile.userId }, count: profile.followersCount },
        { args, context, info },
      ),
  }),
  following: t.connection({
    type: Follow,
    nullable: false,
    description:
      "Newest first. Empty when the viewer may not read it. `totalCount` is exact for the owner.",
    resolve: (profile, args, context, info) =>
      acceptedFollows(
        { profile, where: { followerId: profile.userId }, count: profile.followingCount },
        { args, context, info },
      ),
  }),
}));

builder.objectField(Viewer, "profile", (t) =>
  t.prismaField({
    type: Profile,
    description: "Null before the viewer has chosen a handle or followed another user.",
    resolve: (select, { user }, _args, context) =>
      viewerDbOf(context).profile.findUnique({ ...select, where: { userId: user.id } }),
  }),
);

/** Resolves to the current handle of the person who has or had a handle; null if there is no such person. */
async function currentHandle(
  context: Context,
  { skeleton, handle }: { skeleton: string; handle: string },
): Promise<string | null> {
  const db = viewerDbOf(context);
  const found = await db.profileHandle.findFirst({ where: { skeleton, handle } });
  if (!found?.userId) return null;
  const owner = await db.profile.findUnique({ where: { userId: found.userId } });
  return owner?.handle ?? null;
}

const ProfileErrorField = builder.enumType("ProfileErrorField", {
  values: { HANDLE: { value: "handle" }, BIO: { value: "bio" } } as const,
});

const SaveProfileError = builder.objectRef<ProfileError>("SaveProfileError").implement({
  description: "What is wrong with one field, in words.",
  authScopes: { viewer: true },
  fields: (t) => ({
    field: t.expose("field", { type: ProfileErrorField, nullable: false }),
    message: t.exposeString("message", { nullable: false }),
  }),
});

builder.queryFields((t) => ({
  profile: t.prismaField({
    type: Profile,
    description:
      "The profile with this handle; also for one that its owner had in the last 90 days. Public. Null for a person who is deleted, banned or has blocked the viewer.",
    authScopes: { anyone: true },
    args: { handle: t.arg.string({ required: true }) },
    resolve: async (select, _root, { handle: typed }, context) => {
      const parsed = parseHandle(typed, { isExisting: true });
      if ("refused" in parsed) return null;
      const find = (handle: string) =>
        viewerDbOf(context).profile.findFirst({ ...select, where: { handle, isBanned: false } });
      const found = await find(parsed.handle);
      if (found) return found;
      const current = await currentHandle(context, parsed);
      return current === null ? null : find(current);
    },
  }),
  handleChangeableFrom: t.field({
    type: "DateTime",
    description: "When the viewer may change their handle again; null if they may now.",
    authScopes: { viewer: true },
    resolve: async (_root, _args, context) => {
      const where = { userId: requireViewerId(context) };
      const own = await viewerDbOf(context).profile.findUnique({ where });
      return own && handleChangeableFrom(own.handleChanges, new Date());
    },
  }),
  followRequests: t.connection({
    type: Follow,
    nullable: false,
    description: "Requests to follow the viewer, newest first.",
    authScopes: { viewer: true },
    resolve: (_root, args, context, info) => {
      const where = { followedId: requireViewerId(context), isAccepted: false, ...visible };
      const select = queryFromInfo({ context, info, typeName: "Follow", paths });
      const db = viewerDbOf(context);
      return newestFirstConnection(
        args,
        (page) => db.follow.findMany({ ...select, ...page, where: { AND: [where, page.where] } }),
        () => db.follow.count({ where }),
      );
    },
  }),
  blocks: t.connection({
    type: Block,
    nullable: false,
    description: "Whom the viewer has blocked, newest first.",
    authScopes: { viewer: true },
    resolve: (_root, args, context, info) => {
      const where = { blockerId: requireViewerId(context), blocked: { isBanned: false } };
      const select = queryFromInfo({ context, info, typeName: "Block", paths });
      const db = viewerDbOf(context);
      return newestFirstConnection(
        args,
        (page) => db.block.findMany({ ...select, ...page, where: { AND: [where, page.where] } }),
        () => db.block.count({ where }),
      );
    },
  }),
}));

const notFound = () => graphQLError("BAD_USER_INPUT", "There is no profile with this id.");
const notReady = () =>
  graphQLError("UNAVAILABLE", "Your account is still being set up. Try again in a moment.");

type Change = (db: Queryable, userId: string, profileId: string) => Promise<boolean>;

builder.mutationFields((t) => {
  /** Defines a mutation on a profile. It returns true if something changed. */
  const change = (description: string, perform: Change) =>
    t.boolean({
      nullable: false,
      description: `${description} False if there was nothing to change.`,
      authScopes: { viewer: true },
      args: { profileId: t.arg.id({ required: true }) },
      resolve: (_root, { profileId }, context) =>
        isStorable(profileId)
          ? transaction((db) => perform(db, requireViewerId(context), profileId))
          : false,
    });
  return {
    saveProfile: t.field({
      type: [SaveProfileError],
      nullable: false,
      description:
        "Saves the viewer's profile, and makes it if there is none. Saves nothing when it returns errors.",
      authScopes: { viewer: true },
      args: {
        handle: t.arg.string({ required: true }),
        bio: t.arg.string(),
        isPrivate: t.arg.boolean({ required: true }),
      },
      resolve: async (_root, { handle, bio, isPrivate }, context) => {
        if (bio && !isStorable(bio))
          return [{ field: "bio" as const, message: "This has a character that cannot be saved." }];
        const errors = await saveProfile(requireViewerId(context), {
          handle,
          bio: bio ?? null,
          isPrivate,
        });
        if (errors === "no-user") throw notReady();
        return errors;
      },
    }),
    follow: t.field({
      type: FollowStateName,
      nullable: false,
      description: "Follows a public profile, or asks to follow a private one.",
      authScopes: { viewer: true },
      args: { profileId: t.arg.id({ required: true }) },
      resolve: async (_root, { profileId }, context) => {
        if (!isStorable(profileId)) throw notFound();
        const userId = requireViewerId(context);
        const result = await transaction((db) => follow(db, userId, profileId));
        if ("state" in result) return result.state;
        switch (result.refused) {
          case "no-user":
            throw notReady();
          case "self":
            throw graphQLError("BAD_USER_INPUT", "This is your own profile.");
          case "blocked":
            throw graphQLError("BAD_USER_INPUT", "You blocked this person. Unblock them first.");
          case "not-found":
            throw notFound();
        }
      },
    }),
    unfollow: change("Ends a follow, or withdraws a request.", unfollow),
    acceptFollowRequest: change("Accepts a request to follow the viewer.", acceptRequest),
    removeFollower: change("Removes a follower, or declines a request.", removeFollower),
    block: change(
      "Blocks a person, who then does not find the viewer's profile. Ends the follows of both.",
      async (db, userId, profileId) => {
        const result = await block(db, userId, profileId);
        if (result === "no-user") throw notReady();
        if (result === "self" || result === "not-found") throw notFound();
        return result === "blocked";
      },
    ),
    unblock: change("Unblocks a person.", unblock),
  };
});
