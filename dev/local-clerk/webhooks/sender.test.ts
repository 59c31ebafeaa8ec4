import { Webhook } from "svix";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MovableClock } from "../clock";
import { State } from "../store/state";
import { type Receiver, startReceiver } from "../testing/receiver";
import { temporaryFolder } from "../testing/temporary-folder";
import { waitUntil } from "../testing/wait-until";
import { retrySchedule } from "./message-log";
import { WebhookSender } from "./sender";

const secret = `whsec_${Buffer.from("a secret of twenty-four.").toString("base64")}`;
let folder: ReturnType<typeof temporaryFolder>;
let receiver: Receiver;
let clock: MovableClock;
let state: State;
let sender: WebhookSender;

beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startReceiver();
  clock = new MovableClock({ ticking: false, at: Date.now() });
  state = new State(folder.path, clock.now());
  sender = new WebhookSender({ state, clock, url: receiver.url, secret, log: () => {} });
});
afterEach(async () => {
  sender.close();
  await receiver.close();
  folder.remove();
});

const dispatchOf = (messageId: string) => state.dispatchesByMessage.first(messageId);
const tries = (id: string, count: number) =>
  waitUntil(() => {
    const dispatch = dispatchOf(id);
    return dispatch?.attempts.length === count && dispatch;
  });

test("the signature of a webhook covers the exact bytes of its body", async () => {
  sender.start();
  const { id } = sender.enqueue("user.created", '{"type":"user.created"}');
  await tries(id, 1);
  const [first] = receiver.received;
  expect(first?.headers["svix-id"]).toBe(id);
  expect(new Webhook(secret).verify(first?.body ?? "", first?.headers ?? {})).toEqual({
    type: "user.created",
  });
  expect(dispatchOf(id)?.status).toBe("delivered");
});

test("retrySchedule has the delays that Svix publishes", () => {
  const minutes = retrySchedule.map((ms) => ms / 60_000);
  expect(minutes).toEqual([0, 1 / 12, 5, 30, 120, 300, 600, 600]);
});

test("each retry has the same id, a later timestamp and a new signature, and follows Svix's schedule", async () => {
  receiver.answer = () => 500;
  sender.start();
  const { id } = sender.enqueue("user.created", "{}");
  for (const [place, delay] of retrySchedule.entries()) {
    if (delay > 0) {
      clock.advance(delay - 1);
      expect(receiver.received).toHaveLength(place);
      clock.advance(1);
    }
    await tries(id, place + 1);
  }
  const headers = receiver.received.map((each) => each.headers);
  expect(new Set(headers.map((each) => each["svix-id"]))).toEqual(new Set([id]));
  expect(new Set(headers.map((each) => each["svix-timestamp"])).size).toBe(retrySchedule.length);
  expect(new Set(headers.map((each) => each["svix-signature"])).size).toBe(retrySchedule.length);
  expect(dispatchOf(id)).toMatchObject({ status: "failed", nextAt: null });
  clock.advance(100 * 3_600_000);
  expect(receiver.received).toHaveLength(retrySchedule.length);
});

test("a redirect response counts as a failure and is not followed", async () => {
  receiver.answer = () => 307;
  sender.start();
  const { id } = sender.enqueue("user.created", "{}");
  expect(await tries(id, 1)).toMatchObject({ status: "pending", attempts: [{ status: 307 }] });
  expect(receiver.received).toHaveLength(1);
});

test("an attempt without a response fails after 15 seconds", async () => {
  let release = () => {};
  receiver.answer = () => new Promise((resolve) => (release = () => resolve(200)));
  sender.start();
  const { id } = sender.enqueue("user.created", "{}");
  await waitUntil(() => receiver.received.length === 1);
  clock.advance(14_999);
  expect(dispatchOf(id)?.attempts).toEqual([]);
  clock.advance(1);
  const dispatch = await tries(id, 1);
  expect(dispatch.attempts[0]).toMatchObject({ status: null, error: "no response within 15 s" });
  release();
});

test("after a refused connection, the webhook is retried after five seconds", async () => {
  const nowhere = { state, clock, url: "http://127.0.0.1:9/", secret, log: () => {} };
  sender = new WebhookSender(nowhere);
  sender.start();
  const { id } = sender.enqueue("user.created", "{}");
  const dispatch = await tries(id, 1);
  expect(dispatch).toMatchObject({ status: "pending", nextAt: clock.now() + 5_000 });
});

test("a message that was pending when a process ended is sent by the next process", async () => {
  const { id } = sender.enqueue("user.created", '{"kept":true}');
  sender.close();
  const next = new State(folder.path, clock.now());
  sender = new WebhookSender({ state: next, clock, url: receiver.url, secret, log: () => {} });
  sender.start();
  await waitUntil(() => next.dispatchesByMessage.first(id)?.status === "delivered");
  expect(receiver.received.map((each) => each.body)).toEqual(['{"kept":true}']);
});

test("a message enqueued in a change that is rolled back is not sent", async () => {
  sender.start();
  const refused = () =>
    state.change(() => {
      sender.enqueue("user.created", '{"undone":true}');
      throw new Error("refused");
    });
  expect(refused).toThrow("refused");
  const { id } = sender.enqueue("user.created", '{"kept":true}');
  await tries(id, 1);
  expect(receiver.received.map((each) => each.body)).toEqual(['{"kept":true}']);
});

test("a paused sender sends nothing until it is resumed, and a replay sends the same id again", async () => {
  sender.start();
  sender.pause();
  const { id } = sender.enqueue("user.created", "{}");
  clock.advance(60_000);
  expect(receiver.received).toEqual([]);
  sender.resume();
  await tries(id, 1);
  expect(sender.replay(id)).toBe(true);
  await tries(id, 2);
  expect(receiver.received.map((each) => each.headers["svix-id"])).toEqual([id, id]);
});
