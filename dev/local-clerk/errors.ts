// Clerk's API errors, with its codes, statuses and messages. Functions throw them; each API turns them into
// a response body in one place.

export type ClerkError = {
  code: string;
  message: string;
  long_message: string;
  meta?: Record<string, unknown>;
};

type RefusalStatus = 400 | 401 | 402 | 403 | 404 | 409 | 415 | 422 | 429 | 500 | 501 | 503;

export class Refusal extends Error {
  readonly status: RefusalStatus;
  readonly errors: readonly ClerkError[];

  constructor(status: RefusalStatus, ...errors: ClerkError[]) {
    super(errors.map((each) => each.code).join(", "));
    this.status = status;
    this.errors = errors;
  }
}

export function refusal(
  status: RefusalStatus,
  code: string,
  message: string,
  long_message = message,
  meta?: Record<string, unknown>,
): Refusal {
  return new Refusal(status, { code, message, long_message, ...(meta ? { meta } : {}) });
}

export function formRefusal(code: string, param: string, message: string, long?: string): Refusal {
  return refusal(422, code, message, long ?? message, { param_name: param });
}

export const paramMissing = (param: string) =>
  formRefusal("form_param_missing", param, "is missing", `${param} must be included.`);

export const paramInvalid = (param: string, why: string) =>
  formRefusal("form_param_format_invalid", param, "is invalid", why);

export const paramTooLong = (param: string, length: number) =>
  formRefusal(
    "form_param_max_length_exceeded",
    param,
    "exceeds maximum length",
    `${param} should not exceed ${length} characters.`,
  );

export const paramUnknown = (param: string) =>
  formRefusal(
    "form_param_unknown",
    param,
    "is unknown",
    `${param} is not a valid parameter for this request.`,
  );

export const identifierTaken = (param: string, noun: string) =>
  formRefusal(
    "form_identifier_exists",
    param,
    `That ${noun} is taken. Please try another.`,
    `That ${noun} is taken. Please try another.`,
  );

export const identifierUnknown = () =>
  formRefusal("form_identifier_not_found", "identifier", "Couldn't find your account.");

export const passwordWrong = (param = "password") =>
  formRefusal(
    "form_password_incorrect",
    param,
    "Password is incorrect. Try again, or use another method.",
  );

export const passwordTooShort = (param: string, length: number) =>
  formRefusal(
    "form_password_length_too_short",
    param,
    `Passwords must be ${length} characters or more.`,
  );

export const passwordTooLong = (param: string, length: number) =>
  formRefusal(
    "form_password_length_too_long",
    param,
    `Passwords must be less than ${length + 1} characters.`,
  );

export const codeWrong = () =>
  formRefusal("form_code_incorrect", "code", "is incorrect", "Incorrect code");

export const codeExpired = () =>
  refusal(
    400,
    "verification_expired",
    "expired",
    "This verification has expired. You must create a new one.",
  );

export const codeFailed = () =>
  refusal(
    400,
    "verification_failed",
    "failed",
    "Too many failed attempts. You have to try again with the same or another method.",
  );

export const alreadyVerified = () =>
  refusal(
    400,
    "verification_already_verified",
    "already verified",
    "This verification has already been verified.",
  );

export const verificationMissing = () =>
  refusal(400, "verification_missing", "missing verification", "No verification is in progress.");

export const strategyInvalid = () =>
  refusal(
    400,
    "strategy_for_user_invalid",
    "Invalid verification strategy",
    "The verification strategy is not valid for this account",
    { param_name: "strategy" },
  );

export const sessionExists = () =>
  refusal(400, "session_exists", "Session already exists", "You're already signed in.");

export const alreadySignedIn = (sessionId: string) =>
  refusal(400, "identifier_already_signed_in", "Already signed in", "You're already signed in.", {
    session_id: sessionId,
  });

/**
 * Thrown, as at Clerk, when a user signs in within a browser that has an impersonated session. The new session would outlast the
 * impersonation.
 */
export const impersonating = () =>
  refusal(
    409,
    "session_creation_not_allowed",
    "unable to create session",
    "Unable to create new session when an impersonation session is present. Please sign out first.",
  );

export const transferInvalid = () =>
  refusal(
    400,
    "account_transfer_invalid",
    "Invalid account transfer",
    "There is no account to transfer",
  );

/** Thrown after an address without an account is verified: the page then transfers the sign-in to a sign-up. */
export const signUpIfMissingTransfer = () =>
  refusal(
    400,
    "sign_up_if_missing_transfer",
    "Sign up required",
    "There is no account with this identifier. Transfer this sign-in to a sign-up.",
  );

const attemptComplete = (noun: string) =>
  refusal(
    400,
    "client_state_invalid",
    "Invalid action",
    `This ${noun} is complete and cannot be attempted again. Start a new one.`,
  );
export const signInComplete = () => attemptComplete("sign-in");
export const signUpComplete = () => attemptComplete("sign-up");

export const signedOut = () =>
  refusal(
    401,
    "authentication_invalid",
    "Invalid authentication",
    "Unable to authenticate the request, you need to supply an active session",
  );

export const devBrowserUnauthenticated = () =>
  refusal(
    401,
    "dev_browser_unauthenticated",
    "Browser unauthenticated",
    "Unable to authenticate this browser for your development instance. Check your Clerk cookies and try again. If the issue persists reach out to support@clerk.com.",
  );

export const userLocked = (seconds: number | null) =>
  refusal(
    403,
    "user_locked",
    "Account locked",
    "Your account is locked. You will be able to try again later. For more information, please contact support.",
    seconds === null ? undefined : { lockout_expires_in_seconds: seconds },
  );

export const userBanned = () =>
  refusal(403, "user_banned", "Account banned", "Your account has been banned.");

export const notFound = (noun: string, id: string) =>
  refusal(404, "resource_not_found", "not found", `No ${noun} was found with id ${id}.`);

/** Thrown for a feature that a plan of Clerk can lack, and that the local Clerk lacks. */
export const planLacks = (feature: string) =>
  refusal(
    402,
    "unsupported_subscription_plan_features",
    "Unsupported plan features",
    "Some features are not supported in your current plan. Upgrade your subscription to unlock them.",
    { unsupported_features: [feature] },
  );

export const originInvalid = () =>
  refusal(
    400,
    "origin_invalid",
    "Invalid HTTP Origin header",
    "The Request HTTP Origin header must be equal to or a subdomain of the requesting URL.",
  );

export const originMissing = () =>
  refusal(
    400,
    "origin_missing",
    "Origin header missing",
    "This request requires an Origin header to be set, but it is missing",
  );

export const bodyInvalid = () =>
  refusal(
    400,
    "request_body_invalid",
    "Request body invalid",
    "The request body is invalid. Please consult the API documentation for more information.",
  );

export const contentTypeInvalid = (actual: string) =>
  refusal(
    415,
    "unsupported_content_type",
    "Content-Type is unsupported",
    `Content-Type ${actual} is unsupported. You should use application/x-www-form-urlencoded instead.`,
  );

export const keyInvalid = () =>
  refusal(
    401,
    "clerk_key_invalid",
    "The provided Clerk Secret Key is invalid. Make sure that your Clerk Secret Key is correct.",
  );

export const authorizationMissing = () =>
  refusal(
    401,
    "authorization_header_format_invalid",
    "Invalid Authorization header format",
    'Invalid Authorization header format. Must be "Bearer <YOUR_API_KEY>"',
  );

export const notImplemented = (what: string) =>
  refusal(501, "not_implemented_locally", `${what} is not implemented by the local Clerk.`);
