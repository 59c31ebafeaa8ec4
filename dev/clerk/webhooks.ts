// Sends webhooks as Svix does: one id for a message, a fresh timestamp and signature for each try, its
// schedule, 15 s to answer, nothing but 2xx is success. Order is not promised. What is undelivered when
// the process ends is sent after the next start.

import { Webhook } from "svix";
import { z } from "zod";
import type { Clock } from "./clock";
import { newId } from "./ids";
import type { AttemptRecord, DispatchRecord, MessageRecord } from "./records";
import { afterAnswer } from "./request-scope";
import type { State } from "./state";

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

const answerWithinMs = 15 * second;
const sentAtOnce = 16;
const settledKept = 5_000;

const systemError = z.object({ code: z.string() });

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
  readonly #webhook: Webhook;
  readonly #log: (line: string) => void;
  readonly #waiting = new Map<string, () => void>();
  readonly #underway = new Map<string, AbortController>();
  readonly #ready = new Set<string>();
  #isClosed = false;
  #isStarted = false;
  isPaused = false;
  readonly url: string;

  constructor({ state, clock, url, secret, log }: SenderOptions) {
    this.#state = state;
    this.#clock = clock;
    this.#webhook = new Webhook(secret);
    this.#log = log;
    this.url = url;
  }

  /** Nothing is sent before this: the app may not be listening yet. */
  start(): void {
    this.#isStarted = true;
    this.#scheduleAll();
  }

  pause(): void {
    this.isPaused = true;
    this.dropAppointments();
  }

  resume(): void {
    this.isPaused = false;
    this.#scheduleAll();
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
    this.#state.change(() => {
      this.#state.messages.put(message);
      this.#state.dispatches.put({
        id: message.id,
        status: "pending",
        tries: 0,
        nextAt: now,
        attempts: [],
      });
    });
    afterAnswer(() => this.#schedule(message.id));
    return message;
  }

  /** Sends a message again, from the start of the schedule. */
  replay(id: string): boolean {
    const dispatch = this.#state.dispatches.get(id);
    if (!dispatch || this.#underway.has(id)) return false;
    this.#state.dispatches.put({
      ...dispatch,
      status: "pending",
      tries: 0,
      nextAt: this.#clock.now(),
    });
    this.#schedule(id);
    return true;
  }

  #scheduleAll(): void {
    for (const dispatch of this.#state.dispatches.all()) {
      if (dispatch.status === "pending") this.#schedule(dispatch.id);
    }
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
      const message = this.#state.messages.get(id);
      if (message) void this.#try(message);
    }
  }

  async #try(message: MessageRecord): Promise<void> {
    const { id } = message;
    const controller = new AbortController();
    this.#underway.set(id, controller);
    const attempt = await this.#post(message, controller);
    this.#underway.delete(id);
    if (this.#isClosed) return;
    this.#sendReady();
    const dispatch = this.#state.dispatches.get(id);
    if (!dispatch) return;
    this.#settle(message, dispatch, attempt);
    this.#schedule(id);
  }

  async #post(message: MessageRecord, controller: AbortController): Promise<AttemptRecord> {
    const at = this.#clock.now();
    const cancelTimeout = this.#clock.setTimeout(() => controller.abort(), answerWithinMs);
    const sentAt = new Date(at);
    try {
      const response = await fetch(this.url, {
        method: "POST",
        redirect: "manual",
        signal: controller.signal,
        headers: {
          "content-type": "application/json",
          "user-agent": "Svix-Webhooks/1.99 (local Clerk)",
          "svix-id": message.id,
          "svix-timestamp": Math.floor(at / 1000).toString(),
          "svix-signature": this.#webhook.sign(message.id, sentAt, message.body),
        },
        body: message.body,
      });
      await response.body?.cancel();
      return { at, status: response.status, error: null, tookMs: this.#clock.now() - at };
    } catch (error) {
      const reason = controller.signal.aborted ? "no answer within 15 s" : reasonOf(error);
      return { at, status: null, error: reason, tookMs: this.#clock.now() - at };
    } finally {
      cancelTimeout();
    }
  }

  #settle(message: MessageRecord, dispatch: DispatchRecord, attempt: AttemptRecord): void {
    const isDelivered = attempt.status !== null && attempt.status >= 200 && attempt.status < 300;
    const tries = dispatch.tries + 1;
    const delay = retrySchedule[tries];
    const attempts = [...dispatch.attempts, attempt];
    if (isDelivered) {
      const status = "delivered";
      this.#state.dispatches.put({ ...dispatch, status, tries, nextAt: null, attempts });
    } else {
      const status = delay === undefined ? "failed" : "pending";
      const nextAt = delay === undefined ? null : this.#clock.now() + delay;
      this.#state.dispatches.put({ ...dispatch, status, tries, nextAt, attempts });
      const after = delay === undefined ? "given up" : `again in ${delay / second} s`;
      this.#log(`Webhook ${message.type}: ${attempt.error ?? attempt.status}, ${after}`);
    }
    this.#forgetOldest();
  }

  #forgetOldest(): void {
    if (this.#state.messages.size <= settledKept) return;
    for (const { id } of this.#state.messages.all()) {
      if (this.#state.dispatches.get(id)?.status === "pending") continue;
      this.#state.change(() => {
        this.#state.messages.drop(id);
        this.#state.dispatches.drop(id);
      });
      return;
    }
  }
}

/** `fetch failed` says nothing: the cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = systemError.safeParse(error.cause);
  return cause.success ? cause.data.code : error.message;
}
