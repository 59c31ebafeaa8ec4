/**
 * The changes of this process. Publishes every committed change to its subscribers. Publishes a `gap` after each connect and each
 * loss of a connection. Changes arrive by NOTIFY, or with REDIS_URL through Redis. A loss is detected by heartbeats, which take the
 * same way as a change: one does not return if a peer is dead, a relay hangs, or a transaction pooler is in between. Stores no rows.
 */
import { randomUUID } from "node:crypto";
import type pg from "pg";
import { z } from "zod";
import { database, directConnection } from "../db";
import { env } from "../env";
import { type LiveMessage, parseMessage } from "./message";
import { NotifySource } from "./notify";
import { openRedis, type Redis, RedisSource } from "./redis";
import { Relay } from "./relay";
import type { Receiver } from "./source";

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

const spaces = z.tuple([z.object({ space: z.string() })]);

async function findSpace(): Promise<string> {
  const { rows } = await database().pool.query("SELECT space FROM live_relay");
  return spaces.parse(rows)[0].space;
}

export class Listener {
  readonly #listeners = new Set<(message: LiveMessage) => void>();
  readonly #beatChannel = `rollcall_beat_${randomUUID().replaceAll("-", "")}`;
  readonly #notify: NotifySource;
  readonly #redis: { source: RedisSource; publisher: Redis; relay: Relay } | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The time at which the last returned heartbeat was sent, by performance.now(). */
  #provenAt = Number.NEGATIVE_INFINITY;
  #connectedAt = 0;
  /** The time of the last published change or gap, by Date.now(), because render times use that clock. */
  #publishedAt = 0;

  constructor(connection: pg.ClientConfig, redisUrl?: string) {
    this.#notify = new NotifySource(connection);
    const channels = [CHANNEL, this.#beatChannel];
    const receiver: Receiver = {
      message: (channel, payload) => {
        if (channel === CHANNEL) this.#publish(parseMessage(payload));
        else this.#provenAt = Math.max(this.#provenAt, Number(payload));
      },
      // Publishes a gap, because changes committed before the source was connected were missed.
      up: () => this.#publish({ gap: true }),
      // On a gap, each open stream reads the database again, and ends if the database is unavailable.
      down: () => {
        this.#provenAt = Number.NEGATIVE_INFINITY;
        this.#publish({ gap: true });
      },
    };
    this.#notify.start(channels, {
      ...receiver,
      up: () => {
        this.#connectedAt = performance.now();
        receiver.up();
        this.#beat();
      },
      down: () => {
        clearTimeout(this.#timer);
        receiver.down();
      },
    });
    if (redisUrl === undefined) return;
    const publisher = openRedis(redisUrl, "the relay of live updates");
    publisher.connect().catch(() => undefined);
    this.#redis = {
      publisher,
      source: new RedisSource(redisUrl, findSpace),
      relay: new Relay(publisher),
    };
    this.#redis.source.start(channels, receiver);
  }

  /** True if this process carries changes to Redis. */
  get isRelay(): boolean {
    return this.#redis?.relay.isHolder ?? false;
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
    clearTimeout(this.#timer);
    this.#provenAt = Number.NEGATIVE_INFINITY;
    this.#notify.stop();
    this.#redis?.source.stop();
    void this.#redis?.relay.stop().then(() => this.#redis?.publisher.destroy());
  }

  #publish(message: LiveMessage): void {
    this.#publishedAt = Date.now();
    for (const listener of this.#listeners) listener(message);
  }

  #beat(): void {
    clearTimeout(this.#timer);
    const sentAt = performance.now();
    if (sentAt - Math.max(this.#provenAt, this.#connectedAt) > DEAD_AFTER_MS) {
      this.#notify.reconnect();
      return;
    }
    this.#notify.run("SELECT announce_heartbeat($1, $2)", [this.#beatChannel, String(sentAt)]);
    // `unref`, because the timer must not keep a process alive.
    this.#timer = setTimeout(() => this.#beat(), HEARTBEAT_MS).unref();
  }
}

/** Kept on globalThis because `next dev` evaluates modules again on every change. */
const store = globalThis as typeof globalThis & { rollcallListener?: Listener };

/** Disconnects the listener if it was started. Call this at the end of a process, which its connection otherwise keeps running. */
export function stopListener(): void {
  store.rollcallListener?.stop();
}

/** Returns the state of the listener without connecting it; null before the first call of {@link listener}. */
export function listenerState(): Pick<Listener, "isListening"> | null {
  return store.rollcallListener ?? null;
}

/** Returns the listener of this process. The first call connects it. */
export function listener(): Listener {
  store.rollcallListener ??= new Listener(directConnection("rollcall live"), env().redisUrl);
  return store.rollcallListener;
}
