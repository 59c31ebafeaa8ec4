/** Messages that tell the user the result of a mutation at Clerk. */
import { hasErrorCode, unconfirmedMessage } from "@/components/has-error-code";

export type Invited = {
  id: string;
  email: string;
  role: string;
  /** False when this address had a pending invitation already. */
  isNew: boolean;
};

export const invitedMessage = ({ email, isNew }: Invited) =>
  isNew ? `Invited ${email}.` : `${email} has a pending invitation already.`;

/** Returns the text to show when a mutation was refused or its response was lost. */
export function messageOf(error: unknown): string {
  const unconfirmed = unconfirmedMessage(error);
  if (unconfirmed) return unconfirmed;
  return hasErrorCode(error, "FORBIDDEN")
    ? "You are not an admin of this organization any more. Reload the page."
    : "Rollcall did not answer, so this may not have been done. Try again: nothing is done twice.";
}
