// The JSON of a sign-in in progress: the factors it supports, and the state of its verifications.

import type { ClerkContext } from "../context";
import { enabledProviders } from "../instance/providers";
import type { SignInRecord, UserRecord } from "../store/records";
import { emailStrategies, firstFactors, identifiers, secondFactors, trustFactors } from "./factors";
import { userImageUrl } from "./public-user";
import { verificationJson } from "./verification";

/** Whether the user has had a session in this browser before. */
export function isKnownClient(context: ClerkContext, clientId: string, userId: string): boolean {
  return context.state.sessionsByClient.all(clientId).some((each) => each.userId === userId);
}

/**
 * Returns `known` if the user has had a session in this browser, otherwise `new`. Returns `pending` until the user is identified,
 * and null when client trust is off.
 */
function clientTrustState(context: ClerkContext, { clientId, userId }: SignInRecord) {
  if (!context.settings.hasClientTrust) return null;
  if (!userId) return "pending";
  return isKnownClient(context, clientId, userId) ? "known" : "new";
}

function secondFactorsOf(context: ClerkContext, { status }: SignInRecord, user?: UserRecord) {
  if (!user) return null;
  if (status === "needs_client_trust") return trustFactors(context, user);
  return status === "needs_second_factor" ? secondFactors(user) : null;
}

/** Returns the same factors for an address with and without an account, so that the response does not reveal which it is. */
function unrevealedFactors(context: ClerkContext, { id, identifier }: SignInRecord) {
  return emailStrategies(context).map((strategy) => ({
    strategy,
    safe_identifier: identifier,
    email_address_id: id.replace(/^sia/, "idn"),
    primary: true,
  }));
}

export function signInJson(context: ClerkContext, signIn: SignInRecord) {
  const user = context.state.users.get(signIn.userId);
  return {
    object: "sign_in_attempt",
    id: signIn.id,
    status: signIn.status,
    supported_identifiers: identifiers(context),
    supported_first_factors: [
      ...(signIn.signUpIfMissing
        ? unrevealedFactors(context, signIn)
        : user
          ? firstFactors(context, user)
          : []),
      ...enabledProviders(context.settings).map((each) => ({ strategy: `oauth_${each}` })),
    ],
    supported_second_factors: secondFactorsOf(context, signIn, user),
    client_trust_state: clientTrustState(context, signIn),
    first_factor_verification: signIn.verification
      ? verificationJson(signIn.verification, context.clock.now())
      : null,
    second_factor_verification: signIn.secondVerification
      ? verificationJson(signIn.secondVerification, context.clock.now())
      : null,
    identifier: signIn.identifier,
    user_data:
      user && (!signIn.signUpIfMissing || signIn.createdSessionId)
        ? {
            first_name: user.firstName,
            last_name: user.lastName,
            image_url: userImageUrl(context, user),
            has_image: user.imageId !== null,
            profile_image_url: null,
          }
        : null,
    created_session_id: signIn.createdSessionId,
    abandon_at: signIn.abandonAt,
  };
}
