import { Webhook } from "svix";
import { afterAll, beforeEach, expect, test } from "vitest";
import { startFeedReceiver } from "@/dev/testing/feed-receiver";
import type { Resolver } from "./address";
import { send } from "./send";
import { createSecret } from "./signature";

const receiver = await startFeedReceiver();
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.received.length = 0;
  receiver.connections = 0;
  receiver.answer = null;
});

const secret = createSecret();
const target = { url: receiver.url, secrets: [secret], allowsPrivateAddress: true };
const message = { id: "feed_1", body: '{"type":"user.created","data":{"name":"Zoë"}}' };

test("send posts the message as signed JSON, and any 2xx response is a success", async () => {
  for (const status of [200, 202, 204]) {
    receiver.answer = (response) => response.writeHead(status).end();
    expect(await send(target, message)).toEqual({ outcome: "accepted", status });
  }
  const [first] = receiver.received;
  expect(first?.headers).toMatchObject({
    "content-type": "application/json",
    "webhook-id": "feed_1",
    "user-agent": "Rollcall-Feed/1",
  });
  expect(new Webhook(secret).verify(first?.body ?? "", first?.headers ?? {})).toEqual(
    JSON.parse(message.body),
  );
});

test.each([
  [301, "answered 301, a redirect, which is not followed"],
  [307, "answered 307, a redirect, which is not followed"],
  [400, "answered 400"],
  [404, "answered 404"],
  [429, "answered 429"],
  [500, "answered 500"],
])(
  "send reports a response of %s as a failure, and follows no redirect",
  async (status, reason) => {
    receiver.answer = (response) => response.writeHead(status, { location: receiver.url }).end();
    expect(await send(target, message)).toEqual({
      outcome: "failed",
      code: `HTTP_${status}`,
      reason,
    });
    expect(receiver.received).toHaveLength(1);
  },
);

test("send reports the endpoint as gone after a response of 410", async () => {
  receiver.answer = (response) => response.writeHead(410).end();
  expect(await send(target, message)).toMatchObject({ outcome: "gone", code: "HTTP_410" });
});

test("send fails at the deadline when the endpoint does not respond", async () => {
  receiver.answer = () => undefined;
  expect(await send(target, message, { deadlineMs: 100 })).toEqual({
    outcome: "failed",
    code: "TIMEOUT",
    reason: "did not answer within 0.1 s",
  });
});

test("send cuts off an endless response body, stops reading a slow one at the deadline, and returns the status of both", async () => {
  let written = 0;
  receiver.answer = (response) => {
    response.writeHead(200);
    const write = () => {
      while (!response.destroyed && response.write("x".repeat(1_024))) written += 1_024;
    };
    response.on("drain", write);
    write();
  };
  expect(await send(target, message)).toEqual({ outcome: "accepted", status: 200 });
  expect(written).toBeLessThan(16_000_000);
  receiver.answer = (response) => void response.writeHead(500).write("x");
  expect(await send(target, message, { deadlineMs: 100 })).toMatchObject({ code: "HTTP_500" });
});

test("send reports a closed port and a broken connection as failures that do not contain the URL", async () => {
  receiver.answer = (response) => void response.destroy();
  expect(await send(target, message)).toMatchObject({
    outcome: "failed",
    reason: "could not be reached (ECONNRESET)",
  });
  const closed = { ...target, url: "http://127.0.0.1:1/T0P/SECRET" };
  expect(await send(closed, message)).toEqual({
    outcome: "failed",
    code: "ECONNREFUSED",
    reason: "could not be reached (ECONNREFUSED)",
  });
});

test("send rejects when its signal is aborted, instead of returning a failure of the endpoint", async () => {
  const controller = new AbortController();
  receiver.answer = () => controller.abort(new Error("shutdown"));
  await expect(send(target, message, { signal: controller.signal })).rejects.toThrow("shutdown");
  await expect(send(target, message, { signal: controller.signal })).rejects.toThrow("shutdown");
  expect(receiver.received).toHaveLength(1);
});

const port = new URL(receiver.url).port;
const guarded = { ...target, allowsPrivateAddress: false };
const refused = "was not called: the URL leads to a private address, which was not allowed for it";

test.each([
  `http://127.0.0.1:${port}/`,
  `http://2130706433:${port}/`,
  `http://[::ffff:127.0.0.1]:${port}/`,
  `http://localhost:${port}/`,
])("send opens no connection to %s when private addresses are not allowed", async (url) => {
  expect(await send({ ...guarded, url }, message)).toMatchObject({ reason: refused });
  expect(receiver.connections).toBe(0);
});

test("send opens no connection to a host whose DNS name changes to a private address after the check", async () => {
  const answers = ["8.8.8.8", "127.0.0.1"];
  let asked = 0;
  const resolver: Resolver = (_name, _options, callback) => {
    const address = answers[Math.min(asked, 1)] ?? "";
    asked += 1;
    callback(null, [{ address, family: 4 }]);
  };
  // Takes the first DNS answer, as the check of a new endpoint does.
  resolver("hooks.example.com", { all: true, family: 0 }, () => undefined);
  const url = `http://hooks.example.com:${port}/`;
  expect(await send({ ...guarded, url }, message, { resolver })).toMatchObject({ reason: refused });
  expect(receiver.connections).toBe(0);
  // The connection goes to the address that was checked: the name is not resolved a second time.
  expect(await send({ ...target, url }, message, { resolver })).toMatchObject({ status: 204 });
  expect(asked).toBe(3);
});
