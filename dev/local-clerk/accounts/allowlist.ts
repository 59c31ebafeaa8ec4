// Refuses sign-ups that the sign-up mode, the allowlist or the blocklist does not permit. Every sign-up flow uses these checks.

import type { ClerkContext } from "../context";
import { refusal } from "../errors";

/**
 * Throws if the blocklist is enabled and contains the address, or if the allowlist is enabled and lacks the address. An entry of
 * a list may be a pattern such as `*@example.com`.
 */
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

/** Throws in restricted and waitlist mode, where only invited users may sign up. */
export function requireOpenSignUp(context: ClerkContext): void {
  if (context.settings.signUp === "public") return;
  const isWaitlist = context.settings.signUp === "waitlist";
  const code = isWaitlist ? "sign_up_restricted_waitlist" : "sign_up_mode_restricted";
  const message = isWaitlist
    ? "Sign ups are currently unavailable. Join the waitlist to be notified."
    : "Sign ups are currently disabled. If you believe you should have access, please contact support.";
  throw refusal(403, code, "Sign up is restricted", message);
}
