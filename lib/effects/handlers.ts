/** The team's effects. Add a handler to the list; its name must not change while it has pending jobs. See docs/effects.md. */
import { feed } from "./feed/deliver";
import { createRegistry } from "./registry";

export const registry = createRegistry([], [feed]);
