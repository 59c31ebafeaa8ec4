/** The team's effects. Add a handler to the list; a handler keeps its name as long as it has pending jobs. See docs/effects.md. */
import { database } from "../db";
import { ensureProfile } from "../social/profiles";
import { onUser } from "./effect";
import { feed } from "./feed/deliver";
import { createRegistry } from "./registry";

export const registry = createRegistry(
  [
    // The sample product: a new user has a profile before their first visit. Making it twice changes nothing.
    onUser("created", "create-profile", async ({ current }) => {
      await ensureProfile(database().pool, current.id);
    }),
  ],
  [feed],
);
