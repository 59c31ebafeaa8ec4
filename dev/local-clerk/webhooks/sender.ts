// Sends webhooks as Svix does: one id per message, a new timestamp and signature per attempt, and Svix's retry schedule. An
// attempt succeeds only with a 2xx response within 15 s. The order of messages is not guaranteed. Messages that are pending when
// the process ends are sent after the next start.

import type { Clock } from "../clock";
import { afterResponse } from "../request-context";
import type { DispatchRecord, EndpointRecord, MessageRecord } from "../store/records-webhooks";
import type { State } from "../store/state";
import { type DisturbanceSettings, Disturbances, type ReleaseOrder } from "./disturbances";
import { WebhookEndpoints } from "./endpoints";
import { MessageLog } from "./message-log";
import { postWebhook, responseTimeoutMs } from "./post";

/**
 * The highest number of concurrent attempts. A development server that is still compiling must not get hundreds of requests at
 * once.
 */
const maxConcurrent = 4;

type SenderOptions = {
  state: State;
  clock: Clock;
  url: string;
  secret: string;
  log(line: string): void;
};

export class WebhookSender {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #log: MessageLog;
  readonly #disturbances = new Disturbances();
  readonly #scheduled = new Map<string, () => void>();
  readonly #inFlight = new Map<string, AbortController>();
  readonly #due = new Set<string>();
  #isClosed = false;
  #isStarted = false;
  isPaused = false;
  readonly url: string;
  readonly endpoints: WebhookEndpoints;

  constructor({ state, clock, url, secret, log }: SenderOptions) {
    this.#state = state;
    this.#clock = clock;
    this.url = url;
    this.endpoints = new WebhookEndpoints(state, clock, { url, secret });
    const { endpoints } = this;
    this.#log = new MessageLog({ state, clock, endpoints, disturbances: this.#disturbances, log });
  }

  get disturbances(): DisturbanceSettings {
    return this.#disturbances.values;
  }

  setDisturbances(disturbances: unknown): void {
    this.#disturbances.set(disturbances);
  }

  /** Starts sending. Called only once the app listens, because earlier attempts would fail. */
  start(): void {
    this.#isStarted = true;
    this.#scheduleAll("made");
  }

  pause(): void {
    this.isPaused = true;
    this.cancelScheduled();
  }

  /**
   * Resumes sending: starts the pending dispatches in the order `order`. Up to four dispatches run at once, so the messages can
   * arrive in another order.
   */
  resume(order: ReleaseOrder = "made"): void {
    this.isPaused = false;
    this.#scheduleAll(order);
  }

  /** Resets the sender to its state after a start: not paused, no disturbances, no timers. */
  reset(): void {
    this.cancelScheduled();
    this.isPaused = false;
    this.setDisturbances({});
  }

  /** Cancels the timers of pending dispatches. The messages are kept, and attempts in flight continue. */
  cancelScheduled(): void {
    for (const cancel of this.#scheduled.values()) cancel();
    this.#scheduled.clear();
    this.#due.clear();
  }

  close(): void {
    this.#isClosed = true;
    this.pause();
    for (const controller of this.#inFlight.values()) controller.abort();
  }

  /** Stores a message. It is sent after the commit of the current change and after the current response is sent. */
  enqueue(type: string, body: string): MessageRecord {
    const { message, dispatches } = this.#log.add(type, body);
    const send = () => {
      for (const { id } of dispatches) this.#schedule(id);
    };
    this.#state.afterCommit(() => afterResponse(send));
    return message;
  }

  /** Restarts the retry schedule of a message. Returns false when the message has no dispatch, or when all are in flight. */
  replay(messageId: string, endpointId?: string): boolean {
    const found = this.#log
      .dispatchesOf(messageId, endpointId)
      .filter((each) => !this.#inFlight.has(each.id));
    return this.#resend(found) > 0;
  }

  replayFailed(endpointId: string, since: number): number {
    return this.#resend(this.#log.failedSince(endpointId, since));
  }

  replayMissing(endpointId: string, since: number): number {
    return this.#resend(this.#log.missingSince(endpointId, since));
  }

  #resend(dispatches: DispatchRecord[]): number {
    for (const each of dispatches) {
      this.#log.scheduleNow(each);
      this.#schedule(each.id);
    }
    return dispatches.length;
  }

  #scheduleAll(order: ReleaseOrder): void {
    for (const { id } of this.#disturbances.reorder(this.#log.pending(), order)) this.#schedule(id);
  }

  #schedule(id: string): void {
    if (this.isPaused || this.#isClosed || !this.#isStarted || this.#inFlight.has(id)) return;
    const dueAt = this.#log.dueAt(id);
    if (dueAt === null) return;
    this.#scheduled.get(id)?.();
    const wait = Math.max(0, dueAt - this.#clock.now());
    const begin = () => {
      this.#scheduled.delete(id);
      this.#due.add(id);
      this.#sendDue();
    };
    if (wait === 0) begin();
    else this.#scheduled.set(id, this.#clock.setTimeout(begin, wait));
  }

  #sendDue(): void {
    for (const id of this.#due) {
      if (this.#inFlight.size >= maxConcurrent) return;
      this.#due.delete(id);
      const found = this.#log.findDeliverable(id);
      if (found) void this.#attempt(id, found.message, found.endpoint);
    }
  }

  async #attempt(id: string, message: MessageRecord, endpoint: EndpointRecord): Promise<void> {
    const controller = new AbortController();
    this.#inFlight.set(id, controller);
    const attempts = await Promise.all(
      Array.from({ length: this.#disturbances.copies() }, () =>
        this.#post(message, endpoint, controller),
      ),
    );
    this.#inFlight.delete(id);
    if (this.#isClosed) return;
    this.#sendDue();
    this.#log.recordAttempts(id, message, attempts);
    this.#schedule(id);
  }

  #post(message: MessageRecord, endpoint: EndpointRecord, controller: AbortController) {
    const at = this.#clock.now();
    const signature = this.endpoints.sign(endpoint, message.id, at, message.body);
    const cancel = this.#clock.setTimeout(() => controller.abort(), responseTimeoutMs);
    return postWebhook({ url: endpoint.url, message, at, signature, controller })
      .then((outcome) => ({ at, ...outcome, tookMs: this.#clock.now() - at }))
      .finally(cancel);
  }
}
