/** Builds the last finding: how old the newest event is, and what that proves. */
import type { Facts } from "./facts";
import { type Finding, say } from "./finding";

/**
 * An event in the last hour (ms) proves that webhooks reach us. An older event does not: an instance without changes sends none.
 */
export const FRESH_MS = 60 * 60_000;

const ENDPOINT =
  "In Clerk’s dashboard, under Webhooks, add this app’s `/api/webhooks/clerk` as an endpoint for all events. Run `npm run sync` to import existing users and organizations.";
const QUIET =
  "To test the way now, change a user in Clerk’s dashboard: the event must appear here within a minute. Set `CANARY_ORGANIZATION_ID` to test it every 15 minutes. `npm run sync -- --dry-run` shows whether the mirror differs from Clerk.";

function neverReceived({ now, setUpAt }: Facts): Finding {
  const isOld = setUpAt !== null && now.getTime() - setUpAt.getTime() > FRESH_MS;
  return {
    code: "no-events",
    state: isOld ? "warn" : "wait",
    sentence: setUpAt
      ? say`No webhook has been received since this database was set up ${setUpAt}.`
      : say`No webhook has ever been received.`,
    remedy: ENDPOINT,
    href: null,
    since: setUpAt,
  };
}

export function latestEvent(facts: Facts, isOnly: boolean): Finding {
  const { now, deliveries, canary, runs } = facts;
  const { newestAt } = deliveries;
  if (newestAt === null) return neverReceived(facts);
  const common = { href: null, since: newestAt };
  if (now.getTime() - newestAt.getTime() <= FRESH_MS) {
    const sentence = isOnly
      ? say`Up to date. Last event ${newestAt}.`
      : say`Last event ${newestAt}.`;
    return { code: "current", state: "good", sentence, remedy: null, ...common };
  }
  if (canary.isSet) {
    const sentence = say`Last event ${newestAt}. The canary has not shown since then whether events arrive.`;
    return { code: "quiet", state: "wait", sentence, remedy: null, ...common };
  }
  const { lastDoneAt } = runs;
  const isCompared = lastDoneAt !== null && lastDoneAt > newestAt;
  return {
    code: "quiet",
    state: "wait",
    sentence: isCompared
      ? say`Last event ${newestAt}, last compared with Clerk ${lastDoneAt}. The canary is off, so a quiet instance and a broken endpoint look the same.`
      : say`Last event ${newestAt}. The canary is off, so a quiet instance and a broken endpoint look the same.`,
    remedy: QUIET,
    ...common,
  };
}
