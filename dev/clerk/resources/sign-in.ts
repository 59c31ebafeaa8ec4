// A sign-in in progress on the wire: what may be tried next, and how the last try stands.

import { providers } from "../oauth";
import type { SignInRecord, UserRecord } from "../records";
import type { World } from "../world";
import { userImageUrl } from "./public-user";
import { verificationJson } from "./verification";

function firstFactors(user: UserRecord) {
  const factors: Record<string, unknown>[] = [];
  if (user.passwordHash) factors.push({ strategy: "password" });
  for (const strategy of ["email_code", "reset_password_email_code"]) {
    for (const email of user.emails) {
      if (email.verification?.status !== "verified") continue;
      if (strategy === "reset_password_email_code" && !user.passwordHash) continue;
      factors.push({
        strategy,
        safe_identifier: email.address,
        email_address_id: email.id,
        primary: email.id === user.primaryEmailId,
      });
    }
  }
  return factors;
}

function secondFactors(user: UserRecord) {
  return [
    ...(user.isTotpVerified ? [{ strategy: "totp" }] : []),
    ...(user.backupCodes.length > 0 ? [{ strategy: "backup_code" }] : []),
  ];
}

export function signInJson(world: World, signIn: SignInRecord) {
  const user = world.state.users.get(signIn.userId);
  return {
    object: "sign_in_attempt",
    id: signIn.id,
    status: signIn.status,
    supported_identifiers:
      world.settings.username === "off" ? ["email_address"] : ["email_address", "username"],
    supported_first_factors: [
      ...(user ? firstFactors(user) : []),
      ...(world.settings.hasSocial ? providers.map((each) => ({ strategy: `oauth_${each}` })) : []),
    ],
    supported_second_factors:
      user && signIn.status === "needs_second_factor" ? secondFactors(user) : null,
    first_factor_verification: signIn.verification
      ? verificationJson(signIn.verification, world.clock.now())
      : null,
    second_factor_verification: signIn.secondVerification
      ? verificationJson(signIn.secondVerification, world.clock.now())
      : null,
    identifier: signIn.identifier,
    user_data: user
      ? {
          first_name: user.firstName,
          last_name: user.lastName,
          image_url: userImageUrl(world, user),
          has_image: user.imageId !== null,
          profile_image_url: null,
        }
      : null,
    created_session_id: signIn.createdSessionId,
    abandon_at: signIn.abandonAt,
  };
}
