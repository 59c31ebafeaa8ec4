import { expect, test } from "vitest";
import { changedFields, compareVersions, shownState } from "./version-diff";

test("shownState returns times as ISO text, and neither private metadata nor the version columns", () => {
  const state = {
    id: "user_1",
    version: 5,
    email: "a@b.test",
    created_at: 0,
    private_metadata: { x: 1 },
  };
  const shown = shownState("users", state);
  expect(shown).toMatchObject({ email: "a@b.test", created_at: "1970-01-01T00:00:00.000Z" });
  expect(Object.keys(shown ?? {})).not.toContain("private_metadata");
  expect(Object.keys(shown ?? {})).not.toContain("version");
  expect(shownState("users", null)).toBeNull();
});

test("changedFields compares JSON by value and leaves out updated_at", () => {
  const before = { updated_at: "1", role: "org:member", meta: { a: 1, b: [1, 2] } };
  const after = { updated_at: "2", role: "org:admin", meta: { b: [1, 2], a: 1 } };
  expect(changedFields(before, after)).toEqual([
    { field: "role", before: "org:member", after: "org:admin" },
  ]);
  expect(changedFields({ meta: [1, 2] }, { meta: [2, 1] })).toHaveLength(1);
  expect(changedFields({ meta: { a: null } }, { meta: { b: null } })).toHaveLength(1);
});

test("changedFields returns every field that has a value for a first version, and the same fields with the new value null for a tombstone", () => {
  expect(changedFields(null, { email: "a", phone: null })).toEqual([
    { field: "email", before: null, after: "a" },
  ]);
  expect(changedFields({ email: "a" }, null)).toEqual([
    { field: "email", before: "a", after: null },
  ]);
});

test("compareVersions orders equal timestamps by the bytes of the svix id", () => {
  const base = { deleted: false, version: 1n, eventTimestamp: 1n, svixId: "a", runId: 0n };
  const sorted = [{ ...base, svixId: "~" }, { ...base, svixId: "Z" }, base].toSorted(
    compareVersions,
  );
  expect(sorted.map(({ svixId }) => svixId)).toEqual(["Z", "a", "~"]);
  expect(compareVersions({ ...base, deleted: true, version: 0n }, base)).toBe(1);
});
