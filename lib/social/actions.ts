/** The guarded actions of the sample product. */
import { z } from "zod";
import { guardedAction } from "../intents/guarded-action";
import { findCountry } from "./countries";
import { addToWishlist, removeFromWishlist } from "./wishlist";

const country = z.strictObject({ countryId: z.string().length(2) });

const GONE = "This country is not in the catalogue any more.";
const NOT_READY = "Your account is still being set up. Try again in a moment.";

export const wishlistAdd = guardedAction("wishlist.add", {
  args: country,
  purpose: (_db, { countryId }) => {
    const found = findCountry(countryId);
    return found ? `add ${found.name} to your wishlist` : null;
  },
  done: (_db, { countryId }) => `${findCountry(countryId)?.name ?? countryId} is on your wishlist.`,
  perform: async (db, userId, { countryId }) => {
    if (!findCountry(countryId)) return { refused: GONE };
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
