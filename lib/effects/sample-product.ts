/** The effect of the sample product: a new user has a profile before their first visit. Making it twice changes nothing. */
import { database } from "../db";
import { ensureProfile } from "../social/profiles";
import { onUser } from "./effect";

export const createProfile = onUser("created", "create-profile", async ({ current }) => {
  await ensureProfile(database().pool, current.id);
});
