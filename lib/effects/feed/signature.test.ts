/** Verifies our signatures with the svix library, an independent implementation of Standard Webhooks. */
import { randomBytes, randomInt } from "node:crypto";
import { Webhook } from "svix";
import { expect, test } from "vitest";
import { createSecret, signatureHeaders } from "./signature";

const id = "feed_1";
const secret = createSecret();

test("createSecret returns whsec_ followed by 32 random bytes in base64", () => {
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(createSecret()).not.toBe(secret);
});

test("the svix library accepts our signatures of 500 random bodies, and refuses a changed body", () => {
  for (let round = 0; round < 500; round += 1) {
    const text = JSON.stringify({ text: randomBytes(randomInt(200)).toString("latin1") });
    const headers = signatureHeaders(id, new Date(), Buffer.from(text), [secret]);
    const webhook = new Webhook(secret);
    expect(webhook.verify(text, headers)).toEqual(JSON.parse(text));
    expect(() => webhook.verify(`${text} `, headers)).toThrow("No matching signature");
    expect(() => webhook.verify(text, { ...headers, "webhook-id": "feed_2" })).toThrow("No match");
    expect(() => new Webhook(createSecret()).verify(text, headers)).toThrow("No matching");
  }
});

test("a message signed during a secret rotation verifies with both secrets, and a later message only with the new secret", () => {
  const next = createSecret();
  const verifies = (with_: string, secrets: string[]) => {
    const headers = signatureHeaders(id, new Date(), Buffer.from("{}"), secrets);
    expect(headers["webhook-signature"]?.split(" ")).toHaveLength(secrets.length);
    try {
      return Boolean(new Webhook(with_).verify("{}", headers));
    } catch {
      return false;
    }
  };
  expect([secret, next].map((each) => verifies(each, [next, secret]))).toEqual([true, true]);
  expect([secret, next].map((each) => verifies(each, [next]))).toEqual([false, true]);
});

test("the header webhook-timestamp has the time of the attempt, in seconds", () => {
  const headers = signatureHeaders(id, new Date(1_790_000_000_999), Buffer.from("{}"), [secret]);
  expect(headers["webhook-timestamp"]).toBe("1790000000");
});
