// Completes a sign-up: once no field is missing, creates the user and the session.

import { requireAllowed } from "../accounts/allowlist";
import { acceptAppInvitation } from "../accounts/app-invitations";
import { settleTicket } from "../accounts/tickets";
import { createUser, updateUser, type VerifiedBy } from "../accounts/users";
import { linkAccount } from "../authentication/external-accounts";
import { newPhone, requireFreeAddress, requireFreeNumber } from "../authentication/identifications";
import { oauthVerified } from "../authentication/oauth";
import type { ClerkContext } from "../context";
import { requireUsername } from "../instance/usernames";
import { enrollByVerifiedEmail } from "../organizations/domains";
import { acceptInvitation } from "../organizations/invitations";
import { missingFields, unverifiedFields } from "../resources/sign-up";
import type { Identity } from "../sessions/oauth-rounds";
import { requireNotSignedIn, startSession, updateClient } from "../sessions/sessions";
import type { SignUpRecord, UserRecord, VerificationRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";

/**
 * Completes the sign-up if no field is missing or unverified. With `identity`, first fills empty fields from the provider's data.
 */
export function completeSignUp(
  context: ClerkContext,
  given: SignUpRecord,
  identity?: Identity,
): SignUpRecord {
  const signUp = context.state.signUps.put(identity ? filledBy(context, given, identity) : given);
  const isReady =
    missingFields(context, signUp).length === 0 && unverifiedFields(context, signUp).length === 0;
  if (signUp.createdUserId || !isReady) return signUp;
  if (signUp.emailAddress) requireFreeAddress(context, signUp.emailAddress);
  if (signUp.phoneNumber) requireFreeNumber(context, signUp.phoneNumber);
  if (signUp.username) requireUsername(context, signUp.username);
  requireNotSignedIn(context, signUp.clientId, null);
  return context.state.change(() => {
    const now = context.clock.now();
    const strategy = (signUp.verification ?? signUp.phoneVerification)?.strategy ?? "password";
    const { emailAddress, verification, phoneNumber, phoneVerification } = signUp;
    // If the settings require no verification at sign-up, an unverified address or phone number is reserved: the user can sign in
    // with it, and no other user can add it.
    const isPhoneVerified = phoneVerification?.status === "verified";
    const phones = phoneNumber
      ? [
          isPhoneVerified
            ? newPhone(context, phoneNumber, phoneVerification)
            : { ...newPhone(context, phoneNumber, null), isReserved: true },
        ]
      : [];
    const isEmailVerified = verification?.status === "verified";
    const made = createUser(context, {
      emailAddresses: emailAddress ? [emailAddress] : [],
      reserved: emailAddress && !isEmailVerified ? [emailAddress] : [],
      verifiedBy: verifiedBy(strategy),
      firstName: signUp.firstName,
      lastName: signUp.lastName,
      username: signUp.username,
      phones,
      primaryPhoneId: phones[0]?.id ?? null,
      passwordHash: signUp.passwordHash,
      publicMetadata: signUp.publicMetadata,
      unsafeMetadata: signUp.unsafeMetadata,
      externalId: signUp.externalId,
      legalAcceptedAt: signUp.legalAcceptedAt,
    });
    const user = signUp.external ? linkAccount(context, made, signUp.external) : made;
    const organizationId = redeem(context, signUp, user);
    const session = startSession(context, signUp.clientId, user, strategy, {
      lastActiveOrganizationId: organizationId,
    });
    const fresh = updateUser(context, user, { lastSignInAt: now, lastActiveAt: now });
    enrollByVerifiedEmail(context, fresh);
    // Removes the sign-up from the client, and also the sign-in, because the sign-in may have been transferred to the sign-up.
    updateClient(context, signUp.clientId, { signInId: null, signUpId: null });
    return context.state.signUps.put({
      ...signUp,
      createdUserId: user.id,
      createdSessionId: session.id,
    });
  });
}

/** Fills the sign-up from the provider's data. The provider's address replaces a typed address that has not been verified. */
function filledBy(context: ClerkContext, signUp: SignUpRecord, identity: Identity): SignUpRecord {
  const { provider, emailAddress, firstName, lastName } = identity;
  const isProven = signUp.emailAddress !== null && signUp.verification?.status === "verified";
  if (!isProven) requireAllowed(context, emailAddress);
  return {
    ...signUp,
    external: identity,
    externalVerification: signUp.externalVerification ?? oauthVerified(context, provider),
    firstName: signUp.firstName ?? (firstName || null),
    lastName: signUp.lastName ?? (lastName || null),
    ...(isProven ? {} : { emailAddress, verification: verifiedWith(`from_oauth_${provider}`) }),
  };
}

function verifiedBy(strategy: VerificationRecord["strategy"]): VerifiedBy {
  if (strategy === "email_link" || isFromOauth(strategy)) return strategy;
  return strategy === "ticket" || strategy === "admin" ? "admin" : "email_code";
}

const isFromOauth = (strategy: string): strategy is `from_oauth_${string}` =>
  strategy.startsWith("from_oauth_");

/** Accepts the invitation of the sign-up's ticket. Returns the id of the organization that the user joins, or null. */
function redeem(context: ClerkContext, signUp: SignUpRecord, user: UserRecord): string | null {
  const ticket = context.state.tickets.get(signUp.ticketId);
  if (!ticket) return null;
  const invitation = context.state.invitations.get(ticket.invitationId);
  if (invitation) return acceptInvitation(context, invitation, user).organizationId;
  settleTicket(context, ticket, "accepted");
  if (ticket.invitationId) acceptAppInvitation(context, ticket.invitationId);
  return null;
}
