/** Starts what a process reports about itself, as far as the environment asks for it: spans and metrics. */
import { withDeadline } from "../deadline";
import { env } from "../env";
import { log } from "../log";
import { watchHttp } from "./http";
import { startMetrics } from "./metrics";

/** The kinds of processes. An attribute of each span, and so of each trace's parts. */
export type Role = "web" | "worker" | "ingest" | "ws";

/** The maximum time in ms that the end of a process waits for the collector. */
const FLUSH_MS = 2_000;

/** Kept on globalThis because a bundle may evaluate this module once for each of its entries. */
const store = globalThis as typeof globalThis & {
  rollcallStopTracing?: (() => Promise<void>) | null;
};

/** Call this before the first request. Nothing is loaded or sent by default. */
export async function startTelemetry(role: Role): Promise<void> {
  const { metricsToken, tracingProtocol } = env();
  if (metricsToken !== undefined) {
    startMetrics();
    watchHttp();
  }
  if (tracingProtocol === null || store.rollcallStopTracing !== undefined) return;
  store.rollcallStopTracing = null;
  try {
    const { startTracing } = await import("./sdk");
    store.rollcallStopTracing = startTracing(role, tracingProtocol);
    log.info("telemetry: spans are sent to the collector", { role });
  } catch (error) {
    // The process serves without spans.
    log.error("telemetry: spans cannot be sent", { role }, error);
  }
}

/** Sends the remaining spans. Call this at the end of a process. */
export async function stopTelemetry(): Promise<void> {
  const stopped = store.rollcallStopTracing?.();
  if (stopped) await withDeadline(stopped, FLUSH_MS, () => undefined).catch(() => undefined);
}
