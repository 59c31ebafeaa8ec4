// Verifies the email address or phone number of a sign-up, by code or by link.

import { attemptFactorCode } from "../authentication/factors";
import { prepareCode, prepareLink, requireUnverified } from "../authentication/verifications";
import type { ClerkContext } from "../context";
import { paramMissing, strategyInvalid } from "../errors";
import { emailStrategies } from "../resources/factors";
import type { SignUpRecord } from "../store/records";
import { requireOwnUrl } from "./own-url";

type Preparation = { strategy?: string | undefined; redirect_url?: string | undefined };
type Attempt = { strategy?: string | undefined; code?: string | undefined };

const stranger = { userId: null, identificationId: null };

export function prepareSignUp(
  context: ClerkContext,
  signUp: SignUpRecord,
  { strategy, redirect_url }: Preparation,
): SignUpRecord {
  const { signUps } = context.state;
  if (strategy === "phone_code") {
    if (!signUp.phoneNumber) throw paramMissing("phone_number");
    requireUnverified(signUp.phoneVerification);
    const recipient = { ...stranger, to: signUp.phoneNumber };
    const phoneVerification = prepareCode(context, strategy, recipient);
    return signUps.put({ ...signUp, phoneVerification });
  }
  const known = emailStrategies(context).find((each) => each === strategy);
  if (!known) throw strategyInvalid();
  if (!signUp.emailAddress) throw paramMissing("email_address");
  requireUnverified(signUp.verification);
  const recipient = { ...stranger, to: signUp.emailAddress };
  if (known === "email_code") {
    return signUps.put({ ...signUp, verification: prepareCode(context, known, recipient) });
  }
  if (!redirect_url) throw paramMissing("redirect_url");
  const target = { kind: "sign_up" as const, id: signUp.id };
  const redirectUrl = requireOwnUrl(context, redirect_url).href;
  return signUps.put({
    ...signUp,
    verification: prepareLink(context, recipient, target, redirectUrl),
  });
}

export function attemptSignUp(
  context: ClerkContext,
  signUp: SignUpRecord,
  { strategy = "email_code", code }: Attempt,
): SignUpRecord {
  const field = strategy === "phone_code" ? "phoneVerification" : "verification";
  const verification = attemptFactorCode(context, signUp[field], { strategy, code }, (kept) => {
    context.state.signUps.put({ ...signUp, [field]: kept });
  });
  return { ...signUp, [field]: verification };
}
