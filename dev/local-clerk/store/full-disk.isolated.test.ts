// Tests a full disk. The disk can also become full in the middle of a line. A change that cannot be written is rolled back in
// memory and on disk, and the next start reads the earlier changes. Only `writeSync` of node:fs is stubbed.

import type * as fs from "node:fs";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder";
import { State } from "./state";

const disk = vi.hoisted(() => ({ left: Number.POSITIVE_INFINITY, atOnce: 1 << 30 }));

vi.mock("node:fs", async (original) => {
  const real = await original<typeof fs>();
  const writeSync = (file: number, bytes: Buffer, from = 0) => {
    const length = Math.min(bytes.length - from, disk.left, disk.atOnce);
    if (length === 0) throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
    disk.left -= length;
    return real.writeSync(file, bytes, from, length);
  };
  return { ...real, writeSync };
});

let folder: ReturnType<typeof temporaryFolder>;
let state: State;
const mail = (id: string) => ({ id, to: "a@b.c", subject: id, text: "", code: null, createdAt: 1 });
const subjects = (of: State) => [...of.mails.all()].map(({ subject }) => subject);
const journal = () => readFileSync(join(folder.path, "journal.ndjson"), "utf8");

beforeEach(() => {
  folder = temporaryFolder();
  state = new State(folder.path, 1);
  state.mails.make(mail("kept"));
});
afterEach(() => {
  Object.assign(disk, { left: Number.POSITIVE_INFINITY, atOnce: 1 << 30 });
  state.close();
  folder.remove();
});

test.each([0, 1, 20])(
  "with disk space for only %d bytes a write throws and changes nothing, and the next write succeeds",
  (left) => {
    const before = journal();
    for (const write of [
      () => state.mails.make(mail("lost")),
      () => state.mails.make({ ...mail("kept"), subject: "changed" }),
      () => state.mails.drop("kept"),
      () => state.change(() => state.mails.make(mail("lost"))),
    ]) {
      disk.left = left;
      expect(write).toThrow("ENOSPC");
      expect(subjects(state)).toEqual(["kept"]);
      expect(journal()).toBe(before);
    }
    disk.left = Number.POSITIVE_INFINITY;
    state.mails.make(mail("after"));
    expect(subjects(new State(folder.path, 1))).toEqual(["kept", "after"]);
  },
);

test("a journal line is complete even if writeSync writes it in several parts", () => {
  disk.atOnce = 7;
  state.mails.make(mail("in pieces"));
  expect(subjects(new State(folder.path, 1))).toEqual(["kept", "in pieces"]);
});

test("when compaction of the journal fails, the journal is unchanged and the draft file is deleted", () => {
  const before = journal();
  disk.left = 10;
  expect(() => new State(folder.path, 1)).toThrow("ENOSPC");
  expect(subjects(state)).toEqual(["kept"]);
  expect(journal()).toBe(before);
  expect(readdirSync(folder.path)).toEqual(["journal.ndjson"]);
});

test("a journal that has grown far beyond its records is compacted while the process runs", () => {
  for (let place = 0; place < 25_000; place += 1) state.mails.make(mail("same"));
  expect(journal().trim().split("\n").length).toBeLessThan(20_000);
  expect(subjects(new State(folder.path, 1))).toEqual(["kept", "same"]);
});
