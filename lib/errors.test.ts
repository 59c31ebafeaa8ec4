import { afterEach, expect, test, vi } from "vitest";
import { describeError, runMain, UserError } from "./errors";

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

test("describeError returns only the message of a UserError", () => {
  expect(describeError(new UserError("Set PORT.", { cause: new Error("inner") }))).toBe(
    "Set PORT.",
  );
});

test("describeError returns only the message of any error whose name is UserError", () => {
  class Other extends Error {
    override name = "UserError";
  }
  expect(describeError(new Other("Set PORT."))).toBe("Set PORT.");
});

test("describeError returns the stack and the causes of an error that is no UserError, and none of its own properties", () => {
  const cause = Object.assign(new Error("duplicate key"), { detail: "Key (email)=(ada@x.test)" });
  const text = describeError(new Error("not stored", { cause }));
  expect(text).toMatch(/^Error: not stored\n {4}at .*\nCaused by: Error: duplicate key\n {4}at /s);
  expect(text).not.toContain("ada@x.test");
});

test("runMain prints the error of a failing main function and sets the exit code to 1", async () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await runMain(async () => {
    throw new UserError("Usage: x");
  });
  expect(write.mock.calls).toEqual([["Usage: x\n"]]);
  expect(process.exitCode).toBe(1);
});
