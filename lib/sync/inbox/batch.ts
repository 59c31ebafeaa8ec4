/**
 * Gives Postgres together what comes together: what arrives while a statement is under way waits for its end, and goes in the
 * next. What comes alone goes at once, so a quiet hour waits for nothing; under load one commit carries many.
 */

/** One statement at a time carries most; one that waits for somebody's lock must not hold up the rest. */
const LANES = 3;
const LATE_MS = 100;

/** Fewer than the 50 rows from which a change is told as "forget the table". */
const MOST = 32;

/** A database that takes nothing must not fill the memory: whoever comes then is refused at once, and sends again. */
const MOST_WAITING = 1_000;

type Batching<Item, Result> = {
  /** A key is once in a batch: two states of one object are not for one statement. */
  keyOf(item: Item): string;
  /** All of the batch or nothing of it. */
  run(batch: Item[]): Promise<(item: Item) => Result>;
  /** Whether it was an item that failed its batch: then each gets a statement of its own. */
  isItemError(error: unknown): boolean;
};

type Waiting<Item, Result> = {
  item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
};

/** What came with the same turn of the event loop goes along. */
const turn = () => new Promise(setImmediate);

/** Makes a function that runs one item, together with whatever else is there, and ends as that item ends. */
export function createBatcher<Item, Result>({ keyOf, run, isItemError }: Batching<Item, Result>) {
  let queue: Waiting<Item, Result>[] = [];
  let lanes = 0;
  let begunAt = 0;

  function take(): Waiting<Item, Result>[] {
    const batch = new Map<string, Waiting<Item, Result>>();
    queue = queue.filter((waiting) => {
      const key = keyOf(waiting.item);
      if (batch.size === MOST || batch.has(key)) return true;
      batch.set(key, waiting);
      return false;
    });
    return [...batch.values()];
  }

  async function settle(batch: Waiting<Item, Result>[]): Promise<void> {
    try {
      const resultOf = await run(batch.map(({ item }) => item));
      for (const { item, resolve } of batch) resolve(resultOf(item));
    } catch (error) {
      const isWorthParting = batch.length > 1 && isItemError(error);
      if (isWorthParting) await Promise.all(batch.map((waiting) => settle([waiting])));
      else for (const { reject } of batch) reject(error);
    }
  }

  async function work(): Promise<void> {
    const isLate = performance.now() - begunAt > LATE_MS;
    if (lanes > 0 && (lanes === LANES || !isLate)) return;
    lanes += 1;
    while (queue.length > 0) {
      begunAt = performance.now();
      await turn();
      // Another lane may have taken them meanwhile.
      const batch = take();
      if (batch.length > 0) await settle(batch);
    }
    lanes -= 1;
  }

  return (item: Item): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (queue.length === MOST_WAITING) throw new Error(`${MOST_WAITING} deliveries wait already`);
      queue.push({ item, resolve, reject });
      void work();
    });
}
