/** The steps after the first verification, which e-mail and social flows have in common. */
import type { ClerkPort } from "./clerk-port";
import {
  type DetailField,
  detailFields,
  type FlowError,
  flowErrors,
  NO_ANSWER,
  OFFLINE,
} from "./flow-error";

const secondFactors = ["totp", "phone_code", "backup_code"] as const;
export type SecondFactor = (typeof secondFactors)[number];

export type Continuation =
  | { step: "needsDetails"; fields: DetailField[] }
  | { step: "needsSecondFactor"; factor: SecondFactor; factors: SecondFactor[] }
  /** Clerk requires a step that has no form here. `form` names the Clerk component that continues. */
  | { step: "needsClerkForm"; form: "signIn" | "signUp" }
  | { step: "complete" };

export type Outcome<Step> = Step | { errors: FlowError[] };
export const isRefused = <Step extends object>(
  outcome: Outcome<Step>,
): outcome is { errors: FlowError[] } => "errors" in outcome;

/**
 * Runs a method of Clerk's client. Checks `port.isOffline()` before and after the call, because an offline client may return
 * neither an error nor a result.
 */
export async function call(
  port: ClerkPort,
  method: () => Promise<{ error: unknown }>,
): Promise<FlowError[]> {
  if (port.isOffline()) return [OFFLINE];
  try {
    const { error } = await method();
    if (error) return port.isOffline() ? [OFFLINE] : flowErrors(error);
    return port.isOffline() ? [OFFLINE] : [];
  } catch (error) {
    return port.isOffline() ? [OFFLINE] : flowErrors(error);
  }
}

const fieldsByName: Record<string, DetailField> = {
  first_name: "firstName",
  last_name: "lastName",
  username: "username",
  password: "password",
  legal_accepted: "legalAccepted",
};

export async function continueSignUp(port: ClerkPort): Promise<Outcome<Continuation>> {
  const signUp = port.signUp();
  if (signUp.status === "complete") {
    const errors = await call(port, () => port.signUp().finalize({ navigate: port.navigate }));
    return errors.length > 0 ? { errors } : { step: "complete" };
  }
  if (signUp.status !== "missing_requirements") return { errors: [NO_ANSWER] };
  const missing: (DetailField | undefined)[] = signUp.missingFields.map(
    (name) => fieldsByName[name],
  );
  const isKnown = missing.length > 0 && signUp.unverifiedFields.length === 0;
  if (!isKnown || missing.includes(undefined)) return { step: "needsClerkForm", form: "signUp" };
  return { step: "needsDetails", fields: detailFields.filter((each) => missing.includes(each)) };
}

export async function continueSignIn(port: ClerkPort): Promise<Outcome<Continuation>> {
  const signIn = port.signIn();
  if (signIn.status === "complete") {
    const errors = await call(port, () => port.signIn().finalize({ navigate: port.navigate }));
    return errors.length > 0 ? { errors } : { step: "complete" };
  }
  if (signIn.status !== "needs_second_factor") {
    const isOver = signIn.status === "needs_identifier" || signIn.status === "needs_first_factor";
    return isOver ? { errors: [NO_ANSWER] } : { step: "needsClerkForm", form: "signIn" };
  }
  const offered = signIn.supportedSecondFactors.map(({ strategy }) => strategy);
  const factors = secondFactors.filter((each) => offered.includes(each));
  const [factor] = factors;
  if (!factor) return { step: "needsClerkForm", form: "signIn" };
  return chooseSecondFactor(port, factor, factors);
}

/** Chooses a second factor. Sends the code if the factor is a text message. */
export async function chooseSecondFactor(
  port: ClerkPort,
  factor: SecondFactor,
  factors: SecondFactor[],
): Promise<Outcome<Continuation>> {
  if (factor === "phone_code") {
    const errors = await call(port, () => port.signIn().mfa.sendPhoneCode());
    if (errors.length > 0) return { errors };
  }
  return { step: "needsSecondFactor", factor, factors };
}

export async function verifySecondFactor(
  port: ClerkPort,
  factor: SecondFactor,
  code: string,
): Promise<Outcome<Continuation>> {
  const { mfa } = port.signIn();
  const methods: Record<SecondFactor, () => Promise<{ error: unknown }>> = {
    totp: () => mfa.verifyTOTP({ code }),
    phone_code: () => mfa.verifyPhoneCode({ code }),
    backup_code: () => mfa.verifyBackupCode({ code }),
  };
  const errors = await call(port, methods[factor]);
  return errors.length > 0 ? { errors } : continueSignIn(port);
}

/** Creates a sign-up from a sign-in that was verified but has no account, and continues the sign-up. */
export async function transferToSignUp(port: ClerkPort): Promise<Outcome<Continuation>> {
  const errors = await call(port, () => port.signUp().create({ transfer: true }));
  return errors.length > 0 ? { errors } : continueSignUp(port);
}

export async function transferToSignIn(port: ClerkPort): Promise<Outcome<Continuation>> {
  const errors = await call(port, () => port.signIn().create({ transfer: true }));
  return errors.length > 0 ? { errors } : continueSignIn(port);
}

export type Details = Partial<Record<Exclude<DetailField, "legalAccepted">, string>> & {
  legalAccepted?: boolean;
};

export async function submitDetails(
  port: ClerkPort,
  { password, ...details }: Details,
): Promise<Outcome<Continuation>> {
  const errors = await call(port, () =>
    password === undefined
      ? port.signUp().update(details)
      : port.signUp().password({ password, ...details }),
  );
  return errors.length > 0 ? { errors } : continueSignUp(port);
}
