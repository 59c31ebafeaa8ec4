/**
 * Notices changes of the sync's state that no row announces, such as a worker that stopped. Reads the state while anybody
 * subscribes: once for all of this process, instead of once for each open console.
 */
import type { MessageSource } from "../../live/mailbox";
import type { LiveMessage } from "../../live/message";
import { type Health, sharedHealth } from "../../sync/monitoring/health";

export const SYNC_STATE = "sync_state";
const INTERVAL_MS = 10_000;

/** Findings that come and go with the load. Publishing them would refresh every console and add to the load. */
const MEASURED = new Set(["slow-database", "connections"]);

/** The fields that can change without a published change of a row. Counts of deliveries are left out: they change with rows. */
function fingerprint({ findings, pipeline, figures }: Health): string {
  const states = pipeline.map(({ name, state }) => [name, state]);
  const found = findings
    .filter(({ code }) => !MEASURED.has(code))
    .map(({ code, state, remedy }) => [code, state, remedy]);
  return JSON.stringify([found, states, figures?.canary, figures?.lastRun]);
}

export class SyncStateWatch implements MessageSource {
  readonly #listeners = new Set<(message: LiveMessage) => void>();
  readonly #read: () => Promise<Health>;
  #timer: NodeJS.Timeout | undefined;
  #last: string | undefined;

  constructor(read: () => Promise<Health>) {
    this.#read = read;
  }

  subscribe(listener: (message: LiveMessage) => void): () => void {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stop();
    };
  }

  #start(): void {
    void this.check();
    this.#timer = setInterval(() => void this.check(), INTERVAL_MS).unref();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#last = undefined;
  }

  /**
   * Publishes a message if the state differs from that of the last check. A failed read is no change: streams end by the
   * outage itself.
   */
  async check(): Promise<void> {
    const health = await this.#read().catch(() => null);
    if (!health || health.databaseFault || this.#listeners.size === 0) return;
    const current = fingerprint(health);
    const hasChanged = this.#last !== undefined && current !== this.#last;
    this.#last = current;
    if (!hasChanged) return;
    for (const listener of this.#listeners) listener({ table: SYNC_STATE, flush: true });
  }
}

export const syncStateWatch = new SyncStateWatch(sharedHealth);
