// Names that people sign in by: what one may look like, and that nobody else has it.

import { formRefusal, identifierTaken } from "./errors";
import type { UserRecord } from "./records";
import type { World } from "./world";

export const usernameLengths = { min: 4, max: 64 } as const;

/** As it is kept, for `owner` or for somebody who is not there yet. */
export function requireUsername(world: World, given: string, owner?: UserRecord): string {
  const username = given.trim();
  const { min, max } = usernameLengths;
  if (username.length < min || username.length > max) {
    const message = `Username must be between ${min} and ${max} characters long.`;
    throw formRefusal("form_username_invalid_length", "username", message);
  }
  if (!/^[\w-]+$/.test(username)) {
    const message = "Username can only contain letters, numbers and '_' or '-'.";
    throw formRefusal("form_username_invalid_character", "username", message);
  }
  if (/^\d+$/.test(username)) {
    const message = "Username must contain at least one non-numeric character.";
    throw formRefusal("form_username_needs_non_number_char", "username", message);
  }
  const taken = world.state.usersByUsername.first(username);
  if (taken && taken.id !== owner?.id) throw identifierTaken("username", "username");
  return username;
}
