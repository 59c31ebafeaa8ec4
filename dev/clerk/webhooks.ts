// Sends webhooks as Svix does: one id for a message, a fresh timestamp and signature for each try, its
// schedule, 15 s to answer, nothing but 2xx is success. Order is not promised. What is undelivered when
// the process ends is sent after the next start.

import type { Clock } from "./clock";
import { newId } from "./ids";
import type {
  AttemptRecord,
  DispatchRecord,
  EndpointRecord,
  MessageRecord,
} from "./records-webhooks";
import { afterAnswer } from "./request-scope";
import type { State } from "./state";
import { chances, inOrder, type ReleaseOrder, webhookDialsShape } from "./webhook-dials";
import { isWanted, WebhookEndpoints } from "./webhook-endpoints";
import { answerWithinMs, postWebhook } from "./webhook-post";

const [second, minute, hour] = [1_000, 60_000, 3_600_000];

/** How long after the try before. */
export const retrySchedule = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  10 * hour,
] as const;

/** Few: a receiver that is still warming up should not be buried. */
const sentAtOnce = 4;
const settledKept = 5_000;

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
  readonly #log: (line: string) => void;
  readonly #waiting = new Map<string, () => void>();
  readonly #underway = new Map<string, AbortController>();
  readonly #ready = new Set<string>();
  #isClosed = false;
  #isStarted = false;
  #dials = webhookDialsShape.parse({});
  #chance = chances(this.#dials.seed);
  isPaused = false;
  readonly url: string;
  readonly endpoints: WebhookEndpoints;

  constructor({ state, clock, url, secret, log }: SenderOptions) {
    this.#state = state;
    this.#clock = clock;
    this.#log = log;
    this.url = url;
    this.endpoints = new WebhookEndpoints(state, clock, { url, secret });
  }

  get dials() {
    return this.#dials;
  }

  /** What is not named goes back to doing nothing. */
  turn(dials: unknown): void {
    this.#dials = webhookDialsShape.parse(dials);
    this.#chance = chances(this.#dials.seed);
  }

  /** Nothing is sent before this: the app may not be listening yet. */
  start(): void {
    this.#isStarted = true;
    this.#scheduleAll("made");
  }

  pause(): void {
    this.isPaused = true;
    this.dropAppointments();
  }

  /** What was held back goes out in this order, one after the other. */
  resume(order: ReleaseOrder = "made"): void {
    this.isPaused = false;
    this.#scheduleAll(order);
  }

  /** As after a start: not paused, no dials, no appointments. */
  reset(): void {
    this.dropAppointments();
    this.isPaused = false;
    this.turn({});
  }

  /** Forgets the appointments, not the messages. What is under way goes on. */
  dropAppointments(): void {
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
    this.#ready.clear();
  }

  close(): void {
    this.#isClosed = true;
    this.pause();
    for (const controller of this.#underway.values()) controller.abort();
  }

  enqueue(type: string, body: string): MessageRecord {
    const now = this.#clock.now();
    const message = { id: newId("msg", now), type, body, createdAt: now };
    const made = this.#state.change(() => {
      this.#state.messages.put(message);
      return this.endpoints.wanting(type).map((each) => this.#dispatch(message, each));
    });
    afterAnswer(() => {
      for (const { id } of made) this.#schedule(id);
    });
    return message;
  }

  /** Sends a message again to whoever gets it, from the start of the schedule. */
  replay(messageId: string, endpointId?: string): boolean {
    const found = this.#state.dispatchesByMessage
      .all(messageId)
      .filter((each) => !endpointId || each.endpointId === endpointId)
      .filter((each) => !this.#underway.has(each.id));
    for (const each of found) this.#again(each);
    return found.length > 0;
  }

  replayFailed(endpointId: string, since: number): number {
    const { id } = this.endpoints.get(endpointId);
    const failed = [...this.#state.dispatches.all()].filter(
      (each) =>
        each.endpointId === id &&
        each.status === "failed" &&
        (this.#state.messages.get(each.messageId)?.createdAt ?? 0) >= since,
    );
    for (const each of failed) this.#again(each);
    return failed.length;
  }

  /** Missing: what this endpoint wants and was never tried there, for whatever reason. */
  replayMissing(endpointId: string, since: number): number {
    const endpoint = this.endpoints.get(endpointId);
    const missing = [...this.#state.messages.all()].filter(
      (message) =>
        message.createdAt >= since &&
        isWanted(endpoint, message.type) &&
        (this.#state.dispatches.get(dispatchId(message, endpoint))?.status ?? "dropped") ===
          "dropped",
    );
    for (const message of missing) {
      this.#again(
        this.#state.dispatches.get(dispatchId(message, endpoint)) ??
          this.#dispatch(message, endpoint),
      );
    }
    return missing.length;
  }

  #dispatch(message: MessageRecord, endpoint: EndpointRecord): DispatchRecord {
    const isDropped = this.#chance() < this.#dials.drop;
    const { delayMs, shuffleWithinMs } = this.#dials;
    const wait = delayMs + Math.floor(this.#chance() * shuffleWithinMs);
    return this.#state.dispatches.put({
      id: dispatchId(message, endpoint),
      messageId: message.id,
      endpointId: endpoint.id,
      status: isDropped ? "dropped" : "pending",
      tries: 0,
      nextAt: isDropped ? null : this.#clock.now() + wait,
      attempts: [],
    });
  }

  #again(dispatch: DispatchRecord): void {
    const nextAt = this.#clock.now();
    this.#state.dispatches.put({ ...dispatch, status: "pending", tries: 0, nextAt });
    this.#schedule(dispatch.id);
  }

  #scheduleAll(order: ReleaseOrder): void {
    const pending = [...this.#state.dispatches.all()].filter((each) => each.status === "pending");
    for (const { id } of inOrder(pending, order, this.#chance)) this.#schedule(id);
  }

  #schedule(id: string): void {
    if (this.isPaused || this.#isClosed || !this.#isStarted || this.#underway.has(id)) return;
    const nextAt = this.#state.dispatches.get(id)?.nextAt;
    if (nextAt === null || nextAt === undefined) return;
    this.#waiting.get(id)?.();
    const wait = Math.max(0, nextAt - this.#clock.now());
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
      if (this.#underway.size >= sentAtOnce) return;
      this.#ready.delete(id);
      const dispatch = this.#state.dispatches.get(id);
      const message = this.#state.messages.get(dispatch?.messageId);
      const endpoint = this.#state.endpoints.get(dispatch?.endpointId);
      if (!dispatch || !message) continue;
      if (endpoint?.isEnabled) void this.#try(id, message, endpoint);
      else this.#giveUp(message, dispatch);
    }
  }

  /** Its endpoint is switched off or gone: what was due there waits for `replayFailed`. */
  #giveUp(message: MessageRecord, dispatch: DispatchRecord): void {
    this.#state.dispatches.put({ ...dispatch, status: "failed", nextAt: null });
    this.#log(`Webhook ${message.type}: ${dispatch.endpointId} is off or gone, given up`);
    this.#forgetOldest();
  }

  async #try(id: string, message: MessageRecord, endpoint: EndpointRecord): Promise<void> {
    const controller = new AbortController();
    this.#underway.set(id, controller);
    const copies = this.#chance() < this.#dials.duplicate ? 2 : 1;
    const attempts = await Promise.all(
      Array.from({ length: copies }, () => this.#post(message, endpoint, controller)),
    );
    this.#underway.delete(id);
    if (this.#isClosed) return;
    this.#sendReady();
    const dispatch = this.#state.dispatches.get(id);
    if (!dispatch) return;
    this.#settle(message, dispatch, attempts);
    this.#schedule(id);
  }

  #post(message: MessageRecord, endpoint: EndpointRecord, controller: AbortController) {
    const at = this.#clock.now();
    const signature = this.endpoints.sign(endpoint, message.id, at, message.body);
    const cancel = this.#clock.setTimeout(() => controller.abort(), answerWithinMs);
    return postWebhook({ url: endpoint.url, message, at, signature, controller })
      .then((outcome) => ({ at, ...outcome, tookMs: this.#clock.now() - at }))
      .finally(cancel);
  }

  #settle(message: MessageRecord, dispatch: DispatchRecord, latest: AttemptRecord[]): void {
    const isDelivered = latest.every(
      ({ status }) => status !== null && status >= 200 && status < 300,
    );
    const tries = dispatch.tries + 1;
    const attempts = [...dispatch.attempts, ...latest];
    const isDisabled = this.endpoints.noteOutcome(dispatch.endpointId, isDelivered);
    if (isDelivered) {
      const status = "delivered";
      this.#state.dispatches.put({ ...dispatch, status, tries, nextAt: null, attempts });
    } else {
      const delay = isDisabled ? undefined : retrySchedule[tries];
      const status = delay === undefined ? "failed" : "pending";
      const nextAt = delay === undefined ? null : this.#clock.now() + delay;
      this.#state.dispatches.put({ ...dispatch, status, tries, nextAt, attempts });
      const after = delay === undefined ? "given up" : `again in ${delay / second} s`;
      const last = latest.at(-1);
      this.#log(`Webhook ${message.type}: ${last?.error ?? last?.status}, ${after}`);
      if (isDisabled) this.#log(`Webhook endpoint ${dispatch.endpointId}: disabled after 5 days`);
    }
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    if (this.#state.messages.size <= settledKept) return;
    for (const { id } of this.#state.messages.all()) {
      const dispatches = this.#state.dispatchesByMessage.all(id);
      if (dispatches.some((each) => each.status === "pending")) continue;
      this.#state.change(() => {
        this.#state.messages.drop(id);
        for (const each of dispatches) this.#state.dispatches.drop(each.id);
      });
      return;
    }
  }
}

function dispatchId(message: MessageRecord, endpoint: EndpointRecord): string {
  return `${message.id}.${endpoint.id}`;
}
