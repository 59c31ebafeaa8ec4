/**
 * Carries announced changes from the outbox to Redis. Each process with REDIS_URL that listens tries to hold the lease; one of
 * them has it. While nobody has it, changes are announced by NOTIFY.
 *
 * A message is published before the transaction that deletes it commits: a relay that dies in between publishes it twice, never
 * not at all. Another relay waits for that transaction, so no heartbeat overtakes a change.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { database, transaction } from "../db";
import { log } from "../log";
import type { Redis } from "./redis";

/** How long the lease is valid, and how often it is renewed. */
const LEASE_MS = 2_000;
const RENEW_MS = 500;
/** The pause after the outbox was found empty, in ms: the greatest delay that the relay adds. */
const POLL_MS = 20;
const BATCH = 1_000;

const messages = z.array(z.object({ channel: z.string(), payload: z.string() }));
const lease = z.array(z.object({ space: z.string() }));

export class Relay {
  readonly #redis: Redis;
  readonly #id = randomUUID();
  #space: string | null = null;
  #renewedAt = Number.NEGATIVE_INFINITY;
  #isStopped = false;
  readonly #ended: Promise<void>;

  constructor(redis: Redis) {
    this.#redis = redis;
    this.#ended = this.#run();
  }

  get isHolder(): boolean {
    return this.#space !== null;
  }

  /** Ends the work and gives the lease back, so that changes go through NOTIFY or another relay at once. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#ended;
    await this.#release();
  }

  async #run(): Promise<void> {
    let isFailing = false;
    while (!this.#isStopped) {
      try {
        const carried = (await this.#hold()) ? await this.#carry() : null;
        isFailing = false;
        if (carried === null) await this.#pause(RENEW_MS);
        else if (carried < BATCH) await this.#pause(POLL_MS);
      } catch (error) {
        if (!isFailing) log.warn("live updates are not carried to Redis", {}, error);
        isFailing = true;
        await this.#release();
        await this.#pause(RENEW_MS);
      }
    }
  }

  /** `ref: false`, because the pause must not keep a process alive. */
  #pause(ms: number): Promise<void> {
    return sleep(ms, undefined, { ref: false });
  }

  /** Takes or renews the lease. Resolves to true while this relay holds it. */
  async #hold(): Promise<boolean> {
    if (!this.#redis.isReady) {
      await this.#release();
      return false;
    }
    if (this.isHolder && performance.now() - this.#renewedAt < RENEW_MS) return true;
    const { rows } = await database().pool.query(
      `UPDATE live_relay SET holder = $1, held_until = clock_timestamp() + $2 * interval '1 ms'
       WHERE holder = $1 OR held_until < clock_timestamp() RETURNING space`,
      [this.#id, LEASE_MS],
    );
    this.#space = lease.parse(rows)[0]?.space ?? null;
    this.#renewedAt = performance.now();
    return this.isHolder;
  }

  async #release(): Promise<void> {
    if (!this.isHolder) return;
    this.#space = null;
    await database()
      .pool.query("UPDATE live_relay SET held_until = clock_timestamp() WHERE holder = $1", [
        this.#id,
      ])
      .catch(() => undefined);
  }

  /** Publishes the oldest messages. Resolves to their number. */
  async #carry(): Promise<number> {
    const { rows } = await database().pool.query(
      'SELECT EXISTS (SELECT FROM live_outbox) AS "hasRows"',
    );
    if (!z.array(z.object({ hasRows: z.boolean() })).parse(rows)[0]?.hasRows) return 0;
    return transaction(async (db) => {
      const taken = await db.query(
        `WITH taken AS (
           DELETE FROM live_outbox WHERE id IN (SELECT id FROM live_outbox ORDER BY id LIMIT ${BATCH})
           RETURNING id, channel, payload
         ) SELECT channel, payload FROM taken ORDER BY id`,
      );
      const found = messages.parse(taken.rows);
      await Promise.all(
        found.map(({ channel, payload }) =>
          this.#redis.publish(`${this.#space}:${channel}`, payload),
        ),
      );
      return found.length;
    });
  }
}
