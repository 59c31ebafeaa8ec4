// Hono middleware that applies the rate limit and the injected faults of one API.

import type { MiddlewareHandler } from "hono";
import type { ClerkContext } from "../context";
import { errorBody } from "../error-response";
import { refusal } from "../errors";
import type { Fault } from "./faults";

const serverErrors = {
  500: refusal(500, "internal_clerk_error", "Oops, an unexpected error occurred"),
  503: refusal(503, "service_unavailable", "Service unavailable"),
};

function tooManyRequests(seconds: number): Response {
  const long = "Too many requests. Please try again in a bit.";
  const failure = refusal(429, "too_many_requests", "Too many requests", long);
  return Response.json(errorBody(failure), {
    status: 429,
    headers: { "retry-after": String(seconds) },
  });
}

/** Applies the rate limit of the API, and then the first injected fault that matches the request. Runs before the routes. */
export function faultMiddleware(context: ClerkContext, api: Fault["api"]): MiddlewareHandler {
  const limit = context.faults.limit();
  return async (call, next) => {
    const { settings } = context;
    const seconds = limit.take(api === "bapi" ? settings.backendLimit : settings.frontendLimit);
    if (seconds > 0) return tooManyRequests(seconds);
    const fault = context.faults.take(api, call.req.method, call.req.path);
    await context.faults.wait(fault?.latencyMs ?? 0);
    if (fault?.outcome === "429") return tooManyRequests(1);
    if (fault?.outcome === "timeout") await context.faults.hold();
    if (fault?.outcome === "500" || fault?.outcome === "503") {
      return Response.json(errorBody(serverErrors[fault.outcome]), {
        status: serverErrors[fault.outcome].status,
      });
    }
    return next();
  };
}
