// Tests sessions that are revoked or expire while a page is open, and sessions that survive the loss of a cookie.

import { z } from "zod";
import {
  chooseInMenu,
  clerk,
  enterPassword,
  expect,
  newPerson,
  PASSWORD,
  signInByLink,
  test,
} from "../fixtures";

test("a page whose session is revoked from another browser is redirected to sign-in", async ({
  page,
  openBrowser,
}) => {
  const { id } = await newPerson("Rut");
  const guest = await openBrowser();
  await signInByLink(guest, id);
  await signInByLink(page, id, "/account/security");
  await chooseInMenu(
    page.locator(".cl-activeDeviceListItem").getByLabel("Open menu"),
    page.getByRole("menuitem", { name: "Sign out of device" }),
  );
  await guest.waitForURL((url) => url.pathname === "/sign-in");
  await page.reload();
  await expect(page.getByRole("button", { name: "Update password" })).toBeVisible();
});

test("a user whose session has expired is redirected to sign-in and can sign in again", async ({
  page,
  signedIn,
}) => {
  const { email, name } = await signedIn("Rut");
  await clerk.sessions.expire(z.string().parse(await page.evaluate("window.Clerk.session.id")));
  await page.evaluate("window.Clerk.session.getToken({ skipCache: true }).catch(() => null)");
  await page.waitForURL((url) => url.pathname === "/sign-in");
  await enterPassword(page, email, PASSWORD);
  await expect(page.getByRole("main")).toContainText(name);
});

test("the handshake does not restore a revoked session", async ({ page, signedIn }) => {
  await signedIn("Rut");
  const sessionId = z.string().parse(await page.evaluate("window.Clerk.session.id"));
  await page.goto("about:blank");
  await page.context().clearCookies({ name: /^__session/ });
  await clerk.sessions.revoke(sessionId);
  await page.goto("/home");
  await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
  await expect(page.getByLabel("Email address")).toBeVisible();
});

test("the handshake restores the __client_uat cookie after it is lost", async ({
  page,
  signedIn,
}) => {
  const { name } = await signedIn("Rut");
  await page.goto("about:blank");
  const context = page.context();
  const uats = async () =>
    (await context.cookies()).filter((cookie) => /^__client_uat/.test(cookie.name)).length;
  const before = await uats();
  await context.clearCookies({ name: /^__client_uat/ });
  await page.goto("/home?from=a-bookmark");
  await expect(page.getByRole("main")).toContainText(name);
  await expect(page).toHaveURL((url) => url.pathname + url.search === "/home?from=a-bookmark");
  expect(await uats()).toBe(before);
});
