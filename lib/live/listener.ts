/**
 * The only LISTEN connection of this process. Publishes every committed change to its subscribers. Publishes a `gap` after each
 * connect and each loss of the connection. Detects a loss by heartbeats: each is a NOTIFY that must return over the same
 * connection. A heartbeat does not return if the peer is dead or a transaction pooler is in between. Stores no rows.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { directConnection } from "../db";
import { log } from "../log";
import { type LiveMessage, parseMessage } from "./message";

const CHANNEL = "rollcall";
const HEARTBEAT_MS = 500;
/**
 * A heartbeat that has returned proves for this long (ms) after it was sent that the connection works. Revoked access must be
 * refused within 2 s.
 */
const PROOF_LASTS_MS = 1_500;
/** A connection on which no heartbeat has returned for this long (ms) is closed. */
const DEAD_AFTER_MS = 3_000;
/** The allowed clock skew between two servers, plus the possible age of a cached read, in ms. */
const SLACK_MS = 5_000;
/**
 * The delay before the first reconnect, in ms. Each failure doubles the delay, up to MAX_RETRY_MS. So a database that is
 * available again is noticed within 5 s.
 */
const RETRY_MS = 250;
const MAX_RETRY_MS = 2_000;

export class Listener {
  readonly #listeners = new Set<(message: LiveMessage) => void>();
  readonly #beatChannel = `rollcall_beat_${randomUUID().replaceAll("-", "")}`;
  readonly #connection: pg.ClientConfig;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The time at which the last returned heartbeat was sent, by performance.now(). */
  #provenAt = Number.NEGATIVE_INFINITY;
  #connectedAt = 0;
  /** The time of the last published change or gap, by Date.now(), because render times use that clock. */
  #publishedAt = 0;
  #isConnected = false;
  #isStopped = false;
  #failures = 0;

  constructor(connection: pg.ClientConfig) {
    this.#connection = connection;
    void this.#connect();
  }

  /** True if the process has certainly received every change that was committed more than {@link PROOF_LASTS_MS} ago. */
  get isListening(): boolean {
    return performance.now() - this.#provenAt < PROOF_LASTS_MS;
  }

  /**
   * True if no change was published since `since` (ms, by any instance's clock), allowing SLACK_MS of clock skew. Subscribe
   * before the call, because the result does not cover later changes.
   */
  hasNoChangesSince(since: number): boolean {
    return this.isListening && this.#publishedAt < since - SLACK_MS;
  }

  /** Returns the number of subscribers: the caches, and one for each open stream. */
  get listenerCount(): number {
    return this.#listeners.size;
  }

  /** Calls `listener` on every message, in the order of the commits, until the returned function is called. */
  subscribe(listener: (message: LiveMessage) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop(): void {
    this.#isStopped = true;
    this.#lose();
  }

  #publish(message: LiveMessage): void {
    this.#publishedAt = Date.now();
    for (const listener of this.#listeners) listener(message);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({ connectionTimeoutMillis: 2_000, ...this.#connection });
    this.#client = client;
    this.#connectedAt = performance.now();
    const lose = () => {
      if (this.#client === client) this.#lose();
    };
    client.on("error", lose).on("end", lose);
    client.on("notification", ({ channel, payload }) => {
      if (this.#client !== client) return;
      if (channel === CHANNEL) this.#publish(parseMessage(payload));
      else this.#provenAt = Number(payload);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}; LISTEN ${this.#beatChannel}`);
      if (this.#client !== client) return;
      this.#connectedAt = performance.now();
      if (this.#failures > 0) log.info("listening to the database again");
      this.#failures = 0;
      this.#isConnected = true;
      // Publishes a gap, because changes committed before LISTEN took effect were missed.
      this.#publish({ gap: true });
      this.#beat(client);
    } catch (error) {
      // Logged once, however long the outage lasts.
      if (this.#failures === 0) {
        log.warn("not listening to the database; caches are bypassed until it is back", {}, error);
      }
      this.#failures += 1;
      lose();
    }
  }

  #beat(client: pg.Client): void {
    if (this.#client !== client) return;
    const sentAt = performance.now();
    if (sentAt - Math.max(this.#provenAt, this.#connectedAt) > DEAD_AFTER_MS) {
      this.#lose();
      return;
    }
    client
      .query("SELECT pg_notify($1, $2)", [this.#beatChannel, String(sentAt)])
      .catch(() => undefined);
    this.#later(() => this.#beat(client), HEARTBEAT_MS);
  }

  /** Closes the connection, if there is one, and schedules a reconnect unless stopped. */
  #lose(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#provenAt = Number.NEGATIVE_INFINITY;
    clearTimeout(this.#timer);
    client?.connection.stream.destroy();
    if (!this.#isStopped) {
      // On a gap, each open stream reads the database again, and ends if the database is unavailable.
      if (this.#isConnected) this.#publish({ gap: true });
      this.#isConnected = false;
      const delay = Math.min(RETRY_MS * 2 ** this.#failures, MAX_RETRY_MS);
      this.#later(() => void this.#connect(), delay);
    }
  }

  #later(run: () => void, delay: number): void {
    clearTimeout(this.#timer);
    // `unref`, because the reconnect timer must not keep a process alive.
    this.#timer = setTimeout(run, delay).unref();
  }
}

/** Kept on globalThis because `next dev` evaluates modules again on every change. */
const store = globalThis as typeof globalThis & { rollcallListener?: Listener };

/** Returns the state of the listener without connecting it; null before the first call of {@link listener}. */
export function listenerState(): Pick<Listener, "isListening"> | null {
  return store.rollcallListener ?? null;
}

/** Returns the listener of this process. The first call connects it. */
export function listener(): Listener {
  store.rollcallListener ??= new Listener(directConnection("rollcall live"));
  return store.rollcallListener;
}
