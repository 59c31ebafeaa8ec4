// Tests the account page: other sessions end, the user's data is downloaded after a reverification, and the account is deleted.

import { readFileSync } from "node:fs";
import { z } from "zod";
import { backend, clerk, expect, PASSWORD, signInByLink, test } from "./fixtures";

const minutes = 60_000;

test("a user ends the session on another device from the account page, and that device loses access", async ({
  page,
  signedIn,
  openBrowser,
  sql,
}) => {
  const person = await signedIn("Ada");
  const other = await openBrowser();
  await signInByLink(other, person.id);
  const open = () =>
    sql("SELECT id FROM sessions WHERE user_id = $1 AND status = 'active'", [person.id]);
  await expect.poll(async () => (await open()).length).toBe(2);
  await page.goto("/account/sessions");
  await expect(page.getByText("This device")).toHaveCount(1);
  await expect(page.getByText(/^Chrome \d+ on \w+$/)).toHaveCount(2);
  await page.getByRole("button", { name: "End session" }).click();
  await expect(page.getByRole("status").filter({ hasText: "Session ended." })).toBeVisible();
  await expect(page.getByRole("button", { name: "End session" })).toHaveCount(0);
  await expect.poll(async () => (await open()).length).toBe(1);
  await expect(async () => {
    await other.goto("/home");
    await expect(other).toHaveURL(/sign-in/, { timeout: 2_000 });
  }).toPass();
});

test.describe("with reverification", () => {
  test.use({ settings: { needsReverification: true } });

  test("the user's data can be downloaded after a reverification", async ({ page, signedIn }) => {
    const person = await signedIn("Ada", "/account/privacy");
    const sessionId = z.string().parse(await page.evaluate("window.Clerk.session.id"));
    await clerk.sessions.age(sessionId, 11 * minutes);
    await page.reload();
    const button = page.getByRole("button", { name: "Download my data" });
    const dialog = page.getByRole("dialog");
    await button.click();
    await expect(dialog.getByText(/verification required/i)).toBeVisible();
    await dialog.getByRole("button", { name: /close/i }).click();
    await expect(page.getByRole("status").filter({ hasText: "The download" })).toHaveCount(0);

    await button.click();
    const downloading = page.waitForEvent("download");
    await dialog.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await dialog.getByRole("button", { name: "Continue", exact: true }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^rollcall-data-\d{4}-\d\d-\d\d\.zip$/);
    const bytes = readFileSync(await download.path());
    expect(bytes.includes("data/users.json")).toBe(true);
    expect(bytes.includes("index.html")).toBe(true);
    await expect(page.getByRole("status").filter({ hasText: "has started" })).toBeVisible();
    await expect(page).toHaveURL(/account\/privacy$/);
    expect(person.email).toContain("@");
  });
});

test("deleting the account needs a typed phrase, deletes the user at Clerk, and ends on the page that confirms it", async ({
  page,
  signedIn,
  sql,
}) => {
  const person = await signedIn("Ada", "/account/privacy");
  const field = page.getByLabel("Type “Delete account” to confirm");
  await field.fill("yes");
  await field.press("Enter");
  await expect(
    page.getByRole("alert").filter({ hasText: "without the quotation marks" }),
  ).toBeVisible();
  await field.fill("delete account");
  await field.press("Enter");
  await page.waitForURL((url) => url.pathname === "/account-deleted");
  await expect(backend.users.getUser(person.id)).rejects.toThrow();
  const isDeleted = () => sql("SELECT id FROM users WHERE id = $1 AND deleted", [person.id]);
  await expect.poll(async () => (await isDeleted()).length).toBe(1);
  await page.goto("/home");
  await expect(page).toHaveURL(/sign-in/);
});

test("the landing page's HTML contains “Open Rollcall” for a signed-in user, and “Create an account” for a guest", async ({
  page,
  signedIn,
  request,
}) => {
  await signedIn("Ada");
  const own = await (await page.request.get("/")).text();
  expect(own).toContain("Open Rollcall");
  expect(own).not.toContain("Create an account");
  const guests = await (await request.get("/")).text();
  expect(guests).toContain("Create an account");
  expect(guests).not.toContain("Open Rollcall");
});
