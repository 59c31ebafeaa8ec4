// What belongs to the request being answered: who sent it, for webhooks that say so, and what has to
// wait until its answer is out.

import { AsyncLocalStorage } from "node:async_hooks";
import type { Settings } from "./instance/settings";

export type RequestScope = {
  clientIp: string;
  userAgent: string;
  /** What this browser alone finds set differently, for tests that run side by side. */
  settings: Partial<Settings> | null;
  afterwards: (() => void)[];
};

const storage = new AsyncLocalStorage<RequestScope>();

export function runInScope<T>(scope: RequestScope, run: () => T): T {
  return storage.run(scope, run);
}

export function currentScope(): RequestScope | undefined {
  return storage.getStore();
}

/** At once when nobody waits for an answer. */
export function afterAnswer(run: () => void): void {
  const scope = storage.getStore();
  if (scope) scope.afterwards.push(run);
  else run();
}
