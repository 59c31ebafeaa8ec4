// The context of the current request: its sender (`event_attributes` in webhooks), its settings, and callbacks that run after its
// response is sent.

import { AsyncLocalStorage } from "node:async_hooks";
import type { Settings } from "./instance/settings";

export type RequestContext = {
  clientIp: string;
  userAgent: string;
  /** The settings in the request's settings header, so that tests with different settings can share one instance. */
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

/** Runs the callback after the current response is sent. Outside a request, runs the callback immediately. */
export function afterResponse(run: () => void): void {
  const scope = storage.getStore();
  if (scope) scope.afterResponse.push(run);
  else run();
}
