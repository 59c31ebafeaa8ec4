// Webhook endpoints, each with its own secret and event types. As at Svix, an endpoint is disabled after five
// days in which every attempt failed.

import { randomBytes } from "node:crypto";
import { Webhook } from "svix";
import type { Clock } from "../clock";
import { notFound } from "../errors";
import { newId } from "../ids";
import type { EndpointRecord } from "../store/records-webhooks";
import type { State } from "../store/state";

const dayMs = 86_400_000;
const disableAfterMs = 5 * dayMs;

/** The id of the app's own endpoint. It always exists, and its secret is in the app's environment. */
export const appEndpointId = "ep_app";

type EndpointPatch = Partial<Pick<EndpointRecord, "url" | "events" | "isEnabled">>;

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

  /** Creates the app's endpoint, or updates its URL, which can change with a restart. Keeps all other fields. */
  ensureAppEndpoint(): void {
    const known = this.#state.endpoints.get(appEndpointId);
    const created = this.#newEndpoint(appEndpointId, this.#app.url, this.#app.secret);
    this.#state.endpoints.put({ ...(known ?? created), url: this.#app.url });
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
    return this.#state.endpoints.put({ ...this.#newEndpoint(id, url, newSecret()), events });
  }

  update(id: string, patch: EndpointPatch): EndpointRecord {
    const reset = patch.isEnabled === true ? { failingSince: null } : {};
    return this.#state.endpoints.put({ ...this.get(id), ...patch, ...reset });
  }

  remove(id: string): void {
    this.#state.endpoints.drop(this.get(id).id);
  }

  /** Replaces the secret. For `keepOldMs`, webhooks are also signed with the old secret. */
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

  /** Records whether an attempt succeeded. Returns true if the attempt failed and this failure disables the endpoint. */
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

  #newEndpoint(id: string, url: string, secret: string): EndpointRecord {
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
