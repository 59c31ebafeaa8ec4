/**
 * Publishes changes of the sync's state that no row change announces, such as a stopped worker. Reads the state only while there
 * is a subscriber, and once for this process instead of once for each open console.
 */
import type { MessageSource } from "../../live/mailbox";
import type { LiveMessage } from "../../live/message";
import { type Health, sharedHealth } from "../../sync/monitoring/health";

export const SYNC_STATE = "sync_state";
const INTERVAL_MS = 10_000;

/**
 * The codes of findings whose changes are not published. They come and go with the load: publishing them would refresh every
 * console and so add load.
 */
const MEASURED = new Set(["slow-database", "connections"]);

/**
 * Returns a text for comparing two states. It has only what can change without a row change. Counts of deliveries are left out,
 * because a row change announces them.
 */
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
   * Publishes a message if the state differs from the last check. A failed read counts as no change: an outage ends the streams
   * anyway.
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
