// Validates every response and webhook of a local Clerk against Clerk's published descriptions while tests run. Also remembers
// which requested operations are not implemented.

import type { RecordedResponse } from "../server";
import { errorCodeFaults } from "./error-codes";
import { ledgerOfThisSource, type TestReference } from "./ledger";
import { type Api, type Operation, operationsOf, responseFaults, webhookFaults } from "./openapi";

export class ContractWatch {
  /** Contract violations: differences between responses or webhooks and their published schema. */
  readonly faults: string[] = [];
  /** Operations and events of which at least one response or webhook matched its published schema. */
  readonly seen = new Set<string>();
  readonly #notImplemented = new Set<string>();
  readonly #currentTest: () => TestReference | undefined;

  /** `currentTest` names the test that is running, for the coverage table. */
  constructor(currentTest: () => TestReference | undefined = () => undefined) {
    this.#currentTest = currentTest;
  }

  readonly onResponse = ({ method, path, status, body }: RecordedResponse): void => {
    const api = apiOf(path);
    if (!api) return;
    const ownPath = publishedPath(api, path.replace(/^\/(bapi|fapi)/, ""));
    if (status === 501) this.#notImplemented.add(`${method} ${ownPath} of ${api}`);
    const operation = findOperation(api, method, ownPath);
    if (!operation) return;
    const name = `${api} ${operation.method} ${operation.path}`;
    if (body === undefined) {
      if (status < 400 && withoutJson.test(operation.path)) this.#record(name);
      return;
    }
    const faults = responseFaults(operation, status, body);
    for (const fault of [...(faults ?? []), ...errorCodeFaults(status, body)]) {
      this.faults.push(`${method} ${operation.path} → ${status}: ${fault}`);
    }
    const isAsPublished = faults?.length === 0 || withoutShape.test(operation.path);
    const isExpected = status < 400 || (status < 500 && alwaysRefused.has(name));
    if (isExpected && isAsPublished) this.#record(name);
  };

  readonly onEvent = (type: string, body: string): void => {
    for (const fault of webhookFaults(type, JSON.parse(body))) {
      this.faults.push(`${type}: ${fault}`);
    }
    this.#record(`webhook ${type}`);
  };

  /** Returns one line for each operation that was requested and is not implemented. */
  missing(): string[] {
    return [...this.#notImplemented].map((each) => `The local Clerk does not implement ${each}`);
  }

  /** Throws one error that lists every contract violation once. Does nothing when there is none. */
  requireNoFaults(): void {
    if (this.faults.length === 0) return;
    const list = [...new Set(this.faults)].join("\n");
    throw new Error(`Different from what Clerk publishes:\n${list}`);
  }

  #record(subject: string): void {
    if (this.seen.has(subject)) return;
    this.seen.add(subject);
    const test = this.#currentTest();
    if (test) ledgerOfThisSource().record(subject, test);
  }
}

/** Operations whose JSON response has no published schema. */
const withoutShape = /v1\/dev_browser$/;

/** Operations that respond with a redirect or a page instead of JSON. */
const withoutJson = /handshake|oauth_callback|tickets\/accept|v1\/verify|v1\/instance$/;

/**
 * Operations that the local Clerk implements by a refusal with Clerk's code: it has no enterprise connections, and issues no OAuth
 * access tokens. Their refusal counts as a response.
 */
const alwaysRefused: ReadonlySet<string> = new Set(
  [
    ...["enterprise", "saml"].flatMap((kind) => {
      const path = `/v1/${kind}_connections`;
      const one = `${path}/{${kind}_connection_id}`;
      return [`POST ${path}`, `GET ${one}`, `PATCH ${one}`, `DELETE ${one}`];
    }),
    "POST /v1/oauth_applications/{oauth_application_id}/revoke_token",
    "POST /v1/oauth_applications/access_tokens/verify",
  ].map((operation) => `bapi ${operation}`),
);

/** Paths that the SDK requests but the descriptions lack. Without this exception, a more general path would match by mistake. */
const unpublished = /^\/v1\/clients\/handshake_payload$/;

function apiOf(path: string): Api | null {
  if (path.startsWith("/bapi/")) return "bapi";
  return path.startsWith("/fapi/") ? "fapi" : null;
}

/** The SDK calls some operations of the Backend API without `/v1`. The descriptions list all of them below `/v1`. */
function publishedPath(api: Api, path: string): string {
  return api === "bapi" && !path.startsWith("/v1/") ? `/v1${path}` : path;
}

type Route = { operation: Operation; pattern: RegExp; parameters: number };
const routesByApi = new Map<Api, Route[]>();

function findOperation(api: Api, method: string, path: string): Operation | undefined {
  if (unpublished.test(path)) return undefined;
  let routes = routesByApi.get(api);
  if (!routes) {
    // Sorted by number of parameters, so that /users/count comes before /users/{id}.
    routes = operationsOf(api)
      .map((operation) => ({
        operation,
        pattern: patternOf(operation.path),
        parameters: operation.path.split("{").length - 1,
      }))
      .sort((a, b) => a.parameters - b.parameters);
    routesByApi.set(api, routes);
  }
  return routes.find((each) => each.operation.method === method && each.pattern.test(path))
    ?.operation;
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{[^}]+\}/).map((part) => part.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]+")}$`);
}
