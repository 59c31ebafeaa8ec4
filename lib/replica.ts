/**
 * Reads from a hot standby (`DATABASE_REPLICA_URL`): lists, exports and plots of the console. A read goes to the primary instead
 * while the standby lags more than `DATABASE_REPLICA_MAX_LAG`, does not answer, or is no standby; a read that fails on the standby
 * is repeated on the primary.
 *
 * Positions in the write-ahead log (LSN) decide, not clocks. The standby is known to have everything that the primary had when
 * its position was sampled, once it has replayed that position. A read also waits for what its reader knows already: the
 * reader's own writes (`after`), and every change that this process has announced to its subscribers, because a page reads again
 * when a change is announced.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { database, replicaDatabase } from "./db";
import { withDeadline } from "./deadline";
import { env } from "./env";
import { listener } from "./live/listener";
import { log } from "./log";

export type Source = Pick<ReturnType<typeof database>, "pool" | "prisma">;

/** Runs a read, which must not write: it may run twice, on the standby and then on the primary. */
export type Read = <Result>(work: (source: Source) => Promise<Result>) => Promise<Result>;

/** `lagging`: it has not replayed what the primary had `DATABASE_REPLICA_MAX_LAG` ago. */
export type ReplicaState = "in-use" | "lagging" | "unreachable" | "not-a-standby";
export type ReplicaStatus = { state: ReplicaState; behindMs: number | null };

/** How long the standby may take to say its position, in ms. */
const ANSWER_WITHIN_MS = 500;
/** How long a read waits until the standby has replayed what its reader knows, in ms. Replay usually takes a few ms. */
const WAIT_MS = 100;
const POLL_MS = 10;
/** After a failure the standby is not asked for this long (ms), so that reads are not delayed by an outage. */
const AVOID_MS = 5_000;
/** The interval at which reads sample the primary's position, in ms. It limits the precision of the lag. */
const SAMPLE_EVERY_MS = 500;
const SAMPLES_KEPT = 200;

const LSN = /^([0-9A-F]{1,8})\/([0-9A-F]{1,8})$/i;

/** Parses a position such as `16/B374D848`. Null for other text, such as a forged cookie. */
export function parsePosition(text: string | null | undefined): bigint | null {
  const [, high, low] = LSN.exec(text ?? "") ?? [];
  return high && low ? (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`) : null;
}

const PRIMARY_POSITION = "SELECT pg_current_wal_insert_lsn()::text AS at";
const STANDBY_POSITION = `SELECT pg_is_in_recovery() AS "isStandby",
  CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::text END AS at`;

const position = z.string().transform((text) => parsePosition(text) ?? 0n);
const primaryShape = z.object({ at: position });
const standbyShape = z.object({ isStandby: z.boolean(), at: position.nullable() });

type Sample = { takenAt: number; at: bigint };

type Options = {
  primary: () => Source;
  standby: () => Source;
  /** Publishes this process's changes; without it, the process cannot know what its readers know. */
  changes: Pick<ReturnType<typeof listener>, "isListening" | "subscribe">;
  maxLagMs: number;
};

export class Replica {
  readonly #options: Options;
  #samples: Sample[] = [];
  /** The time of the last announced change, and the primary's position after the announced changes that a read has met. */
  #changedAt = Number.NEGATIVE_INFINITY;
  #announced = 0n;
  #avoidUntil = 0;

  constructor(options: Options) {
    this.#options = options;
    options.changes.subscribe(() => {
      this.#changedAt = performance.now();
    });
  }

  /** Runs the read on the standby if that has everything the reader knows, or else on the primary. */
  async read<Result>(
    after: bigint | null,
    work: (source: Source) => Promise<Result>,
    noteBehind: (behindMs: number) => void = () => undefined,
  ): Promise<Result> {
    const { primary, standby } = this.#options;
    const { state, behindMs } = await this.assess(after);
    if (state !== "in-use" || behindMs === null) return work(primary());
    try {
      const result = await work(standby());
      noteBehind(behindMs);
      return result;
    } catch (error) {
      // If the statement itself is wrong, the primary's error is thrown, and the standby stays in use.
      const result = await work(primary());
      this.#avoid("a read failed on it", error);
      return result;
    }
  }

  /** Resolves to whether the standby may be read by someone who knows the primary's data until `after`. */
  async assess(after: bigint | null): Promise<ReplicaStatus> {
    if (performance.now() < this.#avoidUntil) return { state: "unreachable", behindMs: null };
    try {
      await this.#sample();
    } catch {
      // Without the primary's position, the lag is not known. A read from the primary reports its fault.
      return { state: "lagging", behindMs: null };
    }
    try {
      return await this.#compare(after ?? 0n);
    } catch (error) {
      this.#avoid("it does not answer", error);
      return { state: "unreachable", behindMs: null };
    }
  }

  async #compare(after: bigint): Promise<ReplicaStatus> {
    const needed = after > this.#announced ? after : this.#announced;
    const giveUpAt = performance.now() + WAIT_MS;
    for (;;) {
      const { isStandby, at } = await this.#standbyPosition();
      if (!isStandby || at === null) return { state: "not-a-standby", behindMs: null };
      const replayed = this.#samples.findLast((sample) => sample.at <= at);
      const behindMs = replayed ? performance.now() - replayed.takenAt : null;
      const isWithin = behindMs !== null && behindMs <= this.#options.maxLagMs;
      if (isWithin && at >= needed) return { state: "in-use", behindMs };
      if (performance.now() > giveUpAt) return { state: "lagging", behindMs };
      await sleep(POLL_MS);
    }
  }

  async #standbyPosition() {
    const query = this.#options.standby().pool.query(STANDBY_POSITION);
    const { rows } = await withDeadline(query, ANSWER_WITHIN_MS, () => {
      throw new Error(`the standby did not answer within ${ANSWER_WITHIN_MS} ms`);
    });
    return standbyShape.parse(rows[0]);
  }

  /** Samples the primary's position, unless the last sample is recent and later than the last announced change. */
  async #sample(): Promise<void> {
    const now = performance.now();
    const newest = this.#samples.at(-1)?.takenAt ?? Number.NEGATIVE_INFINITY;
    // While changes are not announced, each read may follow one.
    const changedAt = this.#options.changes.isListening ? this.#changedAt : now;
    if (newest >= changedAt && now - newest < SAMPLE_EVERY_MS) return;
    const { rows } = await this.#options.primary().pool.query(PRIMARY_POSITION);
    const { at } = primaryShape.parse(rows[0]);
    if (newest < changedAt && at > this.#announced) this.#announced = at;
    // Parallel samples may end in another order than they began.
    this.#samples = [...this.#samples.slice(1 - SAMPLES_KEPT), { takenAt: now, at }].sort(
      (a, b) => a.takenAt - b.takenAt,
    );
  }

  #avoid(what: string, error: unknown): void {
    if (performance.now() >= this.#avoidUntil)
      log.warn(`the read replica is not used for ${AVOID_MS / 1_000} s: ${what}`, {}, error);
    this.#avoidUntil = performance.now() + AVOID_MS;
  }
}

/** Kept on globalThis because `next dev` evaluates modules again on every change. */
const store = globalThis as typeof globalThis & { rollcallReplica?: Replica };

function openReplica(changes: () => Options["changes"]): Replica | null {
  const { databaseReplicaUrl, replicaMaxLagMs } = env();
  if (databaseReplicaUrl === undefined) return null;
  return new Replica({
    primary: database,
    standby: () => replicaDatabase(databaseReplicaUrl),
    changes: changes(),
    maxLagMs: replicaMaxLagMs,
  });
}

/** Returns the replica for the reads of this process; null without `DATABASE_REPLICA_URL`. */
function replica(): Replica | null {
  const existing = store.rollcallReplica ?? openReplica(listener);
  if (existing) store.rollcallReplica = existing;
  return existing;
}

/**
 * Returns the read of one reader, who must see what the primary had at `after`. `noteBehind` is called after each read from the
 * standby with the greatest possible age of its data, in ms.
 */
export function readAfter(after: bigint | null, noteBehind?: (behindMs: number) => void): Read {
  const standby = replica();
  return standby ? (work) => standby.read(after, work, noteBehind) : (work) => work(database());
}

/** Reads from the primary. */
export const readPrimary: Read = (work) => work(database());

/** Resolves to the primary's position now, for the writer's next reads; null without a replica. */
export async function positionForReader(): Promise<string | null> {
  if (!replica()) return null;
  const { rows } = await database().pool.query(PRIMARY_POSITION);
  return z.object({ at: z.string() }).parse(rows[0]).at;
}

/** Announces nothing: a status depends on no reader, and a command must not keep a listening connection. */
const noChanges: Options["changes"] = { isListening: true, subscribe: () => () => undefined };

/** The state of the replica now, also after a failure; null without a replica. */
export const findReplicaStatus = async (): Promise<ReplicaStatus | null> =>
  (await openReplica(() => noChanges)?.assess(null)) ?? null;
