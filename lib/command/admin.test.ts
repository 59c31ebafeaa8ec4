import { afterAll, beforeEach, expect, test } from "vitest";
import { answerJson, startBackendApi } from "@/dev/testing/backend-api";
import { userJson } from "@/dev/testing/clerk-payloads";
import { makeKeys, testEnvironment } from "@/dev/testing/environment";
import { setAdmin } from "./admin";

const api = await startBackendApi();
Object.assign(process.env, testEnvironment(makeKeys(), "postgresql://127.0.0.1/none"), {
  CLERK_API_URL: api.url,
});
afterAll(() => api.close());

let found: object[] = [];
beforeEach(() => {
  api.requests.length = 0;
  found = [userJson({ id: "user_1" })];
  api.intercept = (response) => {
    const isList = api.requests.at(-1) === "GET /v1/users";
    return answerJson(response, 200, isList ? found : userJson({ id: "user_1" }));
  };
});

test.each([
  ["grant", "is a platform admin"],
  ["revoke", "is no platform admin"],
])(
  "npm run admin %s with an e-mail address updates the metadata of that user",
  async (action, expected) => {
    expect(await setAdmin([action, "ada@example.com"])).toContain(`user_1 ${expected}`);
    expect(api.requests.at(-1)).toBe("PATCH /v1/users/user_1/metadata");
  },
);

test("npm run admin grant with a user id updates the user without a lookup at Clerk", async () => {
  await setAdmin(["grant", "user_1"]);
  expect(api.requests).toEqual(["PATCH /v1/users/user_1/metadata"]);
});

test.each([
  [["grant"], "Usage"],
  [["promote", "user_1"], "Usage"],
  [["grant", "user_1", "user_2"], "Usage"],
  [[], "Usage"],
])(
  "npm run admin with the arguments %j prints the usage and calls nothing at Clerk",
  async (words, expected) => {
    await expect(setAdmin(words)).rejects.toThrow(expected);
    expect(api.requests).toEqual([]);
  },
);

test("npm run admin refuses an e-mail address that belongs to no user or to several users, and changes nothing", async () => {
  found = [];
  await expect(setAdmin(["grant", "x@example.com"])).rejects.toThrow("has no user");
  found = [userJson({ id: "user_1" }), userJson({ id: "user_2" })];
  await expect(setAdmin(["grant", "x@example.com"])).rejects.toThrow("Several users");
  expect(api.requests.every((request) => request.startsWith("GET "))).toBe(true);
});
