// Who may sign up at all, whichever way they come: the mode, the allow list and the block list.

import type { ClerkContext } from "../context";
import { refusal } from "../errors";

export function requireAllowed(context: ClerkContext, address: string): void {
  const { hasAllowlist, hasBlocklist } = context.settings;
  const isListed = (list: "allow" | "block") =>
    [...context.state.identifierRules.all()].some(
      (rule) =>
        rule.list === list &&
        (rule.identifier === address ||
          (rule.identifier.startsWith("*") && address.endsWith(rule.identifier.slice(1)))),
    );
  if ((!hasAllowlist || isListed("allow")) && !(hasBlocklist && isListed("block"))) return;
  const message = `${address} is not allowed to access this application.`;
  throw refusal(403, "not_allowed_access", "Access not allowed.", message);
}

/** Restricted and waitlist mode let in those who were invited. */
export function requireOpenSignUp(context: ClerkContext): void {
  if (context.settings.signUp === "public") return;
  const isWaitlist = context.settings.signUp === "waitlist";
  const code = isWaitlist ? "sign_up_restricted_waitlist" : "sign_up_mode_restricted";
  const message = isWaitlist
    ? "Sign ups are currently unavailable. Join the waitlist to be notified."
    : "Sign ups are currently disabled. If you believe you should have access, please contact support.";
  throw refusal(403, code, "Sign up is restricted", message);
}
