import { expect, test } from "vitest";
import { readErasureMutants, readSource } from "./mutants";
import { plant } from "./plant";

test("every planted fault of an erasure names its tests, and its lines occur exactly once", () => {
  const mutants = readErasureMutants();
  expect(mutants.length).toBeGreaterThan(50);
  for (const { name, tests, files, functions, statements } of mutants) {
    expect(tests, name).not.toEqual([]);
    for (const test of tests) expect(readSource(test), name).toContain("test(");
    for (const edit of files) expect(plant(readSource(edit.target), edit), name).not.toBe("");
    expect(files.length + functions.length + statements.length, name).toBeGreaterThan(0);
  }
});
