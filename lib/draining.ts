/**
 * The state of a process between the signal that ends it and its exit. During that time `/api/ready` answers 503, so that a load
 * balancer sends its requests to other processes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { env } from "./env";

/**
 * The time in ms after the signal at which a process exits, even if a job still runs. Another worker then takes the job over.
 * Kubernetes waits 30 s before it kills a process.
 */
export const EXIT_MS = 30_000;

/** Stored on globalThis, because Next gives instrumentation and routes separate copies of a module. */
const store = globalThis as typeof globalThis & { rollcallIsDraining?: boolean };

export const isDraining = () => store.rollcallIsDraining ?? false;

export function startDraining(): void {
  store.rollcallIsDraining = true;
}

/**
 * Resolves SHUTDOWN_DELAY after SIGTERM. Until then a server serves requests, because a load balancer takes seconds to notice that
 * its readiness is false. Other signals come from a terminal, with no load balancer in front, so they have no delay.
 */
export async function waitForLoadBalancer(signal: NodeJS.Signals): Promise<void> {
  if (signal === "SIGTERM") await sleep(env().shutdownDelayMs);
}
