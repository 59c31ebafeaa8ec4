/** Compares our verification with the svix library, which is the reference. */
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "svix";
import { describe, expect, test } from "vitest";
import { svixHeaders } from "@/dev/testing/sign";
import { verifyDelivery } from "./verify";

const secret = `whsec_${randomBytes(24).toString("base64")}`;
const other = `whsec_${randomBytes(32).toString("base64")}`;
const body = Buffer.from('{"type":"user.created"}');
const signed = () => svixHeaders(body.toString(), secret);
const check = (headers: Record<string, string>, sent = body, secrets = [secret]) =>
  verifyDelivery(new Headers(headers), sent, secrets);

function isTakenBySvix(headers: Record<string, string>, sent: Buffer): boolean {
  try {
    new Webhook(secret).verify(sent, headers);
    return true;
  } catch (error) {
    // A SyntaxError means that the signature was accepted: the library then parses the body as JSON.
    return error instanceof SyntaxError;
  }
}

test("verifyDelivery agrees with the svix library on 10,000 random messages, altered or not", () => {
  const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=,- ";
  const alteration = fc.record({
    kind: fc.constantFrom("none", "signature", "body", "id", "timestamp", "list", "drop"),
    at: fc.nat(),
    to: fc.constantFrom(...base64),
  });
  const now = Math.floor(Date.now() / 1000);
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.integer({ min: -320, max: 320 }),
      alteration,
      (text, age, change) => {
        // Skips timestamps within 3 s of the limit, because the two verifications may run in different seconds.
        if (Math.abs(Math.abs(age) - 300) < 3) return;
        const timestamp = new Date((now - age) * 1000);
        const headers: Record<string, string> = svixHeaders(text, secret, { timestamp });
        const replace = (value = "") => {
          const index = change.at % (value.length + 1);
          return value.slice(0, index) + change.to + value.slice(index + 1);
        };
        const signature = headers["svix-signature"] ?? "";
        if (change.kind === "signature") headers["svix-signature"] = replace(signature).trim();
        if (change.kind === "id") headers["svix-id"] = `${headers["svix-id"]}0`;
        if (change.kind === "timestamp") headers["svix-timestamp"] = String(now - age + 1);
        if (change.kind === "list") headers["svix-signature"] = `v1,${change.to} v2,x ${signature}`;
        if (change.kind === "drop") headers["svix-signature"] = "";
        const sent = Buffer.from(change.kind === "body" ? replace(text) : text);
        expect(check(headers, sent).isVerified).toBe(isTakenBySvix(headers, sent));
      },
    ),
    { numRuns: 10_000 },
  );
}, 30_000);

describe("the reason of a refusal", () => {
  test.each([
    ["400 s old", -400, 400],
    ["400 s ahead", 400, -400],
  ])(
    "verifyDelivery refuses a valid signature that is %s because of its timestamp, and returns the number of seconds",
    (_name, offset, seconds) => {
      const now = Date.now();
      const headers = svixHeaders(body.toString(), secret, {
        timestamp: new Date(now + offset * 1000),
      });
      expect(verifyDelivery(new Headers(headers), body, [secret], now)).toEqual({
        isVerified: false,
        reason: "timestamp",
        secondsAgo: seconds,
      });
    },
  );

  test("verifyDelivery refuses an invalid signature with the reason `signature`, whatever its timestamp", () => {
    const old = svixHeaders(body.toString(), other, { timestamp: new Date(0) });
    expect(check(old)).toEqual({ isVerified: false, reason: "signature" });
  });

  test.each([
    ["no id", { "svix-id": "" }],
    ["a timestamp with letters", { "svix-timestamp": "1795abc" }],
    ["only a v2 signature", { "svix-signature": "v2,AAAA" }],
  ])("verifyDelivery refuses a request with %s, with the reason `headers", (_name, changed) => {
    expect(check({ ...signed(), ...changed })).toEqual({ isVerified: false, reason: "headers" });
  });
});

test("verifyDelivery accepts a signature by any of the given secrets", () => {
  expect(check(signed(), body, [other, secret]).isVerified).toBe(true);
  expect(check(signed(), body, [secret, other]).isVerified).toBe(true);
  expect(check(signed(), body, [other]).isVerified).toBe(false);
});

test("verifyDelivery refuses a body that is not UTF-8, although the svix library decodes it with U+FFFD", () => {
  const bytes = Buffer.from([0x22, 0xff, 0x22]);
  expect(check(svixHeaders(bytes.toString(), secret), bytes).isVerified).toBe(false);
});
