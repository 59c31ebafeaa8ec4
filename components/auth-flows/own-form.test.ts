import { expect, test } from "vitest";
import { ownForm } from "./own-form";

const origin = "https://rollcall.test";
const form = (searchParams: Record<string, unknown>, purpose: "signUp" | "signIn" = "signIn") =>
  ownForm({ purpose, searchParams, headers: new Headers(), origin });

test("the URLs of the other form, of the mailed link and of a provider's return contain the requested page", () => {
  expect(form({ redirect_url: "/wishlist?intent=1" })).toEqual({
    signedInPath: "/wishlist?intent=1",
    linkStatus: undefined,
    linkPath: "/enter?redirect_url=%2Fwishlist%3Fintent%3D1",
    form: {
      afterPath: "/wishlist?intent=1",
      otherFormPath: "/join?redirect_url=%2Fwishlist%3Fintent%3D1",
      returnPath: "/enter?redirect_url=%2Fwishlist%3Fintent%3D1&sso=return",
      clerkFormPath: "/sign-in?redirect_url=%2Fwishlist%3Fintent%3D1",
      isReturning: false,
      ticket: null,
    },
  });
  expect(form({}, "signUp").form).toMatchObject({ afterPath: "/home", otherFormPath: "/enter" });
});

test("a destination on another origin is replaced by the landing page", () => {
  for (const redirect_url of ["https://evil.test/", "//evil.test", "javascript:alert(1)"]) {
    expect(form({ redirect_url }).form.afterPath).toBe("/");
  }
});

test("a tab opened by a mailed link and a return from a provider are recognised; a repeated parameter is ignored", () => {
  expect(form({ __clerk_status: "expired" })).toMatchObject({
    linkStatus: "expired",
    signedInPath: null,
  });
  expect(form({ sso: "return" }).form.isReturning).toBe(true);
  expect(form({ sso: ["return"], __clerk_status: ["verified"] })).toMatchObject({
    linkStatus: undefined,
    form: { isReturning: false },
  });
});

test("a ticket is passed to the form, and its status is not taken for the result of a mailed link", () => {
  const opened = form({ __clerk_ticket: "tkt_1", __clerk_status: "sign_in" });
  expect(opened).toMatchObject({ linkStatus: undefined, form: { ticket: "tkt_1" } });
  // A signed-in person stays on the form: the ticket may be for another account.
  expect(opened.signedInPath).toBeNull();
});
