/**
 * Health rules for the path of a webhook from Clerk to this app: the canary's result, refused timestamps, missing and late
 * webhooks.
 */
import { counted, type Part, say } from "../finding";
import { type CanaryFault, isCanaryFault } from "../pipeline";
import { ageOf, HOUR, MINUTE, type Rule } from "./rule";

const LATE_MS = 5 * MINUTE;
/**
 * The maximum time in ms since the last canary round. A round starts every 15 minutes, so after a longer time no worker runs the
 * canary.
 */
const CANARY_EVERY_MS = 45 * MINUTE;

const canaryTexts: Record<CanaryFault, (at: Date) => { sentence: Part[]; remedy: string }> = {
  clerk: (at) => ({
    sentence: say`Clerk’s API answered the canary’s change with an error ${at}.`,
    remedy: "The log has Clerk’s answer (“canary”). Clerk’s status page may say more.",
  }),
  "clerk-key": (at) => ({
    sentence: say`Clerk’s API refused CLERK_SECRET_KEY ${at}.`,
    remedy:
      "Copy the secret key of this instance from Clerk’s dashboard, under API keys, and restart.",
  }),
  "clerk-organization": (at) => ({
    sentence: say`Clerk does not know the organization in CANARY_ORGANIZATION_ID, as of ${at}.`,
    remedy:
      "Set `CANARY_ORGANIZATION_ID` to an organization of this instance, or check that `CLERK_SECRET_KEY` belongs to this instance. Then restart.",
  }),
  "clerk-silent": (at) => ({
    sentence: say`Clerk’s API did not answer the canary ${at}.`,
    remedy:
      "Check that this machine may call api.clerk.com (or `CLERK_API_URL`), and Clerk’s status page.",
  }),
  "not-subscribed": (at) => ({
    sentence: say`Some events are not subscribed: others arrived, but organization.updated did not, as of ${at}.`,
    remedy: "In Clerk’s dashboard, under Webhooks, subscribe the endpoint to all events.",
  }),
  "not-sent": (at) => ({
    sentence: say`Clerk is not sending webhooks: it accepted a change ${at}, but no webhook arrived within a minute.`,
    remedy:
      "In Clerk’s dashboard, under Webhooks, check that the endpoint exists and is enabled, and recover its failed messages. Clerk disables an endpoint after five days of failures.",
  }),
  "not-reachable": (at) => ({
    sentence: say`The webhook endpoint was not reachable ${at}.`,
    remedy:
      "`GET /api/webhooks/clerk` at `APP_URL` must answer 405. Check `APP_URL`, DNS, the certificate, and any proxy in front of the app.",
  }),
  secret: (at) => ({
    sentence: say`A webhook of Clerk was refused ${at}: its signature does not verify with CLERK_WEBHOOK_SIGNING_SECRET.`,
    remedy:
      "Copy the endpoint’s signing secret from Clerk’s dashboard, under Webhooks, and restart. If it is the same, look for a proxy that changes the body.",
  }),
};

/** Reports the stage that the canary found broken, unless later deliveries prove that the stage works. */
export const brokenStage: Rule = ({ canary }, pipeline) => {
  const broken = pipeline.find(({ name, state }) => name !== "worker" && state === "broken");
  const round = canary.ended;
  if (!broken || !round?.fault || !isCanaryFault(round.fault)) return null;
  const { sentence, remedy } = canaryTexts[round.fault](round.startedAt);
  return { code: round.fault, state: "bad", sentence, remedy, href: null, since: round.startedAt };
};

export const refusedTimestamp: Rule = (facts) => {
  const { refusedTimestamp: refused, deliveries } = facts;
  if (refused === null) return null;
  const isAccepted = deliveries.newestAt !== null && deliveries.newestAt > refused.at;
  if (isAccepted && ageOf(facts, refused.at) > HOUR) return null;
  const distance = `${Math.abs(refused.secondsAgo)} s ${refused.secondsAgo > 0 ? "old" : "in the future"}`;
  const accepted = isAccepted ? " Later ones were accepted." : " None was accepted since.";
  return {
    code: "refused-timestamp",
    state: isAccepted ? "warn" : "bad",
    sentence: say`A webhook with a good signature was refused ${refused.at}: by this server’s clock, it was ${distance}; 300 s are allowed.${accepted}`,
    remedy:
      "Correct this server’s clock (NTP), or the proxy that delays requests. The next webhook that is accepted clears this, at the latest an hour after the refusal.",
    href: null,
    since: refused.at,
  };
};

/**
 * Reports that a webhook was refused for its size. It is no warning, because anyone can send a large request. If Clerk sent it,
 * the next reconciliation reads the object.
 */
export const refusedSize: Rule = ({ refusedSize: refused, runs: { lastDoneAt } }) => {
  if (refused === null || (lastDoneAt !== null && lastDoneAt > refused.at)) return null;
  const size = refused.bytes === null ? "" : ` of ${counted(refused.bytes, "byte")}`;
  return {
    code: "too-large",
    state: "wait",
    sentence: say`A webhook request was refused ${refused.at}: its body${size} is larger than ${counted(refused.mostBytes, "byte")}. It was not read, so its sender may not be Clerk.`,
    remedy:
      "If Clerk’s dashboard, under Webhooks, lists a failed message of that time, run `npm run sync`: it reads the object from Clerk. The next complete reconciliation clears this.",
    href: null,
    since: refused.at,
  };
};

export const clerkAhead: Rule = ({ clerkAhead: ahead, deliveries }) =>
  ahead.count > 0
    ? {
        code: "endpoint-silent",
        state: "bad",
        sentence: say`Clerk’s API showed ${counted(ahead.count, "newer change")}, the newest ${ahead.newestAt}, for which no webhook arrived. Last event ${deliveries.newestAt}.`,
        remedy:
          "In Clerk’s dashboard, under Webhooks, check that the endpoint exists and is enabled, and recover its failed messages; the first that arrives clears this. `npm run sync` repairs the mirror meanwhile.",
        href: null,
        since: deliveries.newestAt,
      }
    : null;

export const canaryOverdue: Rule = (facts) => {
  const { canary, worker } = facts;
  if (!canary.isSet || !worker.isWorkerRunning) return null;
  const at = canary.newest?.startedAt ?? null;
  if (at === null || ageOf(facts, at) <= CANARY_EVERY_MS) return null;
  return {
    code: "canary-overdue",
    state: "warn",
    sentence: say`The canary last ran ${at}; it should run every 15 minutes.`,
    remedy:
      "The worker that is running may be of another release or environment: restart it with `CANARY_ORGANIZATION_ID` set.",
    href: null,
    since: at,
  };
};

/**
 * Reports that the newest event arrived late. Ignores an event older than a day, because its delay says nothing about the delay
 * of the next event.
 */
export const late: Rule = (facts) => {
  const { lagMs, newestAt } = facts.deliveries;
  if (lagMs === null || lagMs <= LATE_MS) return null;
  if (newestAt === null || ageOf(facts, newestAt) > 24 * HOUR) return null;
  return {
    code: "late",
    state: "warn",
    sentence: say`The newest event took ${String(Math.round(lagMs / MINUTE))} min from Clerk to the mirror. It arrived ${newestAt}.`,
    remedy:
      "Clerk sends an event again when it was not answered with 200: look for refused webhooks in the log, and for failed messages in Clerk’s dashboard. The next event in time clears this.",
    href: null,
    since: newestAt,
  };
};
