/**
 * Limits on what one user may have open at a time: streams, exports, downloads. Counted in this process, and with REDIS_URL across
 * all instances. While Redis does not answer, each process counts its own.
 */
import { hash, randomUUID } from "node:crypto";
import { withDeadline } from "../deadline";
import { env } from "../env";
import { openRedis, type Redis } from "./redis";

/** A slot that is not renewed for this long (ms) is free again: its process died. Each is renewed three times in that time. */
const LASTS_MS = 30_000;
const ANSWER_WITHIN_MS = 500;

/**
 * Takes a slot of a sorted set whose members are the slots and whose scores are the times at which they end, by Redis' clock.
 * Returns 1 if one was free.
 */
const TAKE = `
  local t = redis.call('TIME')
  local now = t[1] * 1000 + math.floor(t[2] / 1000)
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
  if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
  redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1`;

/** Renews a slot, also one that Redis lost in a restart. */
const RENEW = `
  local t = redis.call('TIME')
  redis.call('ZADD', KEYS[1], t[1] * 1000 + math.floor(t[2] / 1000) + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  return 1`;

export class Slots {
  readonly #name: string;
  readonly #most: number;
  readonly #redis: Redis | null;
  readonly #lastsMs: number;
  readonly #open = new Map<string, number>();
  /** The slots of this process in Redis, each with a function that renews it. */
  readonly #shared = new Map<string, () => void>();
  readonly #timer: NodeJS.Timeout;

  constructor(name: string, most: number, redis: Redis | null, lastsMs = LASTS_MS) {
    this.#name = name;
    this.#most = most;
    this.#redis = redis;
    this.#lastsMs = lastsMs;
    this.#timer = setInterval(() => {
      for (const renew of this.#shared.values()) renew();
    }, lastsMs / 3).unref();
  }

  /** Renews no slot any more. */
  stop(): void {
    clearInterval(this.#timer);
  }

  /**
   * Takes one of the user's slots. Resolves to a function that frees it, which may be called more than once; null if all are
   * taken. Parallel calls are counted: the process counts before its first await.
   */
  async take(userId: string): Promise<(() => void) | null> {
    const open = this.#open.get(userId) ?? 0;
    if (open >= this.#most) return null;
    this.#open.set(userId, open + 1);
    let isFree = false;
    const freeHere = () => {
      if (isFree) return;
      isFree = true;
      const left = (this.#open.get(userId) ?? 1) - 1;
      if (left > 0) this.#open.set(userId, left);
      else this.#open.delete(userId);
    };
    const freeShared = await this.#takeShared(userId);
    if (freeShared === null) {
      freeHere();
      return null;
    }
    return () => {
      freeHere();
      freeShared();
    };
  }

  /** Resolves to null if the slots of all instances are taken. */
  async #takeShared(userId: string): Promise<(() => void) | null> {
    const redis = this.#redis;
    if (!redis?.isReady) return () => undefined;
    // The id is hashed, because a key of Redis is shown by its tools and logs.
    const key = `rollcall:slots:${this.#name}:${hash("sha256", userId, "base64url")}`;
    const slot = randomUUID();
    const run = (script: string, ...values: (string | number)[]) =>
      withDeadline(
        redis.eval(script, { keys: [key], arguments: [slot, ...values.map(String)] }),
        ANSWER_WITHIN_MS,
        () => 1,
      ).catch(() => 1);
    if ((await run(TAKE, this.#most, this.#lastsMs)) === 0) return null;
    this.#shared.set(slot, () => void run(RENEW, this.#lastsMs));
    return () => {
      this.#shared.delete(slot);
      if (redis.isReady) redis.zRem(key, slot).catch(() => undefined);
    };
  }
}

/** Kept on globalThis because `next dev` evaluates modules again on every change. */
const store = globalThis as typeof globalThis & {
  rollcallSlots?: { redis: Redis | null; limits: Map<string, Slots> };
};

function openStore() {
  const { redisUrl } = env();
  const redis = redisUrl === undefined ? null : openRedis(redisUrl, "limits");
  redis?.connect().catch(() => undefined);
  return { redis, limits: new Map<string, Slots>() };
}

/** Returns the limit with this name: `most` slots for each user. */
export function slots(name: string, most: number): Slots {
  store.rollcallSlots ??= openStore();
  const { redis, limits } = store.rollcallSlots;
  const existing = limits.get(name) ?? new Slots(name, most, redis);
  limits.set(name, existing);
  return existing;
}
