import { expect, test } from "vitest";
import { parseObjectParameters } from "./as-of-parameter";

const parse = (given: unknown) => parseObjectParameters(Promise.resolve(given));

test("?asOf= accepts a time with a zone, and a datetime-local value without a zone, which is read as UTC", async () => {
  expect((await parse({ asOf: "2026-11-24T15:03:00+01:00" })).asOf).toBe(
    "2026-11-24T14:03:00.000Z",
  );
  expect((await parse({ asOf: "2026-11-24T14:03" })).asOf).toBe("2026-11-24T14:03:00.000Z");
});

test.each([["last Tuesday"], [["2026-11-24T14:03", "x"]], ["2026-99-99T14:03"], [""], [{}]])(
  "an invalid ?asOf= is ignored: %s",
  async (asOf) => {
    expect((await parse({ asOf, tab: "timeline" })).asOf).toBeUndefined();
  },
);
