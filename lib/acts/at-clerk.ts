/** Calls Clerk's Backend API for an act, within a deadline, and turns a refusal or an outage into words. */
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { withDeadline } from "../deadline";

const CLERK_TIMEOUT_MS = 10_000;

class ClerkTimeout extends Error {
  override name = "ClerkTimeout";
}

export type ClerkRefusal = {
  /** Clerk's error code, or `timeout`, `unavailable` or `rate_limited`. */
  code: string;
  message: string;
  /** The argument that Clerk names; null if it names none. */
  field: string | null;
  /** False if Clerk may have done it: it did not answer, or its answer was lost. */
  isCertain: boolean;
  /** After a 429. */
  retryAfterSeconds: number | null;
};

/** Calls Clerk within the deadline. @throws Clerk's errors. */
export const callClerk = <Result>(ask: () => Promise<Result>): Promise<Result> =>
  withDeadline(ask(), CLERK_TIMEOUT_MS, () => {
    throw new ClerkTimeout("Clerk did not answer in time.");
  });

export const hasClerkCode = (error: unknown, code: string) =>
  isClerkAPIResponseError(error) && error.errors.some((each) => each.code === code);

const uncertain = { field: null, isCertain: false, retryAfterSeconds: null };

/** @throws any error that does not come from Clerk. */
export function refusalOf(error: unknown): ClerkRefusal {
  if (error instanceof ClerkTimeout) {
    const message = "Clerk did not answer. Check the list before you try again.";
    return { ...uncertain, code: "timeout", message };
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
