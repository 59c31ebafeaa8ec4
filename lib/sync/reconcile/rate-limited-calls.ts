/**
 * Calls to Clerk's Backend API inside a stated share of its rate limit. Waits when told to (429), tries again what a
 * network or a server broke, and says in one line why it gives up. Knows nothing of what is asked.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { withDeadline } from "../../deadline";

/** Clerk cannot be read now; the message is for a person. A run that meets it can be resumed. */
export class ClerkUnavailable extends Error {
  override name = "ClerkUnavailable";
}

/** This instance has not got what was asked for: organizations, or a plan with roles. Trying again is of no use. */
export class NotOffered extends Error {
  override name = "NotOffered";
}

export type CallOptions = {
  /** Requests in 10 s that we may use. */
  perTenSeconds: number;
  signal?: AbortSignal;
  /** How long one answer may take. */
  answerWithinMs?: number;
  /** How the second and later tries wait; its length is the number of tries. */
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

  /** How long to wait before trying again; null when trying again is of no use. @throws the reason to give up. */
  function judge(error: unknown, tries: number): number | null {
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
    /** Resolves to null on 404. `requests` is what the call costs of the rate limit. */
    async call<T>(ask: () => Promise<T>, requests = 1): Promise<T | null> {
      for (let tries = 0; ; ) {
        signal?.throwIfAborted();
        await takeSlot(requests);
        try {
          return await withDeadline(ask(), answerWithinMs, () => {
            throw new ClerkUnavailable(`Clerk did not answer within ${answerWithinMs / 1000} s.`);
          });
        } catch (error) {
          const wait = judge(error, tries);
          if (wait === null) return null;
          // Being told to wait is no failure: the queue is long, not broken.
          if (!isClerkAPIResponseError(error) || error.status !== 429) tries += 1;
          await sleep(wait, undefined, { signal });
        }
      }
    },
  };
}

export type ClerkCalls = ReturnType<typeof clerkCalls>;
