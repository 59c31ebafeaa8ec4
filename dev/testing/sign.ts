/** Signs as Clerk does: session tokens with the instance's key, webhooks by Svix's scheme. */
import { createHmac, createSign, randomUUID } from "node:crypto";
import { Webhook } from "svix";
import { APP_URL, FRONTEND_API_HOST } from "./environment";

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Encodes the header and payload of a session token, with Clerk's claims, ready to be signed. */
function unsigned(claims: Record<string, unknown>, header: Record<string, unknown>): string {
  const now = Math.floor(Date.now() / 1000);
  const head = base64url({ alg: "RS256", kid: "ins_test", typ: "JWT", ...header });
  const payload = base64url({
    azp: APP_URL,
    exp: now + 60,
    fva: [0, -1],
    iat: now,
    iss: `https://${FRONTEND_API_HOST}`,
    jti: randomUUID(),
    nbf: now - 10,
    sid: "sess_test",
    sts: "active",
    sub: "user_test",
    v: 2,
    ...claims,
  });
  return `${head}.${payload}`;
}

/**
 * Creates a session token. `claims` and `header` override the defaults; the value `undefined` removes a claim or header field.
 */
export function signToken(
  privateKey: string,
  claims: Record<string, unknown>,
  header: Record<string, unknown> = {},
): string {
  const text = unsigned(claims, header);
  return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey).toString("base64url")}`;
}

/**
 * Creates a forged token: an HMAC with the public key as the secret. A verifier that trusts the header's `alg` would accept it.
 */
export function signTokenSymmetrically(publicKey: string, claims: Record<string, unknown>): string {
  const text = unsigned(claims, { alg: "HS256" });
  return `${text}.${createHmac("sha256", publicKey).update(text).digest("base64url")}`;
}

export type SignOptions = { id?: string; secret?: string; timestamp?: Date };

export function svixHeaders(body: string, secret: string, options: SignOptions = {}) {
  const id = options.id ?? `msg_${randomUUID()}`;
  const timestamp = options.timestamp ?? new Date();
  return {
    "svix-id": id,
    "svix-timestamp": String(Math.floor(timestamp.getTime() / 1000)),
    "svix-signature": new Webhook(options.secret ?? secret).sign(id, timestamp, body),
  };
}
