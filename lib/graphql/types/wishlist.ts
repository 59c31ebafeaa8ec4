/** The viewer's wishlist, and the two mutations that change it. */
import { queryFromInfo } from "@pothos/plugin-prisma";
import { database } from "../../db";
import { findCountry } from "../../social/countries";
import { addToWishlist, removeFromWishlist } from "../../social/wishlist";
import { builder } from "../builder";
import { viewerDbOf } from "../context";
import { graphQLError, requireViewerId } from "../errors";
import { Country } from "./country";
import { newestFirstConnection } from "./keyset-pagination";
import { Viewer } from "./viewer";

export const WishlistItem = builder.prismaObject("WishlistItem", {
  description: "A country on a wishlist. Public, if the owner's profile is.",
  authScopes: { anyone: true },
  fields: (t) => ({
    id: t.exposeID("id", { nullable: false }),
    createdAt: t.expose("createdAt", { type: "DateTime" }),
    country: t.field({
      type: Country,
      description: "Null when the catalogue no longer has it.",
      select: { countryId: true },
      resolve: ({ countryId }) => findCountry(countryId),
    }),
  }),
});

builder.objectField(Viewer, "wishlist", (t) =>
  t.connection({
    type: WishlistItem,
    nullable: false,
    description: "The viewer's wishlist, newest first.",
    resolve: ({ user }, args, context, info) => {
      const where = { userId: user.id };
      const select = queryFromInfo({
        context,
        info,
        typeName: "WishlistItem",
        paths: [["edges", "node"]],
      });
      const db = viewerDbOf(context);
      return newestFirstConnection(
        args,
        (page) =>
          db.wishlistItem.findMany({ ...select, ...page, where: { AND: [where, page.where] } }),
        () => db.wishlistItem.count({ where }),
      );
    },
  }),
);

function countryOf(id: string) {
  const country = findCountry(id);
  if (!country) throw graphQLError("BAD_USER_INPUT", "There is no country with this id.");
  return country;
}

builder.mutationFields((t) => ({
  addToWishlist: t.field({
    type: Country,
    nullable: false,
    description: "Adds a country to the viewer's wishlist. One that is there already stays.",
    authScopes: { viewer: true },
    args: { countryId: t.arg.id({ required: true }) },
    resolve: async (_root, { countryId }, context) => {
      const country = countryOf(countryId);
      const added = await addToWishlist(database().pool, requireViewerId(context), country.id);
      if (added === "no-user")
        throw graphQLError("UNAVAILABLE", "Your account is still being set up. Try again.");
      return country;
    },
  }),
  removeFromWishlist: t.field({
    type: Country,
    nullable: false,
    description: "Removes a country from the viewer's wishlist, if it is there.",
    authScopes: { viewer: true },
    args: { countryId: t.arg.id({ required: true }) },
    resolve: async (_root, { countryId }, context) => {
      const country = countryOf(countryId);
      await removeFromWishlist(database().pool, requireViewerId(context), country.id);
      return country;
    },
  }),
}));
