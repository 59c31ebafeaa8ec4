// Sends webhooks as Svix does: one id for a message, a fresh timestamp and signature for each try, its
// schedule, 15 s to answer, nothing but 2xx is success. Order is not promised. What is undelivered when
// the process ends is sent after the next start.

import type { Clock } from "../clock";
import { afterResponse } from "../request-context";
import type { DispatchRecord, EndpointRecord, MessageRecord } from "../store/records-webhooks";
import type { State } from "../store/state";
import { type DisturbanceSettings, Disturbances, type ReleaseOrder } from "./disturbances";
import { WebhookEndpoints } from "./endpoints";
import { MessageLog } from "./message-log";
import { postWebhook, responseTimeoutMs } from "./post";

/** Few: a receiver that is still warming up should not be buried. */
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
  readonly #waiting = new Map<string, () => void>();
  readonly #underway = new Map<string, AbortController>();
  readonly #ready = new Set<string>();
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

  /** Nothing is sent before this: the app may not be listening yet. */
  start(): void {
    this.#isStarted = true;
    this.#scheduleAll("made");
  }

  pause(): void {
    this.isPaused = true;
    this.cancelScheduled();
  }

  /** What was held back is begun in this order, a few at once: which arrives first is not promised. */
  resume(order: ReleaseOrder = "made"): void {
    this.isPaused = false;
    this.#scheduleAll(order);
  }

  /** As after a start: not paused, no disturbances, no appointments. */
  reset(): void {
    this.cancelScheduled();
    this.isPaused = false;
    this.setDisturbances({});
  }

  /** Forgets the appointments, not the messages. What is under way goes on. */
  cancelScheduled(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
    this.#ready.clear();
  }

  close(): void {
    this.#isClosed = true;
    this.pause();
    for (const controller of this.#underway.values()) controller.abort();
  }

  /** Sent once what caused it stands, and whoever caused it has their answer. */
  enqueue(type: string, body: string): MessageRecord {
    const { message, dispatches } = this.#log.add(type, body);
    const send = () => {
      for (const { id } of dispatches) this.#schedule(id);
    };
    this.#state.afterCommit(() => afterResponse(send));
    return message;
  }

  /** Sends a message again to whoever gets it, from the start of the schedule. */
  replay(messageId: string, endpointId?: string): boolean {
    const found = this.#log
      .dispatchesOf(messageId, endpointId)
      .filter((each) => !this.#underway.has(each.id));
    return this.#again(found) > 0;
  }

  replayFailed(endpointId: string, since: number): number {
    return this.#again(this.#log.failedSince(endpointId, since));
  }

  replayMissing(endpointId: string, since: number): number {
    return this.#again(this.#log.missingSince(endpointId, since));
  }

  #again(dispatches: DispatchRecord[]): number {
    for (const each of dispatches) {
      this.#log.scheduleNow(each);
      this.#schedule(each.id);
    }
    return dispatches.length;
  }

  #scheduleAll(order: ReleaseOrder): void {
    for (const { id } of this.#disturbances.inOrder(this.#log.pending(), order)) this.#schedule(id);
  }

  #schedule(id: string): void {
    if (this.isPaused || this.#isClosed || !this.#isStarted || this.#underway.has(id)) return;
    const dueAt = this.#log.dueAt(id);
    if (dueAt === null) return;
    this.#waiting.get(id)?.();
    const wait = Math.max(0, dueAt - this.#clock.now());
    const begin = () => {
      this.#waiting.delete(id);
      this.#ready.add(id);
      this.#sendReady();
    };
    if (wait === 0) begin();
    else this.#waiting.set(id, this.#clock.setTimeout(begin, wait));
  }

  #sendReady(): void {
    for (const id of this.#ready) {
      if (this.#underway.size >= maxConcurrent) return;
      this.#ready.delete(id);
      const found = this.#log.findDeliverable(id);
      if (found) void this.#try(id, found.message, found.endpoint);
    }
  }

  async #try(id: string, message: MessageRecord, endpoint: EndpointRecord): Promise<void> {
    const controller = new AbortController();
    this.#underway.set(id, controller);
    const attempts = await Promise.all(
      Array.from({ length: this.#disturbances.copies() }, () =>
        this.#post(message, endpoint, controller),
      ),
    );
    this.#underway.delete(id);
    if (this.#isClosed) return;
    this.#sendReady();
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
