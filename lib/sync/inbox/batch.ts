/**
 * Groups items into one statement: items that arrive while a statement runs are queued for the next one. A single item runs
 * at once, so there is no delay without load; under load one commit carries many items.
 */

import { activeContext, withJointSpan } from "../../telemetry/tracing";

/**
 * The maximum number of concurrent statements. The third starts only while the others are slow, for example because they wait for
 * a lock.
 */
const MAX_CONCURRENT = 3;

/**
 * So many queued items start a second statement while the first runs: one is then prepared while the other waits for its flush to
 * disk. Fewer would lead to many small statements, which take more of Postgres's time for each item.
 */
const MIN_SECOND = 8;

/** A statement that has run for more than this many ms counts as slow. */
const SLOW_MS = 100;

/**
 * The maximum number of items in a batch. For more than 50 rows, the triggers would notify a flush of the whole table instead of
 * the ids.
 */
const MAX_BATCH = 32;

/**
 * The maximum number of queued items, which limits the memory while the database does not respond. Further items are rejected at
 * once, and Clerk's sender retries their deliveries.
 */
const MAX_PENDING = 1_000;

type Batching<Item, Result> = {
  /** The name of the span of a batch. */
  name: string;
  /**
   * Returns the key of the object that the item changes. A batch contains each key at most once, because one statement cannot
   * upsert two states of one object.
   */
  keyOf(item: Item): string;
  /** Writes the whole batch or none of it. Resolves to a function that returns the result of an item. */
  run(batch: Item[]): Promise<(item: Item) => Result>;
  /** True if a single item made the batch fail. Each item is then run in a statement of its own. */
  isItemError(error: unknown): boolean;
};

type Pending<Item, Result> = {
  item: Item;
  /** The context of the item's own request. The batch runs in the context of another. */
  context: ReturnType<typeof activeContext>;
  resolve(result: Result): void;
  reject(error: unknown): void;
};

/** Waits until the current turn of the event loop is over, so that items that arrived together share a batch. */
const endOfTurn = () => new Promise(setImmediate);

/** Returns a function that runs one item, in a batch with other pending items, and settles with that item's result. */
export function createBatcher<Item, Result>({
  name,
  keyOf,
  run,
  isItemError,
}: Batching<Item, Result>) {
  let queue: Pending<Item, Result>[] = [];
  let running = 0;
  let startedAt = 0;

  function takeBatch(): Pending<Item, Result>[] {
    const batch = new Map<string, Pending<Item, Result>>();
    queue = queue.filter((pending) => {
      const key = keyOf(pending.item);
      if (batch.size === MAX_BATCH || batch.has(key)) return true;
      batch.set(key, pending);
      return false;
    });
    return [...batch.values()];
  }

  async function runBatch(batch: Pending<Item, Result>[]): Promise<void> {
    try {
      const contexts = batch.map(({ context }) => context);
      const items = batch.map(({ item }) => item);
      const resultOf = await withJointSpan(name, contexts, () => run(items));
      for (const { item, resolve } of batch) resolve(resultOf(item));
    } catch (error) {
      const isSplittable = batch.length > 1 && isItemError(error);
      if (isSplittable) await Promise.all(batch.map((pending) => runBatch([pending])));
      else for (const { reject } of batch) reject(error);
    }
  }

  async function drain(): Promise<void> {
    const isSlow = performance.now() - startedAt > SLOW_MS;
    const fillsSecond = running === 1 && queue.length >= MIN_SECOND;
    if (running > 0 && !fillsSecond && (running === MAX_CONCURRENT || !isSlow)) return;
    running += 1;
    while (queue.length > 0) {
      startedAt = performance.now();
      await endOfTurn();
      // The batch is empty if a concurrent `drain` has taken the items.
      const batch = takeBatch();
      if (batch.length > 0) await runBatch(batch);
    }
    running -= 1;
  }

  return (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (queue.length === MAX_PENDING)
        throw new Error(`${MAX_PENDING} deliveries are pending already`);
      queue.push({ item, context: activeContext(), resolve, reject });
      void drain();
    });
}
