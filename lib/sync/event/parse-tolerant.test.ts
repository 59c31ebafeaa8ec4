import { describe, expect, test } from "vitest";
import { userJson } from "@/dev/testing/clerk-payloads";
import { clerkPaymentAttempt } from "./billing";
import { clerkMembership, clerkUser } from "./event";
import { parseTolerant } from "./parse-tolerant";

const user = userJson({ id: "user_1" });
const [old, primary] = user.email_addresses;

describe("an optional attribute that cannot be read becomes null, and its path is reported", () => {
  test.each<[string, object, object, string[]]>([
    [
      "Go's zero time",
      { last_sign_in_at: -62135596800000 },
      { last_sign_in_at: null },
      ["last_sign_in_at"],
    ],
    [
      "metadata that is a list",
      { public_metadata: [] },
      { public_metadata: null },
      ["public_metadata"],
    ],
    ["a boolean as text", { banned: "false" }, { banned: null }, ["banned"]],
    ["a number for a name", { username: 12345 }, { username: null }, ["username"]],
    [
      "several at once",
      { banned: 1, locked: 0, first_name: {} },
      { first_name: null },
      ["banned", "locked", "first_name"],
    ],
    [
      "no list of addresses",
      { email_addresses: "none" },
      { email_addresses: null },
      ["email_addresses"],
    ],
  ])(
    "parseTolerant with %s sets the attribute to null and reports its path",
    (_name, fields, expected, unread) => {
      const parsed = parseTolerant(clerkUser, { ...user, ...fields });
      expect(parsed.data).toMatchObject({ id: "user_1", last_name: "Lovelace", ...expected });
      expect(parsed.unread.toSorted()).toEqual(unread.toSorted());
    },
  );

  test("parseTolerant leaves out unreadable elements of the list of addresses, and keeps the other addresses", () => {
    const parsed = parseTolerant(clerkUser, {
      ...user,
      email_addresses: [null, old, 7, primary, null],
    });
    expect(parsed.data?.email_addresses).toEqual([old, primary]);
    expect(parsed.unread).toEqual(["email_addresses.4", "email_addresses.2", "email_addresses.0"]);
  });

  test("parseTolerant sets a nested object to null when its required attribute cannot be read", () => {
    const parsed = parseTolerant(clerkPaymentAttempt, {
      id: "pay_1",
      failed_reason: { code: null },
    });
    expect(parsed.data).toMatchObject({ id: "pay_1", failed_reason: null });
    expect(parsed.unread).toEqual(["failed_reason.code"]);
  });
});

test("parseTolerant reads times in ISO 8601 format", () => {
  const times = {
    last_sign_in_at: "2026-11-01T12:00:00Z",
    updated_at: "2026-11-01T12:00:00.5+01:00",
  };
  expect(parseTolerant(clerkUser, { ...user, ...times })).toMatchObject({
    data: { last_sign_in_at: 1_793_534_400_000, updated_at: 1_793_530_800_500 },
    unread: [],
  });
});

test.each<[string, object, string]>([
  ["id", { id: 7 }, "id"],
  ["version stamp", { updated_at: "soon" }, "updated_at"],
  ["version stamp before 1970", { updated_at: -1 }, "updated_at"],
])(
  "parseTolerant refuses an object whose %s cannot be read, and reports the path",
  (_name, fields, path) => {
    expect(parseTolerant(clerkUser, { ...user, ...fields })).toEqual({
      data: null,
      unread: [path],
    });
  },
);

test("parseTolerant refuses an object without an attribute that its row requires", () => {
  const membership = {
    id: "orgmem_1",
    role: 5,
    organization: { id: null },
    public_user_data: { user_id: "user_1" },
  };
  expect(parseTolerant(clerkMembership, membership)).toEqual({
    data: null,
    unread: ["role", "organization.id", "organization"],
  });
  expect(parseTolerant(clerkUser, null)).toEqual({ data: null, unread: [""] });
});
