import { queryFromInfo } from "@pothos/plugin-prisma";
import { notDeleted } from "../../db";
import { displayName } from "../../format";
import { builder } from "../builder";
import { searchDbOf, viewerDbOf } from "../context";
import { keysetConnection, newestFirst } from "./keyset-pagination";
import { matching, parseSearch } from "./search";
import { isStorable } from "./storable-text";

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
        description: "Words in the name, username, e-mail address or phone number, or an id.",
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
