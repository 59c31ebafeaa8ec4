/**
 * The one LISTEN connection of this process. Hears every committed change, and knows whether it still hears: each beat
 * is a NOTIFY that must come back over the same connection, which a dead peer and a transaction pooler both
 * fail. After a loss it connects again and tells `gap`. Holds no state of any row.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { directConnection } from "../db";
import { log } from "../log";
import { type LiveMessage, parseMessage } from "./message";

const CHANNEL = "rollcall";
const BEAT_MS = 500;
/** Older proof than this is none: what is revoked must be refused within 2 s. */
const PROOF_LASTS_MS = 1_500;
/** A connection without proof for so long is given up. */
const GIVE_UP_MS = 3_000;
/** How far the clocks of two instances may be apart, and how much older what they remember may be than the database. */
const SLACK_MS = 5_000;
/** Between two tries: twice as long each time, and never so long that a database that is back goes unheard for 5 s. */
const RETRY_MS = 250;
const LONGEST_RETRY_MS = 2_000;

export class Listener {
  readonly #listeners = new Set<(message: LiveMessage) => void>();
  readonly #beatChannel = `rollcall_beat_${randomUUID().replaceAll("-", "")}`;
  readonly #connection: pg.ClientConfig;
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the last beat that came back was sent. */
  #provenAt = Number.NEGATIVE_INFINITY;
  #connectedAt = 0;
  /** When anything was told last, a gap too; by the clock that pages are drawn by. */
  #publishedAt = 0;
  #isStopped = false;
  #failures = 0;

  constructor(connection: pg.ClientConfig) {
    this.#connection = connection;
    void this.#connect();
  }

  /** Is every change that was committed more than {@link PROOF_LASTS_MS} ago sure to have been heard? */
  get isListening(): boolean {
    return performance.now() - this.#provenAt < PROOF_LASTS_MS;
  }

  /**
   * Is nothing told that somebody may not know who asked the database at `since` (ms, by any instance's clock)? Whatever is
   * told from now on is not spoken of: listen first, then ask this.
   */
  hasBeenQuietSince(since: number): boolean {
    return this.isListening && this.#publishedAt < since - SLACK_MS;
  }

  /** How many hear: the caches, and one for each open stream. */
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
      // Whatever was committed before LISTEN took effect was not heard.
      this.#publish({ gap: true });
      this.#beat(client);
    } catch (error) {
      // Told once, however long it lasts.
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
    if (sentAt - Math.max(this.#provenAt, this.#connectedAt) > GIVE_UP_MS) {
      this.#lose();
      return;
    }
    client
      .query("SELECT pg_notify($1, $2)", [this.#beatChannel, String(sentAt)])
      .catch(() => undefined);
    this.#later(() => this.#beat(client), BEAT_MS);
  }

  /** Gives the connection up, if there is one, and (unless stopped) tries again. */
  #lose(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#provenAt = Number.NEGATIVE_INFINITY;
    clearTimeout(this.#timer);
    client?.connection.stream.destroy();
    if (!this.#isStopped) {
      const delay = Math.min(RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS);
      this.#later(() => void this.#connect(), delay);
    }
  }

  #later(run: () => void, delay: number): void {
    clearTimeout(this.#timer);
    // Listening alone keeps no process alive.
    this.#timer = setTimeout(run, delay).unref();
  }
}

/** Kept on globalThis because `next dev` evaluates modules again on every change. */
const store = globalThis as typeof globalThis & { rollcallListener?: Listener };

/** The listener of this process; the first call connects it. */
export function listener(): Listener {
  store.rollcallListener ??= new Listener(directConnection("rollcall live"));
  return store.rollcallListener;
}
