/**
 * The team's effect handlers. Add a new handler to the list below. Do not rename a handler that has pending jobs. See
 * docs/effects.md.
 */
import { feed } from "./feed/deliver";
import { createRegistry } from "./registry";
import { createProfile } from "./sample-product"; // part of the sample product

export const registry = createRegistry(
  [
    createProfile, // part of the sample product
  ],
  [feed],
);
