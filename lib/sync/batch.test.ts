import { expect, test } from "vitest";
import { inBatches } from "./batch";

/** A database whose statements end when they are told to. */
function ledger() {
  const statements: { batch: string[]; end(): void; fail(error: Error): void }[] = [];
  const run = inBatches({
    keyOf: (item: string) => item.split("@")[0] ?? item,
    run: (batch) =>
      new Promise<(item: string) => string>((resolve, reject) => {
        statements.push({ batch, end: () => resolve((item) => `${item} done`), fail: reject });
      }),
    isFaultOfItem: (error) => error instanceof RangeError,
  });
  return { run, statements, batches: () => statements.map(({ batch }) => batch) };
}

/** After whatever can go on without a statement has gone on. */
const settled = () => new Promise(setImmediate);

test("what comes while two statements are under way goes together in the next", async () => {
  const { run, statements, batches } = ledger();
  const results = ["a", "b", "c", "d", "e"].map(run);
  expect(batches()).toEqual([["a"], ["b"]]);
  statements[0]?.end();
  await settled();
  expect(batches()).toEqual([["a"], ["b"], ["c", "d", "e"]]);
  statements[2]?.end();
  statements[1]?.end();
  expect(await Promise.all(results)).toEqual(["a done", "b done", "c done", "d done", "e done"]);
});

test("two states of one object are never in one batch", async () => {
  const { run, statements, batches } = ledger();
  for (const item of ["a", "b", "c@1", "c@2", "d"]) void run(item);
  statements[0]?.end();
  await settled();
  statements[1]?.end();
  await settled();
  expect(batches().slice(2)).toEqual([["c@1", "d"], ["c@2"]]);
});

test("a batch has at most 32", async () => {
  const { run, statements, batches } = ledger();
  for (let index = 0; index < 40; index += 1) void run(`item ${index}`);
  statements[0]?.end();
  await settled();
  expect(batches()[2]).toHaveLength(32);
});

test("an item that fails its batch fails alone", async () => {
  const { run, statements, batches } = ledger();
  const results = ["a", "b", "c", "bad", "d"].map(run);
  statements[0]?.end();
  statements[1]?.end();
  await settled();
  statements[2]?.fail(new RangeError("one of them"));
  await settled();
  expect(batches().slice(3)).toEqual([["c"], ["bad"], ["d"]]);
  statements[3]?.end();
  statements[4]?.fail(new RangeError("this one"));
  statements[5]?.end();
  expect((await Promise.allSettled(results)).map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
  ]);
});

test("a failure of the database fails the batch, and is not asked for again", async () => {
  const { run, statements, batches } = ledger();
  const results = Promise.allSettled(["a", "b", "c", "d"].map(run));
  for (const index of [0, 1]) statements[index]?.end();
  await settled();
  statements[2]?.fail(new Error("away"));
  expect((await results).map(({ status }) => status)).toEqual([
    "fulfilled",
    "fulfilled",
    "rejected",
    "rejected",
  ]);
  expect(batches()).toHaveLength(3);
});

test("1,000 may wait, not one more", async () => {
  const { run } = ledger();
  for (let index = 0; index < 1_002; index += 1) void run(`item ${index}`);
  await expect(run("one more")).rejects.toThrow("1000 deliveries wait already");
});
