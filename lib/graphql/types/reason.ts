import { visibleText } from "../../format";
import { graphQLError } from "../errors";
import { storable } from "./list-arguments";

const MAX_REASON = 500;

/**
 * Returns the trimmed reason of an action, for the audit log. @throws GraphQLError if the reason has no visible character, is too long or cannot be
 * stored.
 */
export function reasonOf(reason: string): string {
  const text = storable(reason.trim());
  if (visibleText(text) !== null && text.length <= MAX_REASON) return text;
  throw graphQLError("BAD_USER_INPUT", `A reason has 1 to ${MAX_REASON} characters.`);
}
