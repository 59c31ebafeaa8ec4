// Checks the format of usernames, and that no two users have the same username.

import type { ClerkContext } from "../context";
import { formRefusal, identifierTaken } from "../errors";
import type { UserRecord } from "../store/records";

/** The rules of usernames, which are also in the environment that Clerk's components load. */
export const usernameRules = {
  min_length: 4,
  max_length: 64,
  allow_extended_special_characters: false,
  allow_numeric_usernames: false,
};

/** Returns the trimmed name. Throws when its format is invalid, or when another user than `owner` has it. */
export function requireUsername(context: ClerkContext, name: string, owner?: UserRecord): string {
  const given = name.trim();
  const { min_length: min, max_length: max } = usernameRules;
  if (given.length < min || given.length > max) {
    throw malformed("invalid_length", `must be between ${min} and ${max} characters long.`);
  }
  if (!/^[a-z0-9_-]+$/i.test(given)) {
    throw malformed("invalid_character", "can only contain letters, numbers and '_' or '-'.");
  }
  if (/^\d+$/.test(given)) {
    throw malformed("needs_non_number_char", "must contain one non-number character.");
  }
  const taken = context.state.usersByUsername.first(given.toLowerCase());
  if (taken && taken.id !== owner?.id) throw identifierTaken("username", "username");
  return given;
}

function malformed(how: string, message: string) {
  return formRefusal(`form_username_${how}`, "username", `Username ${message}`);
}
