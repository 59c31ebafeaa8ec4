import { expect, test } from "vitest";
import { authDestination } from "./auth-destination";

const origin = "https://rollcall.test";
const asked = (searchParams: Record<string, unknown>, headers: Record<string, string> = {}) =>
  authDestination({
    searchParams,
    headers: new Headers(headers),
    origin,
    path: "/sign-in",
    sisterPath: "/sign-up",
  });

test("whoever is signed in is led on to where they wanted to go, home without a wish", () => {
  expect(asked({})).toEqual({ after: "/home", sister: "/sign-up", whenSignedIn: "/home" });
  expect(asked({ redirect_url: "/admin" })).toEqual({
    after: "/admin",
    sister: "/sign-up?redirect_url=%2Fadmin",
    whenSignedIn: "/admin",
  });
  expect(asked({ redirect_url: "https://evil.test/" }).whenSignedIn).toBe("/");
  expect(asked({ sign_in_force_redirect_url: `${origin}/account` }).after).toBe("/account");
});

test("a form is wanted by who adds an account, and by who brings a ticket", () => {
  expect(asked({ account: "another" })).toMatchObject({
    sister: "/sign-up?account=another",
    whenSignedIn: null,
  });
  expect(asked({ __clerk_ticket: "t" }).whenSignedIn).toBeNull();
  expect(asked({ account: "mine" }).whenSignedIn).toBe("/home");
});

test("whom a further step of the form sends back adds an account; nobody else's page can say so", () => {
  const another = "/sign-in?account=another";
  expect(asked({}, { referer: `${origin}/sign-in/choose` }).whenSignedIn).toBe(another);
  expect(asked({}, { referer: `${origin}/sign-up/sso-callback?x=1` }).whenSignedIn).toBe(another);
  for (const elsewhere of [
    `${origin}/sign-in`,
    `${origin}/sign-in-help/x`,
    `${origin}/home`,
    "https://evil.test/sign-in/choose",
    "nonsense",
  ]) {
    expect(asked({}, { referer: elsewhere }).whenSignedIn).toBe("/home");
  }
});

test("nobody is led away from a form that has just signed them in", () => {
  const headers = { referer: `${origin}/sign-in/factor-one`, "next-action": "7f00" };
  expect(asked({}, headers).whenSignedIn).toBeNull();
});
