/**
 * Test deliveries: sends a composed event through the webhook endpoint, signed like Clerk's, and explains whether a pasted delivery
 * verifies. Sending is for development: the event writes to the mirror what Clerk does not have.
 */
import { randomUUID } from "node:crypto";
import { recordAudit } from "../../audit";
import { type Env, env } from "../../env";
import { parseDelivery } from "../event/parse-delivery";
import { explain, MAX_BODY_BYTES, receiveDelivery } from "./receive";
import { signatureOf, TOLERANCE_S, verifyDelivery } from "./verify";

/** True with a development instance of Clerk, and with the local Clerk. */
export function mayTestDeliveries(
  { secretKey, apiUrl }: Pick<Env, "secretKey" | "apiUrl"> = env(),
): boolean {
  return apiUrl !== undefined || secretKey.startsWith("sk_test_");
}

export type TestDelivery = { svixId: string; status: number; error: string | null };

/** Sends one event to the webhook endpoint of this app. `data` is the text of Clerk's object. */
export async function sendTestDelivery(given: {
  type: string;
  data: string;
  actorId: string;
}): Promise<TestDelivery | { error: string }> {
  if (!mayTestDeliveries())
    return { error: "Test events are for development instances: they change the mirror." };
  const [secret] = env().webhookSigningSecrets;
  if (!secret) return { error: "CLERK_WEBHOOK_SIGNING_SECRET is not set." };
  if (!/^[\w.]{1,100}$/.test(given.type)) return { error: "Enter a type like user.updated." };
  let data: unknown;
  try {
    data = JSON.parse(given.data);
  } catch {
    return { error: "The data is not valid JSON." };
  }
  const now = Date.now();
  const { clerkInstanceId } = env();
  const event = {
    ...{ object: "event", type: given.type, data, timestamp: now, event_attributes: {} },
    ...(clerkInstanceId && { instance_id: clerkInstanceId }),
  };
  const body = Buffer.from(JSON.stringify(event));
  const svixId = `msg_test_${randomUUID().replaceAll("-", "")}`;
  const timestamp = String(Math.floor(now / 1000));
  await recordAudit({
    ...{ actor: given.actorId, action: "delivery.test_sent", subject: svixId },
    detail: { type: given.type },
  });
  const response = await receiveDelivery(
    new Request(`${env().appUrl}/api/webhooks/clerk`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "user-agent": "Rollcall test tab",
        ...{ "svix-id": svixId, "svix-timestamp": timestamp },
        "svix-signature": `v1,${signatureOf(secret, svixId, timestamp, body)}`,
      },
      body,
    }),
  );
  const text = await response.text();
  return { svixId, status: response.status, error: response.ok ? null : text };
}

const NAMES = ["svix-id", "svix-timestamp", "svix-signature"] as const;

/** Reads pasted headers: lines like `svix-id: msg_…`, or a JSON object. Names in any case. */
function parseHeaders(text: string): Headers {
  const headers = new Headers();
  for (const name of NAMES) {
    const found = new RegExp(`["']?${name}["']?\\s*[:=]\\s*["']?([^"'\\r\\n]+)`, "i").exec(text);
    const value = found?.[1]?.trim().replace(/,$/, "");
    if (value && /^[\x20-\x7e]{1,2000}$/.test(value)) headers.set(name, value);
  }
  return headers;
}

export type Explanation = {
  isVerified: boolean;
  /** What was found, a sentence each. */
  sentences: string[];
};

const AGE_UNITS: [seconds: number, name: string][] = [
  [86_400, "days"],
  [3_600, "hours"],
  [60, "minutes"],
];

function ageText(seconds: number): string {
  const [size, name] = AGE_UNITS.find(([unit]) => Math.abs(seconds) >= 2 * unit) ?? [1, "seconds"];
  const count = Math.round(Math.abs(seconds) / size);
  return `${count} ${name} ${seconds >= 0 ? "ago" : "in the future"}`;
}

function contentOf(body: Buffer): string {
  const { handling, type, objectId, unread } = parseDelivery(body);
  const about = `${type ?? "An unknown event"}${objectId ? ` about ${objectId}` : ""}`;
  if (handling === "unreadable") return `It cannot be read: ${unread ?? "its form is not known"}.`;
  if (handling === "ignored") return `${about}. Rollcall records this type and does not mirror it.`;
  return unread ? `${about}. Not readable in it: ${unread}.` : `${about}. It can be read in full.`;
}

/** Verifies a pasted delivery with the secrets of the environment. Stores and sends nothing. */
export function explainDelivery(given: {
  headers: string;
  body: string;
  now?: number;
}): Explanation {
  const { webhookSigningSecrets: secrets } = env();
  const headers = parseHeaders(given.headers);
  const now = given.now ?? Date.now();
  const missing = NAMES.filter((name) => !headers.has(name));
  if (missing.length > 0)
    return { isVerified: false, sentences: [`Paste also the headers: ${missing.join(", ")}.`] };
  const pasted = Buffer.from(given.body);
  if (pasted.length > MAX_BODY_BYTES)
    return { isVerified: false, sentences: ["The body is larger than any that Clerk sends."] };
  // An editor may have added a line break at the end.
  const bodies = [pasted, Buffer.from(given.body.replace(/\r?\n$/, ""))];
  for (const body of bodies) {
    const index = secrets.findIndex(
      (secret) => verifiedBut(verifyDelivery(headers, body, [secret], now)) !== "signature",
    );
    if (index < 0) continue;
    const result = verifyDelivery(headers, body, secrets, now);
    if (!result.isVerified && result.reason === "headers")
      return { isVerified: false, sentences: [explain(result)] };
    const seconds = Math.floor(now / 1000) - Number(headers.get("svix-timestamp"));
    const which = secrets.length > 1 ? `secret ${index + 1} of ${secrets.length}` : "the secret";
    return {
      isVerified: true,
      sentences: [
        `The signature is good: ${which} in CLERK_WEBHOOK_SIGNING_SECRET signed exactly these bytes.`,
        result.isVerified
          ? `It was signed ${ageText(seconds)}, so the endpoint would accept it now.`
          : `It was signed ${ageText(seconds)}. The endpoint accepts ${TOLERANCE_S} s, so it would refuse it now.`,
        contentOf(body),
      ],
    };
  }
  return {
    isVerified: false,
    sentences: [
      "No secret in CLERK_WEBHOOK_SIGNING_SECRET signed these bytes with this id and timestamp.",
      "Either the secret is of another endpoint, or the body was changed: formatted, cut or decoded. Paste it byte for byte.",
    ],
  };
}

const verifiedBut = (result: ReturnType<typeof verifyDelivery>) =>
  result.isVerified ? "nothing" : result.reason;
