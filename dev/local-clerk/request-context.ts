// What belongs to the request being answered: who sent it, for webhooks that say so, and what has to
// wait until its answer is out.

import { AsyncLocalStorage } from "node:async_hooks";
import type { Settings } from "./instance/settings";

export type RequestContext = {
  clientIp: string;
  userAgent: string;
  /** What this browser alone finds set differently, for tests that run side by side. */
  settings: Partial<Settings> | null;
  afterResponse: (() => void)[];
};

const storage = new AsyncLocalStorage<RequestContext>();

export function withRequestContext<T>(scope: RequestContext, run: () => T): T {
  return storage.run(scope, run);
}

export function currentRequest(): RequestContext | undefined {
  return storage.getStore();
}

/** At once when nobody waits for an answer. */
export function afterResponse(run: () => void): void {
  const scope = storage.getStore();
  if (scope) scope.afterResponse.push(run);
  else run();
}
