// Where webhooks go: several endpoints, each with its own secret and its own choice of events. One that
// only fails for five days is switched off, as at Svix.

import { randomBytes } from "node:crypto";
import { Webhook } from "svix";
import type { Clock } from "../clock";
import { notFound } from "../errors";
import { newId } from "../ids";
import type { EndpointRecord } from "../store/records-webhooks";
import type { State } from "../store/state";

const dayMs = 86_400_000;
const disableAfterMs = 5 * dayMs;

/** The app's own endpoint: always there, with the secret of the app's environment. */
export const appEndpointId = "ep_app";

export type EndpointPatch = Partial<Pick<EndpointRecord, "url" | "events" | "isEnabled">>;

export class WebhookEndpoints {
  readonly #state: State;
  readonly #clock: Clock;
  readonly #app: { url: string; secret: string };

  constructor(state: State, clock: Clock, app: { url: string; secret: string }) {
    this.#state = state;
    this.#clock = clock;
    this.#app = app;
    this.ensureAppEndpoint();
  }

  /** The app's address may be another one after a restart; what was set for it stays. */
  ensureAppEndpoint(): void {
    const known = this.#state.endpoints.get(appEndpointId);
    const blank = this.#blank(appEndpointId, this.#app.url, this.#app.secret);
    this.#state.endpoints.put({ ...(known ?? blank), url: this.#app.url });
  }

  all(): EndpointRecord[] {
    return [...this.#state.endpoints.all()];
  }

  get(id: string): EndpointRecord {
    const endpoint = this.#state.endpoints.get(id);
    if (!endpoint) throw notFound("webhook endpoint", id);
    return endpoint;
  }

  add(url: string, events: string[] = []): EndpointRecord {
    const id = newId("ep", this.#clock.now());
    return this.#state.endpoints.put({ ...this.#blank(id, url, newSecret()), events });
  }

  update(id: string, patch: EndpointPatch): EndpointRecord {
    const isRevived = patch.isEnabled === true ? { failingSince: null } : {};
    return this.#state.endpoints.put({ ...this.get(id), ...patch, ...isRevived });
  }

  remove(id: string): void {
    this.#state.endpoints.drop(this.get(id).id);
  }

  /** Both secrets sign until the old one's time is over. */
  rotate(id: string, { secret = newSecret(), keepOldMs = dayMs } = {}): EndpointRecord {
    const endpoint = this.get(id);
    const oldSecret =
      keepOldMs > 0 ? { secret: endpoint.secret, until: this.#clock.now() + keepOldMs } : null;
    return this.#state.endpoints.put({ ...endpoint, secret, oldSecret });
  }

  subscribedTo(type: string): EndpointRecord[] {
    return this.all().filter((endpoint) => endpoint.isEnabled && subscribes(endpoint, type));
  }

  sign(endpoint: EndpointRecord, messageId: string, at: number, body: string): string {
    const { secret, oldSecret } = endpoint;
    const isOldValid = oldSecret !== null && oldSecret.until > at;
    return [secret, ...(isOldValid ? [oldSecret.secret] : [])]
      .map((each) => new Webhook(each).sign(messageId, new Date(at), body))
      .join(" ");
  }

  /** True when this failure was the last straw. */
  recordOutcome(id: string, isDelivered: boolean): boolean {
    const endpoint = this.#state.endpoints.get(id);
    if (!endpoint) return false;
    const now = this.#clock.now();
    if (isDelivered) {
      if (endpoint.failingSince !== null) {
        this.#state.endpoints.put({ ...endpoint, failingSince: null });
      }
      return false;
    }
    const failingSince = endpoint.failingSince ?? now;
    const isOver = endpoint.isEnabled && now - failingSince >= disableAfterMs;
    this.#state.endpoints.put({
      ...endpoint,
      failingSince,
      isEnabled: endpoint.isEnabled && !isOver,
    });
    return isOver;
  }

  #blank(id: string, url: string, secret: string): EndpointRecord {
    return {
      id,
      url,
      secret,
      oldSecret: null,
      events: [],
      isEnabled: true,
      failingSince: null,
      createdAt: this.#clock.now(),
    };
  }
}

export function subscribes(endpoint: EndpointRecord, type: string): boolean {
  return (
    endpoint.events.length === 0 ||
    endpoint.events.some((each) =>
      each.endsWith("*") ? type.startsWith(each.slice(0, -1)) : each === type,
    )
  );
}

function newSecret(): string {
  return `whsec_${randomBytes(24).toString("base64")}`;
}
