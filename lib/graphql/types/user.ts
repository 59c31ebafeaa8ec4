import { queryFromInfo } from "@pothos/plugin-prisma";
import { notDeleted } from "../../db";
import { displayName } from "../../format";
import { builder } from "../builder";
import { type Context, searchDbOf, viewerDbOf } from "../context";
import {
  emailAddressesOf,
  externalAccountsOf,
  phoneNumbersOf,
  UserEmailAddress,
  UserExternalAccount,
  UserPhoneNumber,
} from "./identification";
import { keysetConnection, newestFirst } from "./keyset-pagination";
import { matching, parseSearch } from "./search";
import { isStorable } from "./storable-text";

const asNumber = (value: bigint | null) => (value === null ? null : Number(value));

/** The user and platform admins. Other members of the user's organizations see the profile only. */
const selfOrAdmin = {
  authScopes: ({ id }: { id: string }, _args: unknown, { authentication }: Context) =>
    authentication.viewer?.user.id === id ? true : { admin: true },
};

const User = builder.prismaObject("User", {
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
        where: { ...notDeleted, organization: notDeleted },
        orderBy: newestFirst,
      },
    }),
  }),
});

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
  users: t.connection({
    type: User,
    nullable: false,
    description: "The users of the instance, newest first.",
    authScopes: { admin: true },
    args: {
      query: t.arg.string({
        description:
          "Words in the name, the username, any address or number or the external id, or an id.",
      }),
    },
    resolve: async (_root, { query, ...args }, context, info) => {
      const search = await parseSearch(query);
      const where = { AND: [notDeleted, ...(search ? [matching(search)] : [])] };
      const db = search ? searchDbOf(context) : viewerDbOf(context);
      const select = queryFromInfo({ context, info, typeName: "User", paths: [["edges", "node"]] });
      return keysetConnection(
        args,
        (page) =>
          db.user.findMany({
            ...select,
            ...page,
            where: { AND: [where, page.where] },
          }),
        () => db.user.count({ where }),
      );
    },
  }),
}));
