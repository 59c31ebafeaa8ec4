import { expect, test } from "vitest";
import { type CodeVerification, decideCodeAttempt } from "./code-attempt";

const now = 1_000;
const sent: CodeVerification = {
  status: "unverified",
  attempts: 0,
  expireAt: now + 1,
  code: "424242",
};

function attempt(verification: CodeVerification | null, given: string, maxAttempts = 3) {
  const { patch, refusal } = decideCodeAttempt(verification, given, { now, maxAttempts });
  return { patch, code: refusal?.errors[0]?.code ?? null };
}

test.each(["424242", " 424242\n"])(
  "the right code %j is accepted, and the stored code is erased",
  (given) => {
    const patch = { status: "verified", attempts: 1, code: null };
    expect(attempt(sent, given)).toEqual({ patch, code: null });
  },
);

test.each(["424243", "42424", "4242421", "", " "])(
  "a wrong code %j is refused and counts as an attempt",
  (given) => {
    const patch = { status: "unverified", attempts: 1, code: "424242" };
    expect(attempt(sent, given)).toEqual({ patch, code: "form_code_incorrect" });
  },
);

test("the last allowed attempt fails the verification and erases the code", () => {
  const patch = { status: "failed", attempts: 3, code: null };
  expect(attempt({ ...sent, attempts: 2 }, "000000")).toEqual({
    patch,
    code: "verification_failed",
  });
});

test("the right code is accepted even at the last allowed attempt", () => {
  const patch = { status: "verified", attempts: 3, code: null };
  expect(attempt({ ...sent, attempts: 2 }, "424242")).toEqual({ patch, code: null });
});

test("after its expiry time even the right code is refused as expired", () => {
  const patch = { status: "expired", attempts: 1, code: null };
  expect(attempt({ ...sent, attempts: 1, expireAt: now }, "424242")).toEqual({
    patch,
    code: "verification_expired",
  });
});

test.each([
  ["verified", "verification_already_verified"],
  ["failed", "verification_failed"],
] as const)("an attempt at a verification that is already %s is refused", (status, code) => {
  expect(attempt({ ...sent, status }, "424242")).toEqual({ patch: null, code });
});

test("an attempt before a code was sent is refused as missing", () => {
  expect(attempt(null, "424242")).toEqual({ patch: null, code: "verification_missing" });
});

test("a verification that stores no code accepts no code, not even an empty one", () => {
  expect(attempt({ ...sent, code: null }, "").code).toBe("form_code_incorrect");
});
