/** The team's effects. Add a handler to the list; a handler keeps its name as long as it has pending jobs. See docs/effects.md. */
import { feed } from "./feed/deliver";
import { createRegistry } from "./registry";
import { createProfile } from "./sample-product"; // sample product

export const registry = createRegistry(
  [
    createProfile, // sample product
  ],
  [feed],
);
