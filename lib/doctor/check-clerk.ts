/** Checks Clerk's keys in the settings: that Clerk accepts them, and that they belong to the same instance. */
import type { KeyObject } from "node:crypto";
import { z } from "zod";
import { env } from "../env";
import { pinnedKeys, readKeySet } from "../identity/session-keys";
import { keyFacts } from "../sync/monitoring/key-facts";
import { keysFinding } from "../sync/monitoring/rules/keys";
import type { ClockReading } from "./check-app";
import { causeOf, type Finding, finding, ok, shown } from "./finding";

const TIMEOUT_MS = 5_000;

const instanceShape = z.object({ id: z.string(), environment_type: z.string() });
type Answer = { status: number; body: unknown; clock: ClockReading | null };

/** Sends a GET request. @throws if there is no response. */
async function request(url: string, headers: Record<string, string> = {}): Promise<Answer> {
  const sentAt = Date.now();
  const response = await fetch(url, {
    headers,
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answeredAt = Date.now();
  const date = response.headers.get("date");
  return {
    status: response.status,
    body: await response.json().catch(() => null),
    clock: date === null ? null : { theirs: Date.parse(date), sentAt, answeredAt },
  };
}

const backendUrl = () => env().apiUrl ?? "https://api.clerk.com";

/** Returns the URL of the Frontend API. If the app proxies the Frontend API, that is the URL of the proxy. */
function frontendUrl(): string {
  const { proxyUrl, appUrl, frontendApiHost } = env();
  return proxyUrl ? new URL(proxyUrl, appUrl).href : `https://${frontendApiHost}`;
}

/**
 * Checks the keys as the Health page does. `instanceOfKey` is the instance id that Clerk returned for the secret key, or null if
 * it returned none.
 */
function checkKeys(instanceOfKey: string | null): Finding[] {
  const found = keysFinding(keyFacts(env(), { instanceOfKey, outdatedJwtKeyAt: null }));
  return found ? [shown("Clerk keys", found, new Date())] : [];
}

/** Clerk's errors have this form. A proxy or a firewall responds with another page. */
const clerkErrors = z.object({ errors: z.array(z.unknown()).min(1) });

function checkInstance({ status, body }: Answer): Finding[] {
  const check = "Clerk API";
  const isOfClerk = clerkErrors.safeParse(body).success;
  if (status === 403 && !isOfClerk) {
    return [
      finding(
        "bad",
        check,
        `A program between this machine and ${backendUrl()} answered ${status}, not Clerk.`,
        "Let the proxy or the firewall pass requests to that host. The secret key was not checked.",
      ),
      ...checkKeys(null),
    ];
  }
  if (status === 429) {
    return [
      finding(
        "wait",
        check,
        "Clerk answered 429: its rate limit is used up. The secret key was not checked.",
        "Wait a minute and run this again. Another program with the same key may use up the limit.",
      ),
      ...checkKeys(null),
    ];
  }
  if (status === 401 || status === 403) {
    return [
      finding(
        "bad",
        check,
        `Clerk refuses CLERK_SECRET_KEY (${status}).`,
        "Copy the secret key from the Clerk dashboard, API keys. A rotated key has a new value.",
      ),
      ...checkKeys(null),
    ];
  }
  const { data: instance } = instanceShape.safeParse(body);
  if (status !== 200 || !instance) {
    return [
      finding(
        "wait",
        check,
        `${backendUrl()} answered ${status} to a question about the instance.`,
        "Check CLERK_API_URL, and Clerk's status page.",
      ),
      ...checkKeys(null),
    ];
  }
  return [
    ok(check, `Clerk accepts the secret key of ${instance.id} (${instance.environment_type}).`),
    ...checkKeys(instance.id),
  ];
}

const keysIn = (body: unknown): KeyObject[] => [...readKeySet(body).values()];

function checkPinnedKeys(published: KeyObject[]): Finding {
  const check = "Session keys";
  const pinned = pinnedKeys();
  if (pinned.length === 0) {
    return ok(
      check,
      "CLERK_JWT_KEY is not set: Clerk's keys are fetched, and kept for five minutes.",
    );
  }
  const isPublished = (key: KeyObject) => published.some((other) => other.equals(key));
  if (!pinned.some(isPublished)) {
    return finding(
      "bad",
      check,
      "CLERK_JWT_KEY has none of the keys that Clerk signs session tokens with. Tokens are verified only while Clerk answers.",
      "Copy the JWT public key from the Clerk dashboard, API keys.",
    );
  }
  const missing = published.filter((key) => !pinned.some((other) => other.equals(key))).length;
  return missing > 0
    ? finding(
        "warn",
        check,
        `CLERK_JWT_KEY lacks ${missing} of the ${published.length} keys that Clerk publishes: a rotation may be under way.`,
        "Add the new JWT public key to CLERK_JWT_KEY, separated by a comma.",
      )
    : ok(check, `CLERK_JWT_KEY has every key that Clerk publishes (${published.length}).`);
}

async function checkFrontend(published: KeyObject[]): Promise<Finding> {
  const check = "Publishable key";
  const url = `${frontendUrl().replace(/\/$/, "")}/.well-known/jwks.json`;
  try {
    const { status, body } = await request(url);
    const keys = keysIn(body);
    if (status !== 200 || keys.length === 0) {
      return finding(
        "wait",
        check,
        `${url} answered ${status} without keys.`,
        "Check the publishable key. With a proxy (NEXT_PUBLIC_CLERK_PROXY_URL) the app must run.",
      );
    }
    return keys.some((key) => published.some((other) => other.equals(key)))
      ? ok(check, "The publishable key and the secret key belong to the same instance.")
      : finding(
          "bad",
          check,
          "The publishable key and the secret key belong to different instances: nobody can sign in.",
          "Copy both keys from the same instance: Clerk dashboard, API keys.",
        );
  } catch (error) {
    return finding(
      "wait",
      check,
      `The Frontend API did not answer at ${url} (${causeOf(error)}).`,
      "Check the publishable key. With a proxy (NEXT_PUBLIC_CLERK_PROXY_URL) the app must run.",
    );
  }
}

/**
 * Resolves to the findings and the reading of Clerk's clock. `clock` is null if Clerk did not respond or sent no `Date` header.
 */
export async function checkClerk(): Promise<{ findings: Finding[]; clock: ClockReading | null }> {
  const headers = { authorization: `Bearer ${env().secretKey}` };
  try {
    const instance = await request(`${backendUrl()}/v1/instance`, headers);
    const findings = checkInstance(instance);
    const jwks = await request(`${backendUrl()}/v1/jwks`, headers);
    const published = keysIn(jwks.body);
    if (published.length > 0) {
      findings.push(checkPinnedKeys(published), await checkFrontend(published));
    }
    return { findings, clock: instance.clock };
  } catch (error) {
    return {
      findings: [
        finding(
          "bad",
          "Clerk API",
          `Clerk's Backend API did not answer at ${backendUrl()} (${causeOf(error)}).`,
          "Check that this machine may open connections to it, and CLERK_API_URL if it is set.",
        ),
        ...checkKeys(null),
      ],
      clock: null,
    };
  }
}
