// Endpoints that are disabled or removed while they have pending dispatches.

import { afterEach, beforeEach, expect, test } from "vitest";
import { MovableClock } from "../clock";
import { State } from "../store/state";
import { type Receiver, startReceiver } from "../testing/receiver";
import { temporaryFolder } from "../testing/temporary-folder";
import { waitUntil } from "../testing/wait-until";
import { appEndpointId } from "./endpoints";
import { WebhookSender } from "./sender";

const hour = 3_600_000;
const secret = `whsec_${Buffer.from("a secret of twenty-four.").toString("base64")}`;
let folder: ReturnType<typeof temporaryFolder>;
let receiver: Receiver;
let clock: MovableClock;
let state: State;
let sender: WebhookSender;

beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startReceiver();
  receiver.answer = () => 500;
  clock = new MovableClock({ ticking: false, at: Date.now() });
  state = new State(folder.path, clock.now());
  sender = new WebhookSender({ state, clock, url: receiver.url, secret, log: () => {} });
  sender.start();
});
afterEach(async () => {
  sender.close();
  await receiver.close();
  folder.remove();
});

const dispatchTo = (id: string, endpointId: string) => state.dispatches.get(`${id}.${endpointId}`);
const triedAt = (id: string, endpointId: string) =>
  waitUntil(() => dispatchTo(id, endpointId)?.attempts.length === 1);

test("an endpoint is disabled only after five days in which every attempt failed; a success restarts the five days", async () => {
  const isEnabled = () => sender.endpoints.get(appEndpointId).isEnabled;
  const tryOnce = async () => {
    const { id } = sender.enqueue("user.created", "{}");
    await triedAt(id, appEndpointId);
    return id;
  };
  await tryOnce();
  receiver.answer = () => 200;
  clock.advance(4 * 24 * hour);
  await waitUntil(() => sender.endpoints.get(appEndpointId).failingSince === null);
  receiver.answer = () => 500;
  const first = await tryOnce();
  clock.advance(5 * 24 * hour - 1);
  // The clock has reached the retry time of the first message, so its second attempt runs.
  await waitUntil(() => dispatchTo(first, appEndpointId)?.attempts.length === 2);
  await tryOnce();
  expect(isEnabled()).toBe(true);
  clock.advance(1);
  await tryOnce();
  expect(isEnabled()).toBe(false);
});

test("a disabled endpoint gets no attempts; after it is enabled, its failed dispatches can be replayed", async () => {
  const { id } = sender.enqueue("user.created", "{}");
  await triedAt(id, appEndpointId);
  sender.endpoints.update(appEndpointId, { isEnabled: false });
  clock.advance(40 * hour);
  expect(dispatchTo(id, appEndpointId)).toMatchObject({ status: "failed", nextAt: null });
  expect(receiver.received).toHaveLength(1);
  receiver.answer = () => 200;
  sender.endpoints.update(appEndpointId, { isEnabled: true });
  expect(sender.replayFailed(appEndpointId, 0)).toBe(1);
  await waitUntil(() => dispatchTo(id, appEndpointId)?.status === "delivered");
});

test("a pending dispatch of a removed endpoint fails, so that retention can delete its message", async () => {
  sender.endpoints.update(appEndpointId, { events: ["role.*"] });
  const other = sender.endpoints.add(receiver.url);
  const { id } = sender.enqueue("user.created", "{}");
  await triedAt(id, other.id);
  sender.endpoints.remove(other.id);
  clock.advance(40 * hour);
  expect(dispatchTo(id, other.id)?.status).toBe("failed");
  const settled = { type: "user.created", body: "{}", createdAt: 1 };
  for (let place = 0; place < 5_000; place += 1) {
    state.messages.put({ id: `msg_${place}`, ...settled });
  }
  receiver.answer = () => 200;
  sender.enqueue("role.created", "{}");
  await waitUntil(() => !state.messages.get(id));
});
