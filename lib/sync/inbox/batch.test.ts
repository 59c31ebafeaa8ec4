import { expect, test, vi } from "vitest";
import { createBatcher } from "./batch";

/** Creates a batcher with a stub of the database. Each statement stays pending until the test ends it or lets it fail. */
function ledger() {
  const statements: { batch: string[]; end(): void; fail(error: Error): void }[] = [];
  const run = createBatcher({
    name: "a batch",
    keyOf: (item: string) => item.split("@")[0] ?? item,
    run: (batch) =>
      new Promise<(item: string) => string>((resolve, reject) => {
        statements.push({ batch, end: () => resolve((item) => `${item} done`), fail: reject });
      }),
    isItemError: (error) => error instanceof RangeError,
  });
  return { run, statements, batches: () => statements.map(({ batch }) => batch) };
}

/** Waits until the batcher has started all statements that it can start before the test ends one. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
}

test("createBatcher puts items that arrive while a statement runs into one later statement", async () => {
  const { run, statements, batches } = ledger();
  const first = run("a");
  await settled();
  const results = [first, ...["b", "c", "d"].map(run)];
  expect(batches()).toEqual([["a"]]);
  statements[0]?.end();
  await settled();
  expect(batches()).toEqual([["a"], ["b", "c", "d"]]);
  statements[1]?.end();
  expect(await Promise.all(results)).toEqual(["a done", "b done", "c done", "d done"]);
});

test("createBatcher never puts two states of one object into one batch", async () => {
  const { run, statements, batches } = ledger();
  for (const item of ["c@1", "c@2", "d"]) void run(item);
  await settled();
  statements[0]?.end();
  await settled();
  expect(batches()).toEqual([["c@1", "d"], ["c@2"]]);
});

test("createBatcher puts at most 32 items into a batch", async () => {
  const { run, batches } = ledger();
  for (let index = 0; index < 40; index += 1) void run(`item ${index}`);
  await settled();
  expect(batches()[0]).toHaveLength(32);
});

test("createBatcher does not delay later items while a statement waits for a lock", async () => {
  const clock = vi.spyOn(performance, "now");
  clock.mockReturnValue(1_000);
  const { run, batches } = ledger();
  void run("locked");
  await settled();
  clock.mockReturnValue(1_050);
  void run("b");
  await settled();
  expect(batches()).toEqual([["locked"]]);
  clock.mockReturnValue(1_101);
  void run("c");
  await settled();
  expect(batches()).toEqual([["locked"], ["b", "c"]]);
  clock.mockRestore();
});

test("createBatcher starts a second statement for eight queued items, and no third one", async () => {
  const { run, statements, batches } = ledger();
  void run("first");
  await settled();
  for (let index = 1; index < 8; index += 1) void run(`item ${index}`);
  await settled();
  expect(batches()).toEqual([["first"]]);
  void run("item 8");
  await settled();
  expect(batches().map(({ length }) => length)).toEqual([1, 8]);
  for (let index = 0; index < 20; index += 1) void run(`more ${index}`);
  await settled();
  expect(statements).toHaveLength(2);
});

test("createBatcher rejects only the item that made its batch fail", async () => {
  const { run, statements, batches } = ledger();
  const results = ["c", "bad", "d"].map(run);
  await settled();
  statements[0]?.fail(new RangeError("one of them"));
  await settled();
  expect(batches().slice(1)).toEqual([["c"], ["bad"], ["d"]]);
  statements[1]?.end();
  statements[2]?.fail(new RangeError("this one"));
  statements[3]?.end();
  const statuses = (await Promise.allSettled(results)).map(({ status }) => status);
  expect(statuses).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("createBatcher rejects the whole batch after a database failure, without a retry", async () => {
  const { run, statements, batches } = ledger();
  const results = Promise.allSettled(["c", "d"].map(run));
  await settled();
  statements[0]?.fail(new Error("away"));
  expect((await results).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(batches()).toHaveLength(1);
});

test("createBatcher accepts 1,000 pending items, and rejects the next one", async () => {
  const { run } = ledger();
  for (let index = 0; index < 1_000; index += 1) void run(`item ${index}`);
  await expect(run("one more")).rejects.toThrow("1000 deliveries are pending already");
});
