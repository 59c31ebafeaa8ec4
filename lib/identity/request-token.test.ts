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
  test("the unsuffixed session cookie is read when this Clerk instance issued its token", () => {
    expect(tokenIn(`__session=${own}`)).toEqual({ token: own });
  });

  test("the unsuffixed session cookie is ignored when another Clerk instance issued its token", () => {
    expect(tokenIn(`__session=${foreign}`)).toEqual({ token: null, reason: "missing" });
  });

  test("an unsuffixed session cookie that is no JWT is returned as the token, so that the request is refused", () => {
    expect(tokenIn("__session=garbage")).toEqual({ token: "garbage" });
  });
});
