/**
 * Calls Clerk's Backend API within a given share of its rate limit. After a 429 it waits for the Retry-After time. Network and
 * server errors are retried with backoff; any other error ends with a one-line reason.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { withDeadline } from "../../deadline";

/** Thrown when Clerk cannot be read now. The message is for the operator. The run is paused and can be resumed. */
export class ClerkUnavailable extends Error {
  override name = "ClerkUnavailable";
}

/** Thrown when the instance lacks a feature: organizations are off, or its plan has no roles. A retry does not help. */
export class NotOffered extends Error {
  override name = "NotOffered";
}

export type CallOptions = {
  /** The maximum number of requests in 10 s. */
  perTenSeconds: number;
  signal?: AbortSignal;
  /** The timeout of one request in ms. */
  answerWithinMs?: number;
  /** The delay in ms before each retry. The length of the array is the number of retries. */
  backoffMs?: number[];
};

const MAX_PAUSE_MS = 60_000;

export function clerkCalls({
  perTenSeconds,
  signal,
  answerWithinMs = 15_000,
  backoffMs = [1_000, 2_000, 4_000, 8_000],
}: CallOptions) {
  const spacingMs = 10_000 / perTenSeconds;
  let nextSlot = 0;
  let made = 0;

  async function takeSlot(requests: number): Promise<void> {
    const now = performance.now();
    const mine = Math.max(now, nextSlot);
    nextSlot = mine + spacingMs * requests;
    made += requests;
    if (mine > now) await sleep(mine - now, undefined, { signal });
  }

  /** Returns the delay before the next try, in ms; null for a 404. @throws the reason to give up. */
  function retryDelay(error: unknown, tries: number): number | null {
    const pause = backoffMs[tries];
    if (error instanceof ClerkUnavailable) {
      if (pause === undefined) throw error;
      return pause;
    }
    if (!isClerkAPIResponseError(error)) {
      throw new ClerkUnavailable("Clerk's answer is not what its Backend API promises.", {
        cause: error,
      });
    }
    const { status, retryAfter } = error;
    if (status === 404) return null;
    if (status === 429) return Math.min((retryAfter ?? 10) * 1_000, MAX_PAUSE_MS);
    if (status === 401) {
      throw new ClerkUnavailable("Clerk refuses the key: check CLERK_SECRET_KEY.");
    }
    if (status === 402 || status === 403) throw new NotOffered("", { cause: error });
    if (status !== undefined && status < 500) {
      throw new ClerkUnavailable(`Clerk refuses the request (${status}).`, { cause: error });
    }
    if (pause === undefined) {
      throw new ClerkUnavailable(
        status === undefined ? "Clerk cannot be reached." : `Clerk answers ${status}.`,
        { cause: error },
      );
    }
    return pause;
  }

  return {
    get requests() {
      return made;
    },
    /** Runs `ask` with retries. Resolves to null on 404. `requests` is the number of requests that `ask` makes. */
    async call<T>(ask: () => Promise<T>, requests = 1): Promise<T | null> {
      for (let tries = 0; ; ) {
        signal?.throwIfAborted();
        await takeSlot(requests);
        try {
          return await withDeadline(ask(), answerWithinMs, () => {
            throw new ClerkUnavailable(`Clerk did not answer within ${answerWithinMs / 1000} s.`);
          });
        } catch (error) {
          const wait = retryDelay(error, tries);
          if (wait === null) return null;
          // A 429 does not count as a failed try.
          if (!isClerkAPIResponseError(error) || error.status !== 429) tries += 1;
          await sleep(wait, undefined, { signal });
        }
      }
    },
  };
}

export type ClerkCalls = ReturnType<typeof clerkCalls>;
