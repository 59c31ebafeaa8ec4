/** Converts an error of Clerk's client to a sentence for the person, and finds the form field that caused the error. */
import { z } from "zod";

export const detailFields = [
  "firstName",
  "lastName",
  "username",
  "password",
  "legalAccepted",
] as const;
export type DetailField = (typeof detailFields)[number];
export type FlowField = "email" | "code" | DetailField;

export type FlowError = {
  /** Clerk's code, or one of `offline`, `no_answer`, `required`. */
  code: string;
  /** The field that the person can correct; null when no field is wrong. */
  field: FlowField | null;
  text: string;
};

const apiError = z.object({
  code: z.string(),
  message: z.string().catch(""),
  longMessage: z.string().optional().catch(undefined),
  meta: z
    .object({
      paramName: z.string().optional().catch(undefined),
      lockout_expires_in_seconds: z.number().optional().catch(undefined),
      lockoutExpiresInSeconds: z.number().optional().catch(undefined),
    })
    .optional()
    .catch(undefined),
});
type ApiError = z.infer<typeof apiError>;

const apiResponse = z.object({
  status: z.number(),
  retryAfter: z.number().optional().catch(undefined),
  errors: z.array(apiError).min(1),
});

const fieldOfParam: Record<string, FlowField> = {
  identifier: "email",
  email_address: "email",
  code: "code",
  password: "password",
  first_name: "firstName",
  last_name: "lastName",
  username: "username",
  legal_accepted: "legalAccepted",
};

const sentences: Record<string, string> = {
  account_transfer_invalid: "This attempt is over. Start again.",
  captcha_invalid: "The check against bots failed. Reload the page, then try again.",
  client_state_invalid: "This attempt is over. Start again.",
  external_account_not_found: "No account uses this sign-in yet.",
  form_code_incorrect: "That code is wrong. Check it, or send a new one.",
  form_identifier_not_found: "No account uses this email address.",
  form_password_pwned:
    "This password appeared in a data breach elsewhere, so it isn’t safe. Choose another.",
  identifier_already_signed_in: "You are already signed in with this account.",
  not_allowed_access: "This email address can’t be used here. Use another one.",
  oauth_access_denied: "You were not signed in: access was denied. Try again, or use your email.",
  resource_not_found: "This attempt is over. Start again.",
  session_exists: "You are already signed in.",
  sign_up_mode_restricted: "New accounts are by invitation only.",
  sign_up_restricted_waitlist: "New accounts are by invitation only.",
  totp_incorrect_code: "That code is wrong. Wait for the next one in your app, then try again.",
  user_banned: "This account has been banned. Contact support.",
  verification_expired: "That code has expired. Send a new one.",
  verification_failed: "Too many wrong codes. Send a new one.",
  verification_missing: "This attempt is over. Start again.",
};

/** The field that is wrong, by error code, for errors in which Clerk names no field. */
const fieldOfCode: Record<string, FlowField> = {
  not_allowed_access: "email",
  totp_incorrect_code: "code",
  verification_expired: "code",
  verification_failed: "code",
};

const required: Record<FlowField, string> = {
  email: "Enter your email address.",
  code: "Enter the code from the email.",
  firstName: "Enter your first name.",
  lastName: "Enter your last name.",
  username: "Choose a username.",
  password: "Choose a password.",
  legalAccepted: "Agree to the terms to create an account.",
};

const invalid: Partial<Record<FlowField, string>> = {
  email: "Enter an email address like name@example.com.",
};

export const OFFLINE: FlowError = {
  code: "offline",
  field: null,
  text: "You’re offline. Nothing you typed is lost. Connect, then try again.",
};

export const NO_ANSWER: FlowError = {
  code: "no_answer",
  field: null,
  text: "The sign-in service did not answer. Nothing you typed is lost. Try again.",
};

export const requiredError = (field: FlowField): FlowError => ({
  code: "required",
  field,
  text: required[field],
});

export const invalidEmail = (): FlowError => ({
  code: "form_param_format_invalid",
  field: "email",
  text: invalid.email ?? "",
});

function waiting(seconds: number): string {
  if (seconds < 90) return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${Math.ceil(minutes / 60)} hours`;
}

function lockedText({ meta }: ApiError): string {
  const seconds = meta?.lockout_expires_in_seconds ?? meta?.lockoutExpiresInSeconds;
  const when = seconds === undefined ? "later" : `in ${waiting(seconds)}`;
  return `Too many failed attempts: this account is locked. Try again ${when}.`;
}

function textOf(error: ApiError, field: FlowField | null): string {
  if (error.code === "user_locked") return lockedText(error);
  if (field && (error.code === "form_param_nil" || error.code === "form_param_missing")) {
    return required[field];
  }
  if (field && error.code === "form_param_format_invalid") {
    const text = invalid[field];
    if (text) return text;
  }
  // For passwords and usernames, uses Clerk's own messages, because they name the instance's rules.
  return sentences[error.code] ?? error.longMessage ?? error.message;
}

/** Converts what a call to Clerk's client returned or threw to errors of the form. */
export function flowErrors(error: unknown): FlowError[] {
  const response = apiResponse.safeParse(error);
  if (!response.success) return [NO_ANSWER];
  const { status, retryAfter, errors } = response.data;
  if (status === 429) {
    const when = retryAfter === undefined ? "in a minute" : `in ${waiting(retryAfter)}`;
    return [
      { code: "too_many_requests", field: null, text: `Too many attempts. Try again ${when}.` },
    ];
  }
  if (status >= 500) return [NO_ANSWER];
  return errors.map((each) => {
    const field = fieldOfCode[each.code] ?? fieldOfParam[each.meta?.paramName ?? ""] ?? null;
    return { code: each.code, field, text: textOf(each, field) };
  });
}
