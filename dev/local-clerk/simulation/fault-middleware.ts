// Hono middleware that applies the rate limit and the simulated faults of one API.

import type { MiddlewareHandler } from "hono";
import type { World } from "../context";
import { envelope } from "../error-response";
import { refusal } from "../errors";
import type { Fault } from "./faults";

const broken = {
  500: refusal(500, "internal_clerk_error", "Oops, an unexpected error occurred"),
  503: refusal(503, "service_unavailable", "Service unavailable"),
};

function tooMany(seconds: number): Response {
  const long = "Too many requests. Please try again in a bit.";
  const failure = refusal(429, "too_many_requests", "Too many requests", long);
  return Response.json(envelope(failure), {
    status: 429,
    headers: { "retry-after": String(seconds) },
  });
}

/** Before everything else of an API: its rate limit, then whatever was dialled. */
export function troubles(world: World, api: Fault["api"]): MiddlewareHandler {
  const limit = world.faults.limit();
  return async (call, next) => {
    const { settings } = world;
    const seconds = limit.take(api === "bapi" ? settings.backendLimit : settings.frontendLimit);
    if (seconds > 0) return tooMany(seconds);
    const fault = world.faults.take(api, call.req.method, call.req.path);
    await world.faults.wait(fault?.latencyMs ?? 0);
    if (fault?.outcome === "429") return tooMany(1);
    if (fault?.outcome === "timeout") await world.faults.hold();
    if (fault?.outcome === "500" || fault?.outcome === "503") {
      return Response.json(envelope(broken[fault.outcome]), {
        status: broken[fault.outcome].status,
      });
    }
    return next();
  };
}
