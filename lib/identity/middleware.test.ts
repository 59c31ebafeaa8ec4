/** Tests that the middleware and the API accept the same tokens. */
import { NextFetchEvent } from "next/dist/server/web/spec-extension/fetch-event";
import { NextRequest } from "next/server";
import { beforeAll, expect, test } from "vitest";
import { APP_URL, makeKeys, testEnvironment } from "@/dev/testing/environment";
import { signToken } from "@/dev/testing/sign";
import { verifySessionToken } from "./session-token";

const keys = makeKeys();
beforeAll(() => {
  Object.assign(process.env, testEnvironment(keys, "postgresql://127.0.0.1/none"));
});

/** Resolves to the path to which the middleware redirects a page request with this token; to null without a redirect. */
async function redirectOf(token: string): Promise<string | null> {
  const { default: middleware } = await import("@/middleware");
  const headers = { authorization: `Bearer ${token}`, accept: "text/html" };
  const request = new NextRequest(`${APP_URL}/home`, { headers });
  const response = await middleware(
    request,
    new NextFetchEvent({ request, page: "/home", context: undefined }),
  );
  return response?.headers.get("location") ?? null;
}

test.each<[string, Record<string, unknown>, boolean]>([
  ["for this app", {}, true],
  ["without azp, as a native app's", { azp: undefined }, true],
  ["of another origin", { azp: "https://evil.test" }, false],
  ["of a pending session", { sts: "pending" }, false],
])(
  "the middleware and the API either both accept or both refuse a token %s",
  async (_name, claims, isGood) => {
    const token = signToken(keys.privateKey, claims);
    expect((await verifySessionToken(token)).ok).toBe(isGood);
    const location = await redirectOf(token);
    if (isGood) expect(location).toBeNull();
    else expect(location).toContain("/sign-in?redirect_url=%2Fhome");
  },
);
