import { queryFromInfo } from "@pothos/plugin-prisma";
import { notDeleted } from "../../db";
import { displayName } from "../../format";
import type { Prisma, User as UserRow } from "../../generated/prisma/client";
import { builder } from "../builder";
import { type Context, searchReadOf, viewerDbOf } from "../context";
import { DRIFTED, findDrifted } from "./drifted";
import { planRead } from "./estimate";
import {
  emailAddressesOf,
  externalAccountsOf,
  phoneNumbersOf,
  UserEmailAddress,
  UserExternalAccount,
  UserPhoneNumber,
} from "./identification";
import {
  byCount,
  byCreation,
  byFlag,
  byId,
  byText,
  byTime,
  everyPage,
  keysetConnection,
  newestFirst,
} from "./keyset-pagination";
import {
  given,
  inTimeRange,
  listOrders,
  ONLY_IDS,
  storable,
  TimeRange,
  withIds,
} from "./list-arguments";
import { exportedUser, type UserLine } from "./list-reader";
import { liveMembership } from "./membership";
import { addSimilar, matching, OR_SIMILAR, parseSearch, SIMILAR } from "./search";
import { isStorable } from "./storable-text";

/** The columns that {@link displayName} reads. */
export const namedUser = {
  ...{ id: true, firstName: true, lastName: true, username: true, email: true },
  phoneNumber: true,
} satisfies Prisma.UserSelect;

const asNumber = (value: bigint | null) => (value === null ? null : Number(value));

/**
 * For fields that only the user and platform admins may read. Other members of the user's organizations can read only the
 * profile.
 */
const selfOrAdmin = {
  authScopes: ({ id }: { id: string }, _args: unknown, { authentication }: Context) =>
    authentication.viewer?.user.id === id ? true : { admin: true },
};

export const User = builder.prismaObject("User", {
  description: "A user of the Clerk instance, from the mirror.",
  authScopes: { viewer: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    email: t.exposeString("email", { description: "The primary e-mail address." }),
    username: t.exposeString("username"),
    firstName: t.exposeString("firstName"),
    lastName: t.exposeString("lastName"),
    name: t.string({
      nullable: false,
      description:
        "The first that has visible text: full name, username, e-mail address, phone number, id.",
      resolve: displayName,
    }),
    imageUrl: t.exposeString("imageUrl"),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    updatedAt: t.expose("updatedAt", { type: "DateTime" }),
    isAdmin: t.exposeBoolean("isAdmin", { authScopes: { admin: true } }),
    isDeleted: t.exposeBoolean("deleted", {
      nullable: false,
      description: "True for what is left of a deleted user: the id.",
      authScopes: { admin: true },
    }),
    isBanned: t.exposeBoolean("isBanned", { authScopes: { admin: true } }),
    isLocked: t.exposeBoolean("isLocked", { authScopes: { admin: true } }),
    lastSignInAt: t.expose("lastSignInAt", { type: "DateTime", authScopes: { admin: true } }),
    externalId: t.exposeString("externalId", {
      description: "The team's own id of the user.",
      ...selfOrAdmin,
    }),
    isEmailVerified: t.exposeBoolean("isEmailVerified", {
      description: "Of the primary e-mail address; null without one.",
      ...selfOrAdmin,
    }),
    phoneNumber: t.exposeString("phoneNumber", {
      description: "The primary phone number.",
      ...selfOrAdmin,
    }),
    emailAddresses: t.field({
      type: [UserEmailAddress],
      nullable: false,
      resolve: ({ emailAddresses }) => emailAddressesOf(emailAddresses),
      ...selfOrAdmin,
    }),
    phoneNumbers: t.field({
      type: [UserPhoneNumber],
      nullable: false,
      resolve: ({ phoneNumbers }) => phoneNumbersOf(phoneNumbers),
      ...selfOrAdmin,
    }),
    externalAccounts: t.field({
      type: [UserExternalAccount],
      nullable: false,
      resolve: ({ externalAccounts }) => externalAccountsOf(externalAccounts),
      ...selfOrAdmin,
    }),
    publicMetadata: t.expose("publicMetadata", { type: "JSON", ...selfOrAdmin }),
    unsafeMetadata: t.expose("unsafeMetadata", {
      type: "JSON",
      description: "Written by the user's browser: do not trust it.",
      ...selfOrAdmin,
    }),
    hasImage: t.exposeBoolean("hasImage", selfOrAdmin),
    passwordEnabled: t.exposeBoolean("passwordEnabled", selfOrAdmin),
    twoFactorEnabled: t.exposeBoolean("twoFactorEnabled", selfOrAdmin),
    totpEnabled: t.exposeBoolean("totpEnabled", selfOrAdmin),
    backupCodeEnabled: t.exposeBoolean("backupCodeEnabled", selfOrAdmin),
    hasPasskey: t.exposeBoolean("hasPasskey", selfOrAdmin),
    deleteSelfEnabled: t.exposeBoolean("deleteSelfEnabled", selfOrAdmin),
    createOrganizationEnabled: t.exposeBoolean("createOrganizationEnabled", selfOrAdmin),
    createOrganizationsLimit: t.float({
      description: "How many organizations the user may create; null for no limit of their own.",
      resolve: ({ createOrganizationsLimit }) => asNumber(createOrganizationsLimit),
      ...selfOrAdmin,
    }),
    legalAcceptedAt: t.expose("legalAcceptedAt", { type: "DateTime", ...selfOrAdmin }),
    lastActiveAt: t.expose("lastActiveAt", {
      type: "DateTime",
      description: "As of the user's last event or repair: Clerk sends no event when it changes.",
      ...selfOrAdmin,
    }),
    memberships: t.relation("memberships", {
      authScopes: { admin: true },
      query: {
        where: liveMembership,
        orderBy: newestFirst,
      },
    }),
  }),
});

/** The columns by which a list of users can be sorted, and the id. */
type SortedUser = Pick<
  UserRow,
  | ("id" | "createdAt" | "updatedAt" | "lastActiveAt" | "lastSignInAt" | "sortName" | "sortEmail")
  | ("sortUsername" | "sortPhone" | "sortExternalId" | "sortState")
  | ("isEmailVerified" | "twoFactorEnabled")
>;

const userOrders = listOrders<
  SortedUser,
  Prisma.UserWhereInput,
  Prisma.UserOrderByWithRelationInput
>("User", {
  CREATED_AT: byCreation,
  UPDATED_AT: byTime("updatedAt", (updatedAt) => ({ updatedAt })),
  LAST_ACTIVE_AT: byTime("lastActiveAt", (lastActiveAt) => ({ lastActiveAt })),
  LAST_SIGN_IN_AT: byTime("lastSignInAt", (lastSignInAt) => ({ lastSignInAt })),
  NAME: byText("sortName", (sortName) => ({ sortName })),
  EMAIL: byText("sortEmail", (sortEmail) => ({ sortEmail })),
  USERNAME: byText("sortUsername", (sortUsername) => ({ sortUsername })),
  PHONE: byText("sortPhone", (sortPhone) => ({ sortPhone })),
  EXTERNAL_ID: byText("sortExternalId", (sortExternalId) => ({ sortExternalId })),
  STATE: byCount("sortState", (sortState) => ({ sortState })),
  EMAIL_VERIFIED: byFlag("isEmailVerified", (isEmailVerified) => ({ isEmailVerified })),
  TWO_FACTOR: byFlag("twoFactorEnabled", (twoFactorEnabled) => ({ twoFactorEnabled })),
  ID: byId,
});

const UserState = builder.enumType("UserState", {
  description: "A ban takes precedence over a lock, which expires.",
  values: ["ACTIVE", "LOCKED", "BANNED", "DELETED"] as const,
});

const PrimaryEmailState = builder.enumType("PrimaryEmailState", {
  values: ["VERIFIED", "UNVERIFIED", "NONE"] as const,
});

const inState = {
  // By the generated column, which has an index: few users are in the other states.
  ACTIVE: { ...notDeleted, sortState: 0 },
  LOCKED: { ...notDeleted, sortState: 1 },
  BANNED: { ...notDeleted, sortState: 2 },
  DELETED: { deleted: true },
} satisfies Record<string, Prisma.UserWhereInput>;

const withPrimaryEmail = {
  VERIFIED: { isEmailVerified: true },
  UNVERIFIED: {
    email: { not: null },
    OR: [{ isEmailVerified: false }, { isEmailVerified: null }],
  },
  NONE: { email: null },
} satisfies Record<string, Prisma.UserWhereInput>;

/**
 * Returns the filter for a flag. `false` also matches null, which means that Clerk sent no flag: otherwise a list of users
 * without a password would miss some.
 */
const withFlag = (
  put: (value: boolean | null) => Prisma.UserWhereInput,
  has: boolean,
): Prisma.UserWhereInput => (has ? put(true) : { OR: [put(false), put(null)] });

const filterInput = builder.inputType("UserFilter", {
  description: "A row must fulfil every condition that is given.",
  fields: (t) => ({
    state: t.field({ type: UserState, description: "All but deleted users unless given." }),
    primaryEmail: t.field({ type: PrimaryEmailState }),
    hasPassword: t.boolean(),
    hasTwoFactor: t.boolean(),
    hasPasskey: t.boolean(),
    provider: t.string({
      description: "Clerk's name of the provider of a connected account, e.g. oauth_google.",
    }),
    hasOrganization: t.boolean({ description: "Whether the user is a member of one." }),
    externalId: t.string(),
    ids: t.idList({ description: ONLY_IDS }),
    isAdmin: t.boolean({ description: "Whether the user is a platform admin." }),
    isDrifted: t.boolean({ description: DRIFTED }),
    createdAt: t.field({ type: TimeRange }),
    updatedAt: t.field({ type: TimeRange }),
    lastActiveAt: t.field({ type: TimeRange }),
    lastSignInAt: t.field({ type: TimeRange }),
  }),
});

async function whereOf(filter: typeof filterInput.$inferInput | null | undefined) {
  const isDrifted = filter?.isDrifted;
  const drifted = isDrifted == null ? [] : await findDrifted("users");
  const conditions: Prisma.UserWhereInput[] = [
    filter?.state ? inState[filter.state] : notDeleted,
    ...given(filter?.primaryEmail, (state) => withPrimaryEmail[state]),
    ...given(filter?.hasPassword, (has) =>
      withFlag((passwordEnabled) => ({ passwordEnabled }), has),
    ),
    ...given(filter?.hasTwoFactor, (has) =>
      withFlag((twoFactorEnabled) => ({ twoFactorEnabled }), has),
    ),
    ...given(filter?.hasPasskey, (has) => withFlag((hasPasskey) => ({ hasPasskey }), has)),
    ...given(filter?.provider, (provider) => ({
      externalAccounts: { array_contains: [{ provider: storable(provider) }] },
    })),
    ...given(filter?.hasOrganization, (has) => ({
      memberships: has ? { some: liveMembership } : { none: liveMembership },
    })),
    ...given(filter?.ids, withIds),
    ...given(filter?.externalId, (externalId) => ({ externalId: storable(externalId) })),
    ...given(filter?.isAdmin, (isAdmin) => ({ isAdmin })),
    ...given(isDrifted, (is) => ({ id: is ? { in: drifted } : { notIn: drifted } })),
    ...given(filter?.createdAt, (range) => ({ createdAt: inTimeRange(range) })),
    ...given(filter?.updatedAt, (range) => ({ updatedAt: inTimeRange(range) })),
    ...given(filter?.lastActiveAt, (range) => ({ lastActiveAt: inTimeRange(range) })),
    ...given(filter?.lastSignInAt, (range) => ({ lastSignInAt: inTimeRange(range) })),
  ];
  return conditions;
}

builder.queryFields((t) => ({
  user: t.prismaField({
    type: User,
    description:
      "One user; null when the user is deleted or not mirrored. For platform admins and the user.",
    authScopes: (_root, { id }, { authentication }) =>
      authentication.viewer?.user.id === id ? true : { admin: true },
    args: { id: t.arg.id({ required: true }) },
    resolve: (select, _root, { id }, context) =>
      isStorable(id)
        ? viewerDbOf(context).user.findFirst({ ...select, where: { id, ...notDeleted } })
        : null,
  }),
  users: t.connection(
    {
      type: User,
      nullable: false,
      description: "The users of the instance, newest first unless ordered.",
      authScopes: { admin: true },
      args: {
        filter: t.arg({ type: filterInput }),
        orderBy: t.arg({ type: userOrders.input }),
        orSimilar: t.arg.boolean({ description: OR_SIMILAR }),
        query: t.arg.string({
          description:
            "Words in the name, the username, any address or number or the external id, or an id.",
        }),
      },
      resolve: async (_root, { query, filter, orderBy, orSimilar, ...args }, context, info) => {
        const search = await parseSearch(query);
        const conditions = await whereOf(filter);
        const where = { AND: [...conditions, ...(search ? [matching(search)] : [])] };
        const read = searchReadOf(context, search !== null || filter != null);
        const select = queryFromInfo({
          context,
          info,
          typeName: "User",
          paths: [["edges", "node"]],
        });
        const order = userOrders.orderOf(orderBy);
        const pages = (size: number) =>
          everyPage(
            order,
            size,
            (page): Promise<UserLine[]> =>
              read((db) =>
                db.user.findMany({
                  ...page,
                  select: exportedUser,
                  where: { AND: [where, page.where] },
                }),
              ),
          );
        context.takeList?.({ list: "users", pages });
        const found = await keysetConnection(
          args,
          order,
          (page) =>
            read((db) =>
              db.user.findMany({
                ...select,
                ...page,
                where: { AND: [where, page.where] },
              }),
            ),
          (take) => read((db) => db.user.count({ where, take })),
        );
        return {
          ...(await addSimilar(found, orSimilar ? search : null, "users", (ids) =>
            read((db) =>
              db.user.findMany({
                ...select,
                where: { AND: [...conditions, { id: { in: ids } }] },
              }),
            ),
          )),
          plan: () => planRead((planner) => planner.user.findMany({ where, select: { id: true } })),
        };
      },
    },
    {
      fields: (connection) => ({
        isSimilar: connection.boolean({
          nullable: false,
          description: SIMILAR,
          authScopes: { admin: true },
          resolve: ({ isSimilar }) => isSimilar ?? false,
        }),
      }),
    },
  ),
}));
