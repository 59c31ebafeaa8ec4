/**
 * The metrics of this process, for Prometheus. Without METRICS_TOKEN they are not started, and `metrics()` returns null.
 * Every label has few values, all of them names of our own code. A label never holds an id, an address or a name of a person.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** Upper bounds in seconds, from a cached answer to a statement at its timeout. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** A delivery that failed at first is retried for hours. */
const APPLY_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 120, 600, 3_600];

function createMetrics() {
  const register = new Registry();
  collectDefaultMetrics({ register });
  const registers = [register];
  return {
    register,
    deliveries: new Counter({
      name: "rollcall_deliveries_total",
      help: "Webhook requests by what became of them",
      labelNames: ["outcome"],
      registers,
    }),
    applyDelay: new Histogram({
      name: "rollcall_delivery_apply_delay_seconds",
      help: "Time from the receipt of a delivery until it was settled, at once or by a retry",
      labelNames: ["settled"],
      buckets: APPLY_SECONDS,
      registers,
    }),
    operations: new Histogram({
      name: "rollcall_graphql_operation_duration_seconds",
      help: "GraphQL operations of pages and clients; operations that no page has are together 'other'",
      labelNames: ["operation", "type", "result"],
      buckets: SECONDS,
      registers,
    }),
    requests: new Histogram({
      name: "rollcall_http_request_duration_seconds",
      help: "HTTP requests, without event streams",
      labelNames: ["route", "method", "status"],
      buckets: SECONDS,
      registers,
    }),
    streams: new Gauge({
      name: "rollcall_streams_open",
      help: "Open subscriptions",
      registers,
    }),
    cacheRequests: new Counter({
      name: "rollcall_cache_requests_total",
      help: "Reads of caches",
      labelNames: ["cache", "result"],
      registers,
    }),
    effects: new Histogram({
      name: "rollcall_effect_duration_seconds",
      help: "Tries of effect handlers",
      labelNames: ["handler", "result"],
      buckets: [...SECONDS, 30],
      registers,
    }),
    jobs: new Histogram({
      name: "rollcall_job_duration_seconds",
      help: "Runs of the worker's tasks",
      labelNames: ["task", "result"],
      buckets: [...SECONDS, 30, 300, 3_600],
      registers,
    }),
  };
}

type Metrics = ReturnType<typeof createMetrics>;

/** Kept on globalThis because a bundle may evaluate this module once for each of its entries. */
const store = globalThis as typeof globalThis & { rollcallMetrics?: Metrics };

/** Returns the metrics of this process, or null if it has none. */
export function metrics(): Metrics | null {
  return store.rollcallMetrics ?? null;
}

/** Starts to measure, once for each process. */
export function startMetrics(): Metrics {
  store.rollcallMetrics ??= createMetrics();
  return store.rollcallMetrics;
}

/** Returns the seconds since `startedAt`, a time of `performance.now()`. */
export const secondsSince = (startedAt: number): number => (performance.now() - startedAt) / 1_000;
