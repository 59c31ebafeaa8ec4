// The user's profile in Clerk's own component: names, picture, addresses, numbers, connected accounts, password, deletion.

import type { Locator, Page } from "@playwright/test";
import { z } from "zod";
import {
  backend,
  chooseInMenu,
  clerk,
  expect,
  mailedCode,
  newEmail,
  newPerson,
  PASSWORD,
  picture,
  signIn,
  signInByLink,
  test,
  typeCode,
  wrongCode,
} from "../fixtures";

const minutes = 60_000;

/** Opens the menu of a row and clicks an item. */
function choose(page: Page, row: Locator, item: string, effect?: Locator) {
  const choice = page.getByRole("menuitem", { name: item });
  return chooseInMenu(row.getByLabel("Open menu"), choice, effect);
}

/** Removes a row through the row's menu. Retries the whole sequence, because a redraw closes the menu and the confirmation. */
async function remove(page: Page, row: Locator, item: string) {
  const confirm = page.getByRole("button", { name: "Remove", exact: true });
  await expect(async () => {
    await choose(page, row, item, confirm);
    await confirm.click({ timeout: 5_000 });
  }).toPass();
}

test("a user changes names, picture, address and password, signs out a device, and deletes the account", async ({
  page,
  openBrowser,
  signedIn,
}) => {
  test.slow(); // One test covers all fields of the profile.
  const { id, email } = await signedIn("Pia", "/account");
  await page.getByRole("button", { name: "Update profile" }).click();
  const upload = page.locator('input[type="file"]');
  await upload.setInputFiles(picture);
  await expect.poll(async () => (await backend.users.getUser(id)).hasImage).toBe(true);
  // The upload has closed the form, so the test opens it again.
  await page.getByRole("button", { name: "Update profile" }).click();
  await page.getByLabel("First name").fill("Petra");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Petra Amsel").first()).toBeVisible();

  const second = newEmail();
  await page.getByRole("button", { name: "Add email address" }).click();
  await page.getByLabel("Email address").fill(second);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await typeCode(page, await mailedCode(second));
  await expect(page.getByText(second).first()).toBeVisible();
  await expect
    .poll(async () => (await backend.users.getUser(id)).emailAddresses.at(1)?.verification?.status)
    .toBe("verified");
  const row = (text: string) =>
    page.locator(".cl-profileSectionItem__emailAddresses").filter({ hasText: text });
  await choose(page, row(second), "Set as primary");
  await expect(row(second).getByText("Primary")).toBeVisible();
  await remove(page, row(email), "Remove email");
  await expect(row(email)).toHaveCount(0);
  const addresses = (await backend.users.getUser(id)).emailAddresses;
  expect(addresses.map(({ emailAddress }) => emailAddress)).toEqual([second]);

  await page.goto("/account/security");
  await page.getByRole("button", { name: "Update password" }).click();
  const fresh = "another-Harbour-52";
  await page.getByRole("textbox", { name: "Current password" }).fill(PASSWORD);
  await page.getByRole("textbox", { name: "New password" }).fill(fresh);
  await page.getByRole("textbox", { name: "Confirm password" }).fill(fresh);
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("textbox", { name: "New password" })).toHaveCount(0);
  const guest = await openBrowser();
  await signIn(guest, second, "/home", fresh);
  await page.reload();
  await choose(page, page.locator(".cl-activeDeviceListItem"), "Sign out of device");
  const devices = async () => (await clerk.overview()).sessions.filter((s) => s.userId === id);
  await expect.poll(async () => (await devices()).length).toBe(1);

  await page.getByRole("button", { name: "Delete account" }).click();
  await page.getByLabel(/delete account/i).fill("Delete account");
  await page.getByRole("button", { name: "Delete account" }).last().click();
  await page.waitForURL((url) => url.pathname === "/account-deleted");
  await expect(page.getByRole("heading", { name: "Your account has been deleted" })).toBeVisible();
  await expect.poll(() => backend.users.getCount({ emailAddress: [second] })).toBe(0);
  await page.goto("/home");
  await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
});

test.describe("with phone numbers", () => {
  test.use({ settings: { phone: "optional" } });

  test("a user adds phone numbers with their codes, makes one primary and removes another; a taken number is refused", async ({
    page,
    signedIn,
  }) => {
    const { id } = await signedIn("Jo", "/account");
    const start = 2_025_550_000 + Math.floor(Math.random() * 2_499) * 2;
    const locals = [start, start + 1].map(String);
    const row = (local = "") =>
      page.locator(".cl-profileSectionItem__phoneNumbers").filter({ hasText: local.slice(-4) });
    const [first, second] = locals;
    const taken = `202555${Math.floor(5_000 + Math.random() * 4_999)}`;
    await backend.users.createUser({ phoneNumber: [`+1${taken}`], skipPasswordRequirement: true });
    for (const local of [taken, ...locals]) {
      if (local !== first) await page.getByRole("button", { name: "Add phone number" }).click();
      await page.getByLabel("Phone number").fill(local);
      await page.getByRole("button", { name: "Add", exact: true }).click();
      if (local === taken) {
        await expect(page.getByText(/phone number is taken/).first()).toBeVisible();
        continue;
      }
      const code = await mailedCode(`+1${local}`);
      await typeCode(page, wrongCode(code));
      await expect(page.getByText(/incorrect/i).first()).toBeVisible();
      await typeCode(page, code);
      await expect(row(local)).toBeVisible();
    }
    await expect(row(first).getByText("Primary")).toBeVisible();
    await choose(page, row(second), "Set as primary");
    await expect(row(second).getByText("Primary")).toBeVisible();
    await remove(page, row(first), "Remove phone number");
    await expect(row(first)).toHaveCount(0);
    const { phoneNumbers, primaryPhoneNumberId } = await backend.users.getUser(id);
    expect(phoneNumbers).toMatchObject([{ id: primaryPhoneNumberId, phoneNumber: `+1${second}` }]);
  });
});

test.describe("with Google and Apple sign-in", () => {
  test.use({ settings: { hasSocial: true } });

  test("a user connects and removes a Google account; a denied request or another user's account connects nothing", async ({
    page,
  }) => {
    const [{ id }, other] = [await newPerson("Jo"), await newPerson("Gerda")];
    await signInByLink(page, id, "/account");
    const googleEmail = newEmail();
    const connect = async (provider: string) => {
      const menu = page.getByRole("button", { name: "Connect account" });
      await chooseInMenu(menu, page.getByRole("menuitem", { name: provider }));
      await expect(page.getByRole("heading", { name: /played by/ })).toBeVisible();
    };
    await connect("Google");
    await page.getByLabel("Email").fill(googleEmail);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    const account = page.locator(".cl-profileSectionItem__connectedAccounts");
    await expect(account).toContainText(googleEmail);
    await connect("Apple");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByText(/did not grant access/i)).toBeVisible();
    await connect("Apple");
    await page.getByLabel("Email").fill(other.email);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(page.getByText(/already claimed by another user/i)).toBeVisible();
    const connected = async () =>
      (await backend.users.getUser(id)).externalAccounts
        .filter(({ verification }) => verification?.status === "verified")
        .map(({ provider }) => provider);
    expect(await connected()).toEqual(["oauth_google"]);
    await remove(page, account.filter({ hasText: googleEmail }), "Remove");
    await expect.poll(connected).toEqual([]);
    // The user has no other identification than the address now, so Clerk refuses to remove it.
    await remove(page, page.locator(".cl-profileSectionItem__emailAddresses"), "Remove email");
    await expect(page.getByText(/cannot delete your last identification/i)).toBeVisible();
  });
});

test.describe("with reverification", () => {
  test.use({ settings: { needsReverification: true } });

  test("eleven minutes after the last verification, adding an address requires the password again", async ({
    page,
    signedIn,
  }) => {
    const { id } = await signedIn("Rut", "/account");
    const sessionId = z.string().parse(await page.evaluate("window.Clerk.session.id"));
    await clerk.sessions.age(sessionId, 11 * minutes);
    const second = newEmail();
    await page.getByRole("button", { name: "Add email address" }).click();
    await page.getByLabel("Email address").fill(second);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    const dialog = page.getByRole("dialog");
    await expect(dialog.getByText(/verification required/i)).toBeVisible();
    expect((await backend.users.getUser(id)).emailAddresses).toHaveLength(1);
    const password = dialog.getByRole("textbox", { name: "Password" });
    await password.fill("not-the-password");
    await dialog.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(dialog.getByText(/password is incorrect/i).first()).toBeVisible();
    await password.fill(PASSWORD);
    await dialog.getByRole("button", { name: "Continue", exact: true }).click();
    await typeCode(page, await mailedCode(second));
    await expect.poll(async () => (await backend.users.getUser(id)).emailAddresses.length).toBe(2);
  });
});
