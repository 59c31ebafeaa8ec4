// Stores the messages, the dispatches of each message with every attempt, and the time of each next attempt. `sender.ts` sends
// the messages.

import type { Clock } from "../clock";
import { newId } from "../ids";
import type {
  AttemptRecord,
  DispatchRecord,
  EndpointRecord,
  MessageRecord,
} from "../store/records-webhooks";
import type { State } from "../store/state";
import type { Disturbances } from "./disturbances";
import { subscribes, type WebhookEndpoints } from "./endpoints";

const [second, minute, hour] = [1_000, 60_000, 3_600_000];

/** The delay before each attempt, counted from the previous attempt, as Svix publishes it. The first attempt is immediate. */
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

/** How many messages without a pending dispatch are kept. */
const maxKept = 5_000;

type LogOptions = {
  state: State;
  clock: Clock;
  endpoints: WebhookEndpoints;
  disturbances: Disturbances;
  log(line: string): void;
};

export class MessageLog {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #endpoints: WebhookEndpoints;
  readonly #disturbances: Disturbances;
  readonly #log: (line: string) => void;

  constructor({ state, clock, endpoints, disturbances, log }: LogOptions) {
    this.#state = state;
    this.#clock = clock;
    this.#endpoints = endpoints;
    this.#disturbances = disturbances;
    this.#log = log;
  }

  /** Creates a message, with a dispatch for each endpoint that subscribes to its type. */
  add(type: string, body: string): { message: MessageRecord; dispatches: DispatchRecord[] } {
    const now = this.#clock.now();
    const message = { id: newId("msg", now), type, body, createdAt: now };
    return this.#state.change(() => {
      this.#state.messages.put(message);
      const endpoints = this.#endpoints.subscribedTo(type);
      const dispatches = endpoints.map((each) => this.#dispatch(message, each));
      // A message with a pending dispatch is never deleted, so the limit is checked here only if no dispatch is pending.
      // Otherwise it is checked when a dispatch ends.
      if (!dispatches.some(({ status }) => status === "pending")) this.#dropOldest();
      return { message, dispatches };
    });
  }

  pending(): DispatchRecord[] {
    return [...this.#state.dispatches.all()].filter((each) => each.status === "pending");
  }

  dispatchesOf(messageId: string, endpointId?: string): DispatchRecord[] {
    const found = this.#state.dispatchesByMessage.all(messageId);
    return found.filter((each) => !endpointId || each.endpointId === endpointId);
  }

  failedSince(endpointId: string, since: number): DispatchRecord[] {
    const { id } = this.#endpoints.get(endpointId);
    return [...this.#state.dispatches.all()].filter(
      (each) =>
        each.endpointId === id &&
        each.status === "failed" &&
        (this.#state.messages.get(each.messageId)?.createdAt ?? 0) >= since,
    );
  }

  /**
   * Finds the messages created since `since` that the endpoint subscribes to but that were never sent to it. Returns their
   * dispatches for the endpoint, and creates those that do not exist.
   */
  missingSince(endpointId: string, since: number): DispatchRecord[] {
    const endpoint = this.#endpoints.get(endpointId);
    const known = (message: MessageRecord) =>
      this.#state.dispatches.get(dispatchId(message, endpoint));
    return [...this.#state.messages.all()]
      .filter(({ createdAt, type }) => createdAt >= since && subscribes(endpoint, type))
      .filter((message) => (known(message)?.status ?? "dropped") === "dropped")
      .map((message) => known(message) ?? this.#dispatch(message, endpoint));
  }

  /** Restarts the retry schedule of a dispatch. The first attempt is due immediately. */
  scheduleNow(dispatch: DispatchRecord): void {
    const nextAt = this.#clock.now();
    this.#state.dispatches.put({ ...dispatch, status: "pending", tries: 0, nextAt });
  }

  dueAt(id: string): number | null {
    return this.#state.dispatches.get(id)?.nextAt ?? null;
  }

  /**
   * Returns the message and the endpoint of a dispatch, or undefined if the message cannot be sent. If the endpoint is disabled
   * or removed, marks the dispatch as failed.
   */
  findDeliverable(id: string): { message: MessageRecord; endpoint: EndpointRecord } | undefined {
    const dispatch = this.#state.dispatches.get(id);
    const message = this.#state.messages.get(dispatch?.messageId);
    const endpoint = this.#state.endpoints.get(dispatch?.endpointId);
    if (!dispatch || !message) return undefined;
    if (endpoint?.isEnabled) return { message, endpoint };
    // A failed dispatch can be sent later by `replayFailed`.
    this.#state.dispatches.put({ ...dispatch, status: "failed", nextAt: null });
    this.#log(`Webhook ${message.type}: ${dispatch.endpointId} is disabled or removed, giving up`);
    this.#dropOldest();
    return undefined;
  }

  recordAttempts(id: string, message: MessageRecord, latest: AttemptRecord[]): void {
    const dispatch = this.#state.dispatches.get(id);
    if (!dispatch) return;
    const isDelivered = latest.every(
      ({ status }) => status !== null && status >= 200 && status < 300,
    );
    const tries = dispatch.tries + 1;
    const attempts = [...dispatch.attempts, ...latest];
    const isDisabled = this.#endpoints.recordOutcome(dispatch.endpointId, isDelivered);
    if (isDelivered) {
      const status = "delivered";
      this.#state.dispatches.put({ ...dispatch, status, tries, nextAt: null, attempts });
    } else {
      const delay = isDisabled ? undefined : retrySchedule[tries];
      const status = delay === undefined ? "failed" : "pending";
      const nextAt = delay === undefined ? null : this.#clock.now() + delay;
      this.#state.dispatches.put({ ...dispatch, status, tries, nextAt, attempts });
      const next = delay === undefined ? "giving up" : `next attempt in ${delay / second} s`;
      const last = latest.at(-1);
      this.#log(`Webhook ${message.type}: ${last?.error ?? last?.status}, ${next}`);
      if (isDisabled) this.#log(`Webhook endpoint ${dispatch.endpointId}: disabled after 5 days`);
    }
    this.#dropOldest();
  }

  #dispatch(message: MessageRecord, endpoint: EndpointRecord): DispatchRecord {
    const isDropped = this.#disturbances.shouldDrop();
    const wait = this.#disturbances.nextDelayMs();
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

  #dropOldest(): void {
    const { messages, dispatches, dispatchesByMessage } = this.#state;
    let surplus = messages.size - maxKept;
    if (surplus <= 0) return;
    this.#state.change(() => {
      for (const { id } of messages.all()) {
        const own = dispatchesByMessage.all(id);
        if (own.some((each) => each.status === "pending")) continue;
        messages.drop(id);
        for (const each of own) dispatches.drop(each.id);
        surplus -= 1;
        if (surplus === 0) return;
      }
    });
  }
}

function dispatchId(message: MessageRecord, endpoint: EndpointRecord): string {
  return `${message.id}.${endpoint.id}`;
}
