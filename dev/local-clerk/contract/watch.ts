// Holds every answer of a local Clerk against Clerk's published files while tests run, and remembers
// which operations were asked for that are not implemented.

import type { RecordedResponse } from "../server";
import { refusalFaults } from "./error-codes";
import { ledgerOfThisSource } from "./ledger";
import { type Api, answerFaults, type Operation, operationsOf, webhookFaults } from "./openapi";

export class ContractWatch {
  /** Answers and webhooks that do not have the published shape. */
  readonly faults: string[] = [];
  readonly #notImplemented = new Set<string>();
  /** Operations and events that were answered or sent in their published shape. */
  readonly seen = new Set<string>();

  readonly onResponse = ({ method, path, status, body }: RecordedResponse): void => {
    const api = apiOf(path);
    if (!api) return;
    const plain = path.replace(/^\/(bapi|fapi)/, "");
    if (status === 501) this.#notImplemented.add(`${method} ${plain} of ${api}`);
    const operation = findOperation(api, method, plain);
    if (!operation || body === undefined) return;
    const inShape = answerFaults(operation, status, body);
    for (const fault of [...(inShape ?? []), ...refusalFaults(status, body)]) {
      this.faults.push(`${method} ${operation.path} → ${status}: ${fault}`);
    }
    if (status < 400 && inShape?.length === 0)
      this.#note(`${api} ${operation.method} ${operation.path}`);
  };

  readonly onEvent = (type: string, body: string): void => {
    for (const fault of webhookFaults(type, JSON.parse(body)))
      this.faults.push(`${type}: ${fault}`);
    this.#note(`webhook ${type}`);
  };

  /** What a run has to say at its end: a line for each operation that was asked for and is not here. */
  missing(): string[] {
    const said = "The local Clerk was asked for what it does not have";
    return [...this.#notImplemented].map((each) => `${said}: ${each}`);
  }

  /** Throws when something did not have its shape; a list of what, each once. */
  requireNoFaults(): void {
    if (this.faults.length === 0) return;
    throw new Error(`Not as Clerk publishes it:\n${[...new Set(this.faults)].join("\n")}`);
  }

  #note(name: string): void {
    if (this.seen.has(name)) return;
    this.seen.add(name);
    ledgerOfThisSource().note(name);
  }
}

/** The SDK asks for these; the files do not have them, but have something more open in their place. */
const unpublished = /^\/v1\/clients\/handshake_payload$/;

function apiOf(path: string): Api | null {
  if (path.startsWith("/bapi/")) return "bapi";
  return path.startsWith("/fapi/") ? "fapi" : null;
}

const operations = new Map<Api, { operation: Operation; pattern: RegExp; names: number }[]>();

function findOperation(api: Api, method: string, path: string): Operation | undefined {
  if (unpublished.test(path)) return undefined;
  let known = operations.get(api);
  if (!known) {
    // A path that names more is asked before one that leaves more open: /users/count, /users/{id}.
    known = operationsOf(api)
      .map((operation) => ({
        operation,
        pattern: patternOf(operation.path),
        names: operation.path.split("{").length,
      }))
      .sort((a, b) => a.names - b.names);
    operations.set(api, known);
  }
  return known.find((each) => each.operation.method === method && each.pattern.test(path))
    ?.operation;
}

function patternOf(path: string): RegExp {
  const parts = path.split(/\{[^}]+\}/).map((part) => part.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^/]+")}$`);
}
