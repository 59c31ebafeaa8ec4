/** The reason that an admin or operator gives for an action on erasures or on the archive. */
import { UserError } from "../errors";
import { visibleText } from "../format";

const MAX_REASON = 500;

/**
 * Parses a reason. @throws UserError for a reason that is empty or too long, or that has an e-mail address: the audit log keeps
 * reasons for ever, and an erasure does not search them.
 */
export function parseReason(text: string): string {
  const reason = text.trim();
  if (visibleText(reason) === null)
    throw new UserError("Give a reason. It is written to the audit log.");
  if (reason.length > MAX_REASON)
    throw new UserError(`The reason is longer than ${MAX_REASON} characters.`);
  if (/\S@\S/.test(reason)) {
    throw new UserError(
      "Give the reason without an e-mail address, for example a ticket number: the audit log keeps it.",
    );
  }
  return reason;
}
