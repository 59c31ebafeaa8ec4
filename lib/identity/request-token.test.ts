import { beforeAll, describe, expect, test } from "vitest";
import { makeKeys, testEnvironment } from "@/dev/testing/environment";
import { signToken } from "@/dev/testing/sign";
import { tokenOf } from "./request-token";

const keys = makeKeys();
const own = signToken(keys.privateKey, {});
const foreign = signToken(keys.privateKey, { iss: "https://clerk.another-app.test" });

beforeAll(() => {
  Object.assign(process.env, testEnvironment(keys, "postgresql://127.0.0.1/none"));
});

const tokenIn = (cookie: string) => tokenOf(new Headers({ cookie }));

describe("the session cookie without a suffix, which all apps with Clerk on a host share", () => {
  test("is read when this Clerk instance issued it", () => {
    expect(tokenIn(`__session=${own}`)).toEqual({ token: own });
  });

  test("is missing for this app when another Clerk instance issued it", () => {
    expect(tokenIn(`__session=${foreign}`)).toEqual({ token: null, reason: "missing" });
  });

  test("is read when it is no token at all, so that the request is refused", () => {
    expect(tokenIn("__session=garbage")).toEqual({ token: "garbage" });
  });
});
