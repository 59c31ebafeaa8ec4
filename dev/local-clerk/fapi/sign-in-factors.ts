// The factors of a sign-in: prepares and attempts them.

import {
  attemptFactorCode,
  attemptPassword,
  attemptSecondFactor,
  codeStrategyOf,
  ownAddress,
  sendFactorCode,
} from "../authentication/factors";
import { prepareCode, prepareLink } from "../authentication/verifications";
import type { ClerkContext } from "../context";
import {
  identifierUnknown,
  paramMissing,
  signUpIfMissingTransfer,
  strategyInvalid,
  verificationMissing,
} from "../errors";
import { emailStrategies } from "../resources/factors";
import { requireNotBannedOrLocked } from "../sessions/sessions";
import type { SignInRecord, UserRecord } from "../store/records";
import { requireOwnUrl } from "./own-url";
import { completeSignIn, noteFailure, requireOpen } from "./sign-in-completion";

type Preparation = {
  strategy?: string | undefined;
  email_address_id?: string | undefined;
  phone_number_id?: string | undefined;
  redirect_url?: string | undefined;
};
type Attempt = {
  strategy?: string | undefined;
  code?: string | undefined;
  password?: string | undefined;
};

export function requireUser(context: ClerkContext, signIn: SignInRecord): UserRecord {
  const user = context.state.users.get(signIn.userId);
  if (!user) throw identifierUnknown();
  return user;
}

export function prepareFirst(
  context: ClerkContext,
  signIn: SignInRecord,
  given: Preparation,
): SignInRecord {
  if (signIn.signUpIfMissing) return prepareUnrevealed(context, signIn, given);
  const user = requireUser(context, signIn);
  requireOpen(context, signIn, user);
  if (given.strategy === "email_link") return mailSignInLink(context, signIn, user, given);
  const strategy = codeStrategyOf(given.strategy);
  if (!strategy) throw strategyInvalid();
  return context.state.change(() => {
    const id = given.email_address_id ?? given.phone_number_id;
    const verification = sendFactorCode(context, user, strategy, id);
    return context.state.signIns.put({ ...signIn, verification });
  });
}

/**
 * Prepares a factor of a sign-in with `sign_up_if_missing`: sends a code or link to the typed address, whether or not the address
 * has an account.
 */
function prepareUnrevealed(
  context: ClerkContext,
  signIn: SignInRecord,
  { strategy, redirect_url }: Preparation,
): SignInRecord {
  const known = emailStrategies(context).find((each) => each === strategy);
  if (!known) throw strategyInvalid();
  if (signIn.userId) requireOpen(context, signIn, requireUser(context, signIn));
  const to = (signIn.identifier ?? "").toLowerCase();
  const recipient = { to, userId: signIn.userId, identificationId: null };
  return context.state.change(() => {
    if (known === "email_code") {
      const verification = prepareCode(context, known, recipient);
      return context.state.signIns.put({ ...signIn, verification });
    }
    if (!redirect_url) throw paramMissing("redirect_url");
    const target = { kind: "sign_in" as const, id: signIn.id };
    const redirectUrl = requireOwnUrl(context, redirect_url).href;
    const verification = prepareLink(context, recipient, target, redirectUrl);
    return context.state.signIns.put({ ...signIn, verification });
  });
}

function mailSignInLink(
  context: ClerkContext,
  signIn: SignInRecord,
  user: UserRecord,
  given: Preparation,
): SignInRecord {
  if (!emailStrategies(context).includes("email_link")) throw strategyInvalid();
  if (!given.redirect_url) throw paramMissing("redirect_url");
  const redirectUrl = requireOwnUrl(context, given.redirect_url).href;
  const { to, id } = ownAddress(user, given.email_address_id);
  const recipient = { to, userId: user.id, identificationId: id };
  return context.state.change(() => {
    const target = { kind: "sign_in" as const, id: signIn.id };
    const verification = prepareLink(context, recipient, target, redirectUrl);
    return context.state.signIns.put({ ...signIn, verification });
  });
}

export async function tryFirst(
  context: ClerkContext,
  signIn: SignInRecord,
  { strategy = "", code, password }: Attempt,
): Promise<SignInRecord> {
  if (signIn.signUpIfMissing && !signIn.userId) return tryUnknown(context, signIn, strategy, code);
  const user = requireUser(context, signIn);
  requireNotBannedOrLocked(context, user);
  const fail = () => noteFailure(context, user);
  if (strategy === "password") {
    requireOpen(context, signIn, user);
    const verification = await attemptPassword(context, user, password, fail);
    const current = context.state.signIns.get(signIn.id) ?? signIn;
    return completeSignIn(context, current, requireUser(context, signIn), verification);
  }
  const verification = attemptFactorCode(
    context,
    signIn.verification,
    { strategy, code },
    (kept) => {
      context.state.signIns.put({ ...signIn, verification: kept });
      fail();
    },
  );
  if (!strategy.startsWith("reset_password")) {
    return completeSignIn(context, signIn, user, verification);
  }
  return context.state.signIns.put({ ...signIn, verification, status: "needs_new_password" });
}

/**
 * Verifies an address without an account. Always throws: after success, an error makes the page transfer the sign-in to a
 * sign-up.
 */
function tryUnknown(
  context: ClerkContext,
  signIn: SignInRecord,
  strategy: string,
  code: string | undefined,
): never {
  const given = { strategy, code };
  const verification = attemptFactorCode(context, signIn.verification, given, (kept) => {
    context.state.signIns.put({ ...signIn, verification: kept });
  });
  const status = "transferable" as const;
  context.state.signIns.put({ ...signIn, verification: { ...verification, status } });
  throw signUpIfMissingTransfer();
}

/**
 * Returns `strategy` if it sends a code that the sign-in accepts as its second step: `phone_code`, or `email_code` if the step
 * makes a new browser trusted. Otherwise returns undefined.
 */
function secondStrategyOf(
  { status }: SignInRecord,
  strategy: string | undefined,
): "phone_code" | "email_code" | undefined {
  const isTrust = status === "needs_client_trust";
  if (status !== "needs_second_factor" && !isTrust) throw verificationMissing();
  if (strategy === "phone_code") return strategy;
  return isTrust && strategy === "email_code" ? strategy : undefined;
}

export function prepareSecond(
  context: ClerkContext,
  signIn: SignInRecord,
  given: Preparation,
): SignInRecord {
  const user = requireUser(context, signIn);
  const strategy = secondStrategyOf(signIn, given.strategy);
  if (!strategy) throw strategyInvalid();
  return context.state.change(() => {
    const id = strategy === "phone_code" ? given.phone_number_id : given.email_address_id;
    const sent = sendFactorCode(context, user, strategy, id);
    return context.state.signIns.put({ ...signIn, secondVerification: sent });
  });
}

export function trySecond(
  context: ClerkContext,
  signIn: SignInRecord,
  { strategy = "", code }: Attempt,
): SignInRecord {
  const user = requireUser(context, signIn);
  requireNotBannedOrLocked(context, user);
  const sentBy = secondStrategyOf(signIn, strategy);
  const fail = () => noteFailure(context, user);
  if (sentBy) {
    const before = signIn.secondVerification;
    const secondVerification = attemptFactorCode(context, before, { strategy, code }, (kept) => {
      context.state.signIns.put({ ...signIn, secondVerification: kept });
      fail();
    });
    const proved = { ...signIn, secondVerification };
    return completeSignIn(context, proved, user, signIn.verification);
  }
  if (signIn.status === "needs_client_trust") throw strategyInvalid();
  const proof = attemptSecondFactor(context, user, { strategy, code }, fail);
  const proved = { ...signIn, secondVerification: proof.verification };
  return completeSignIn(context, proved, proof.user, signIn.verification);
}
