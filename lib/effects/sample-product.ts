/**
 * The effect handler of the sample product: creates the profile of a new user, before the first visit. Running it twice changes
 * nothing.
 */
import { database } from "../db";
import { ensureProfile } from "../social/profiles";
import { onUser } from "./effect";

export const createProfile = onUser("created", "create-profile", async ({ current }) => {
  await ensureProfile(database().pool, current.id);
});
