/**
 * Checks an admin's right against Clerk when the mirror may be too old to know of its loss. Asks for that one user or membership
 * only. Parallel checks share a question, an answer serves for the time that the caller allows, and the number of questions at a
 * time is bounded. While Clerk does not answer, no admin counts as having the right.
 */
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import { LRUCache } from "lru-cache";
import { singleFlight } from "../coalesce";
import { withDeadline } from "../deadline";
import { log } from "../log";
import { isMirrorFresh } from "../sync/monitoring/freshness";
import { type Authority, isAdminAtClerk } from "./perform";

/** How long a request waits for Clerk, in ms. */
const ANSWER_WITHIN_MS = 2_000;
/** The maximum number of questions to Clerk at a time, in this process. Clerk's rate limit has other users. */
const MOST_QUESTIONS = 10;
const ANSWERS_KEPT = 10_000;
const RETRY_S = 5;

/** `askedAt`: performance.now() before the question was sent. The answer is as old as that. */
type Answer = { isHeld: boolean; askedAt: number };

/** `unavailable`: Clerk did not answer, so it is not known whether the right still exists. */
export type Standing = "held" | "lost" | "unavailable";

class NotAsked extends Error {
  override name = "NotAsked";
}

const answers = new LRUCache<string, Answer>({ max: ANSWERS_KEPT });
let questions = 0;
/** After a 429, Clerk is not asked before this time, by performance.now(). */
let pausedUntil = 0;

type Right = { actorId: string; authority: Authority };

/** Clerk's ids contain no space, so the pair of ids is a key. */
const keyOf = ({ actorId, authority }: Right) =>
  authority.kind === "platform" ? actorId : `${actorId} ${authority.organizationId}`;

async function isHeldAtClerk({ actorId, authority }: Right): Promise<boolean> {
  try {
    return await withDeadline(isAdminAtClerk(actorId, authority), ANSWER_WITHIN_MS, () => {
      throw new NotAsked(`Clerk did not answer within ${ANSWER_WITHIN_MS} ms`);
    });
  } catch (error) {
    // Clerk does not have the user or the organization any more.
    if (isClerkAPIResponseError(error) && error.status === 404) return false;
    if (isClerkAPIResponseError(error) && error.status === 429)
      pausedUntil = performance.now() + (error.retryAfter ?? RETRY_S) * 1_000;
    throw error;
  }
}

async function askClerk(right: Right): Promise<Answer> {
  if (performance.now() < pausedUntil) throw new NotAsked("Clerk's rate limit is used up");
  if (questions >= MOST_QUESTIONS) throw new NotAsked("too many questions to Clerk at a time");
  questions += 1;
  try {
    const askedAt = performance.now();
    const answer = { isHeld: await isHeldAtClerk(right), askedAt };
    answers.set(keyOf(right), answer);
    return answer;
  } finally {
    questions -= 1;
  }
}

const ask = singleFlight(askClerk, undefined, keyOf);

/**
 * Resolves to `held` if the mirror is proven to be at most `withinMs` behind Clerk: the caller has checked the right in the
 * mirror. Otherwise resolves to Clerk's answer, which may be `withinMs` old. @throws when the database does not respond.
 */
export async function standingOf(
  actorId: string,
  authority: Authority,
  withinMs: number,
): Promise<Standing> {
  if (await isMirrorFresh(withinMs)) return "held";
  const right = { actorId, authority };
  const known = answers.get(keyOf(right));
  const isKnown = known && performance.now() - known.askedAt <= withinMs;
  try {
    const { isHeld } = known && isKnown ? known : await ask(right);
    return isHeld ? "held" : "lost";
  } catch (error) {
    log.warn("an admin's right could not be checked at Clerk", { userId: actorId }, error);
    return "unavailable";
  }
}
