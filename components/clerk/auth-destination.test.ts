import { expect, test } from "vitest";
import { authDestination } from "./auth-destination";

const origin = "https://rollcall.test";
const destination = (searchParams: Record<string, unknown>, headers: Record<string, string> = {}) =>
  authDestination({
    searchParams,
    headers: new Headers(headers),
    origin,
    formPath: "/sign-in",
    otherForm: "/sign-up",
  });

test("a viewer who is already signed in is redirected to the requested page on this origin, or home", () => {
  expect(destination({})).toEqual({
    afterPath: "/home",
    otherFormPath: "/sign-up",
    signedInPath: "/home",
  });
  expect(destination({ redirect_url: "/admin" })).toEqual({
    afterPath: "/admin",
    otherFormPath: "/sign-up?redirect_url=%2Fadmin",
    signedInPath: "/admin",
  });
  expect(destination({ redirect_url: "https://evil.test/" }).signedInPath).toBe("/");
  expect(destination({ sign_in_force_redirect_url: `${origin}/account` }).afterPath).toBe(
    "/account",
  );
});

test("a signed-in viewer stays on the form to add an account or to use a sign-in link", () => {
  expect(destination({ account: "another" })).toMatchObject({
    otherFormPath: "/sign-up?account=another",
    signedInPath: null,
  });
  expect(destination({ __clerk_ticket: "t" }).signedInPath).toBeNull();
  expect(destination({ account: "mine" }).signedInPath).toBe("/home");
});

test("the link of an invitation leads to the page that welcomes the new member, unless the URL requests another page", () => {
  const claims = { st: "organization_invitation", sid: "orginv_1", oid: "org_1" };
  const __clerk_ticket = `e30.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.x`;
  expect(destination({ __clerk_ticket })).toEqual({
    afterPath: "/home?joined=org_1",
    otherFormPath: "/sign-up",
    signedInPath: null,
  });
  expect(destination({ __clerk_ticket, redirect_url: "/wishlist" }).afterPath).toBe("/wishlist");
});

test("a signed-in viewer who comes from a later step of a form may add an account; other referers redirect", () => {
  const another = "/sign-in?account=another";
  expect(destination({}, { referer: `${origin}/sign-in/choose` }).signedInPath).toBe(another);
  expect(destination({}, { referer: `${origin}/sign-up/sso-callback?x=1` }).signedInPath).toBe(
    another,
  );
  for (const elsewhere of [
    `${origin}/sign-in`,
    `${origin}/sign-in-help/x`,
    `${origin}/home`,
    "https://evil.test/sign-in/choose",
    "nonsense",
  ]) {
    expect(destination({}, { referer: elsewhere }).signedInPath).toBe("/home");
  }
});

test("when Clerk's form refreshes its own page after signing in, the page does not redirect", () => {
  const headers = { referer: `${origin}/sign-in/factor-one`, "next-action": "7f00" };
  expect(destination({}, headers).signedInPath).toBeNull();
});
