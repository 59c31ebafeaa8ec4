/** Calls Clerk's Backend API for an act, within a deadline, and converts a refusal or an outage to a message for the admin. */
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { withDeadline } from "../deadline";
import { OnlyAdmin } from "../erasure/last-admin";

const CLERK_TIMEOUT_MS = 10_000;

class ClerkTimeout extends Error {
  override name = "ClerkTimeout";
}

export type ClerkRefusal = {
  /** Clerk's error code, or `timeout`, `unavailable`, `rate_limited` or `only_admin`. */
  code: string;
  message: string;
  /** The argument that Clerk's error names; null if it names none. */
  field: string | null;
  /** False if Clerk may have run the act: it did not respond in time, or its response was lost. */
  isCertain: boolean;
  /** The number of seconds that Clerk asked to wait after a 429, or 60 if Clerk gave no number; null for other responses. */
  retryAfterSeconds: number | null;
};

/** Calls Clerk. @throws ClerkTimeout after CLERK_TIMEOUT_MS, and the errors of Clerk's client. */
export const callClerk = <Result>(ask: () => Promise<Result>): Promise<Result> =>
  withDeadline(ask(), CLERK_TIMEOUT_MS, () => {
    throw new ClerkTimeout("Clerk did not answer in time.");
  });

export const hasClerkCode = (error: unknown, code: string) =>
  isClerkAPIResponseError(error) && error.errors.some((each) => each.code === code);

const uncertain = { field: null, isCertain: false, retryAfterSeconds: null };

/** Converts a timeout, an error of Clerk's client or our own refusal to a refusal. @throws any other error unchanged. */
export function refusalOf(error: unknown): ClerkRefusal {
  if (error instanceof ClerkTimeout) {
    const message = "Clerk did not answer. Check the list before you try again.";
    return { ...uncertain, code: "timeout", message };
  }
  if (error instanceof OnlyAdmin) {
    const { message } = error;
    return { code: "only_admin", message, field: null, isCertain: true, retryAfterSeconds: null };
  }
  if (!isClerkAPIResponseError(error)) throw error;
  if (error.status === 429) {
    const wait = error.retryAfter ? `in ${error.retryAfter} s` : "in a minute";
    return {
      ...{ code: "rate_limited", field: null, isCertain: true },
      message: `Clerk allows no more requests right now. Try again ${wait}.`,
      retryAfterSeconds: error.retryAfter ?? 60,
    };
  }
  const [first] = error.errors;
  if (!first || !(error.status >= 400 && error.status < 500)) {
    const message = "Clerk is not available right now. Try again.";
    return { ...uncertain, code: "unavailable", message };
  }
  return {
    ...{ code: first.code, isCertain: true, retryAfterSeconds: null },
    message: first.longMessage || first.message || "Clerk refused.",
    field: first.meta?.paramName ?? null,
  };
}
