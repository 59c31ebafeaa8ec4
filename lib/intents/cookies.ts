/**
 * Each deferred action has its own cookie: the name contains the intent's id, the value is the intent's secret. A single cookie
 * for all intents would be worse. Two tabs that write it at the same time would lose an intent. A thief who copied it could store
 * an intent that runs in the victim's browser.
 */
import { randomBytes } from "node:crypto";
import { env } from "../env";
import { EXPIRES_AFTER_MS } from "./decide";

/**
 * The maximum number of pending intents in one browser. It is small, because the browser sends every cookie with each request. A
 * further intent withdraws the oldest one.
 */
export const MAX_INTENTS = 5;

const NAME = "rollcall-intent-";
const UUID = "[\\da-f]{8}(?:-[\\da-f]{4}){3}-[\\da-f]{12}";
const SECRET_BYTES = 32;

export type IntentCookie = { id: string; secret: string };

/**
 * Returns the prefix of the cookie names. Over HTTPS, `__Host-` keeps subdomains from setting such a cookie, and with it an
 * intent, in this browser. Over HTTP, the port is in the name to keep two checkouts on one machine apart: browsers send a cookie
 * to every port of its host.
 */
function prefix(): string {
  const { protocol, port } = new URL(env().appUrl);
  return protocol === "https:" ? `__Host-${NAME}` : `${NAME}${port}-`;
}

export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

/** Returns the intents in a Cookie header, in the header's order: oldest first, since all cookies have the same path. */
export function intentCookies(header: string | null): IntentCookie[] {
  const pattern = new RegExp(`(?:^|;\\s*)${prefix()}(${UUID})=([\\w-]{43})(?=;|$)`, "g");
  return [...(header ?? "").matchAll(pattern)].map(([, id = "", secret = ""]) => ({ id, secret }));
}

function attributes(maxAgeSeconds: number): string {
  const secure = env().appUrl.startsWith("https:") ? "; Secure" : "";
  return `; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

export function setIntentCookie({ id, secret }: IntentCookie): string {
  return `${prefix()}${id}=${secret}${attributes(EXPIRES_AFTER_MS / 1000)}`;
}

export function clearIntentCookie(id: string): string {
  return `${prefix()}${id}=${attributes(0)}`;
}
