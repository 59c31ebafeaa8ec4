/** Checks what is outside the database and Clerk: the clocks, and the public address of the webhook endpoint. */
import { env } from "../env";
import { causeOf, type Finding, finding, ok } from "./finding";

const TIMEOUT_MS = 5_000;

/** Session tokens tolerate 5 s of clock skew (`lib/identity/claims.ts`), webhooks 300 s. */
const TOLERATED_MS = 5_000;

/** How far another clock is ahead of ours. The header of an HTTP answer has whole seconds, so less than 2 s is no skew. */
function checkClock(name: string, other: Date, now: Date): Finding {
  const ahead = other.getTime() - now.getTime();
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  if (Math.abs(ahead) < 2_000) return ok("Clock", `This clock and ${name} agree.`);
  return finding(
    Math.abs(ahead) > TOLERATED_MS ? "bad" : "warn",
    "Clock",
    `This clock is ${seconds} s ${ahead > 0 ? "behind" : "ahead of"} ${name}. Session tokens tolerate 5 s, webhooks 300 s.`,
    "Let NTP set the clock of this machine.",
  );
}

export function checkClocks(clerk: Date | null, server: Date | null, now = new Date()): Finding[] {
  return [
    ...(clerk ? [checkClock("Clerk's clock", clerk, now)] : []),
    ...(server ? [checkClock("the database's clock", server, now)] : []),
  ];
}

/** Our route answers a GET with 405. Any other answer is from something else, such as a redirect or a proxy. */
export async function checkEndpoint(): Promise<Finding> {
  const check = "Endpoint";
  const url = `${env().appUrl}/api/webhooks/clerk`;
  try {
    const { status } = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return status === 405
      ? ok(check, `${url} answers.`)
      : finding(
          "bad",
          check,
          `${url} answered ${status} instead of the webhook endpoint's 405.`,
          "Check APP_URL, and that no proxy or redirect stands before the endpoint.",
        );
  } catch (error) {
    return finding(
      "warn",
      check,
      `${url} did not answer (${causeOf(error)}).`,
      "Start the app, or set APP_URL to its public address.",
    );
  }
}
