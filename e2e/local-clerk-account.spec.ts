// What people do with their account through Clerk's own profile: names, pictures, addresses, several accounts in
// one browser, and being asked again who they are.

import type { Locator, Page } from "@playwright/test";
import { z } from "zod";
import {
  backend,
  clerk,
  enterPassword,
  expect,
  mailedCode,
  newEmail,
  newPerson,
  PASSWORD,
  picture,
  seeded,
  signIn,
  test,
  typeCode,
} from "./fixtures";

const minutes = 60_000;

/** What the page's token says. */
async function claimsOf(page: Page, options: { skipCache?: true; template?: string } = {}) {
  const asked = `window.Clerk.session.getToken(${JSON.stringify(options)})`;
  const token = z.string().parse(await page.evaluate(asked));
  const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
  return z.looseObject({ sub: z.string() }).parse(JSON.parse(payload));
}

/** Takes something away by its menu. Clerk's profile draws itself anew after each change, and closes a menu it finds open. */
async function remove(page: Page, row: Locator, item: string) {
  const confirm = page.getByRole("button", { name: "Remove", exact: true });
  await expect(async () => {
    const choice = page.getByRole("menuitem", { name: item });
    if (!(await choice.isVisible())) await row.getByLabel("Open menu").click({ timeout: 5_000 });
    await choice.click({ timeout: 5_000 });
    await expect(confirm).toBeVisible({ timeout: 5_000 });
  }).toPass();
  await confirm.click();
}

test("names, a picture, an address and a password are changed; then the account is deleted", async ({
  page,
  another,
}) => {
  test.slow(); // One person, all of their profile.
  const { id, email } = await newPerson("Pia");
  await signIn(page, email, "/account", PASSWORD);
  await page.getByRole("button", { name: "Update profile" }).click();
  const upload = page.locator('input[type="file"]');
  await upload.setInputFiles(picture);
  await expect.poll(async () => (await backend.users.getUser(id)).hasImage).toBe(true);
  // The form closes with the picture's upload.
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
  await row(second).getByLabel("Open menu").click();
  await page.getByRole("menuitem", { name: "Set as primary" }).click();
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
  const guest = await another();
  await signIn(guest, second, "/home", fresh);
  await page.reload();
  await page.locator(".cl-activeDeviceListItem").getByLabel("Open menu").click();
  await page.getByRole("menuitem", { name: "Sign out of device" }).click();
  const devices = async () => (await clerk.overview()).sessions.filter((s) => s.userId === id);
  await expect.poll(async () => (await devices()).length).toBe(1);

  await page.getByRole("button", { name: "Delete account" }).click();
  await page.getByLabel(/delete account/i).fill("Delete account");
  await page.getByRole("button", { name: "Delete account" }).last().click();
  await page.waitForURL((url) => url.pathname === "/");
  await expect.poll(() => backend.users.getCount({ emailAddress: [second] })).toBe(0);
});

test.describe("with numbers and accounts elsewhere", () => {
  test.use({ settings: { phone: "optional", hasSocial: true } });

  test("a number is added and removed; Google is connected and removed, a refusal connects nothing", async ({
    page,
  }) => {
    const { id, email } = await newPerson("Jo");
    await signIn(page, email, "/account", PASSWORD);
    const local = `202555${Math.floor(1_000 + Math.random() * 9_000)}`;
    await page.getByRole("button", { name: "Add phone number" }).click();
    await page.getByLabel("Phone number").fill(local);
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await typeCode(page, await mailedCode(`+1${local}`));
    const number = page.locator(".cl-profileSectionItem__phoneNumbers");
    await remove(page, number, "Remove phone number");
    await expect(number).toHaveCount(0);
    expect((await backend.users.getUser(id)).phoneNumbers).toEqual([]);

    const elsewhere = newEmail();
    const connect = async (provider: string) => {
      await page.getByRole("button", { name: "Connect account" }).click();
      await page.getByRole("menuitem", { name: provider }).click();
      await expect(page.getByRole("heading", { name: /played by/ })).toBeVisible();
    };
    await connect("Google");
    await page.getByLabel("Email").fill(elsewhere);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    const account = page.locator(".cl-profileSectionItem__connectedAccounts");
    await expect(account).toContainText(elsewhere);
    await connect("Apple");
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.waitForURL("**/account**");
    await expect(account.filter({ hasText: elsewhere })).toHaveCount(1);
    const providers = async () =>
      (await backend.users.getUser(id)).externalAccounts.map(({ provider }) => provider);
    expect(await providers()).toEqual(["oauth_google"]);
    await remove(page, account.filter({ hasText: elsewhere }), "Remove");
    await expect.poll(providers).toEqual([]);
  });
});

test.describe("where sensitive changes ask again", () => {
  test.use({ settings: { needsReverification: true } });

  test("an address is added only after the password is given again", async ({ page }) => {
    const { id, email } = await newPerson("Rut");
    await signIn(page, email, "/account", PASSWORD);
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

test("accounts are added to one browser and switched; one is signed out alone, then all", async ({
  page,
}) => {
  const [first, second] = [await newPerson("Nils"), await newPerson("Olga")];
  await signIn(page, first.email, "/home", PASSWORD);
  const menu = page.getByRole("button", { name: /user (button|menu)/i });
  const addSecond = async () => {
    await page.waitForURL(/sign-in/);
    await enterPassword(page, second.email, PASSWORD);
    await expect(page.getByRole("main")).toContainText(second.name);
  };
  await menu.click();
  await page.getByRole("button", { name: "Add account" }).click();
  await addSecond();
  await menu.click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: new RegExp(first.name) })
    .click();
  const nameNow = () => page.evaluate("window.Clerk?.user?.firstName");
  await expect.poll(nameNow).toBe("Nils");
  await page.goto("/home");
  await expect(page.getByRole("main")).toContainText(first.name);
  await menu.click();
  await page.getByRole("button", { name: "Sign out", exact: true }).first().click();
  const chooser = page.getByRole("heading", { name: "Choose an account" });
  await expect(chooser).toBeVisible();
  // Read anew, the other account may be the active one already: it is to be chosen all the same.
  await page.reload();
  await expect(chooser).toBeVisible();
  await page.getByRole("button", { name: /Olga Amsel/ }).click();
  await expect.poll(nameNow).toBe("Olga");
  const signedIn = async () =>
    (await clerk.overview()).sessions
      .map(({ userId }) => userId)
      .filter((id) => [first.id, second.id].includes(id));
  expect(await signedIn()).toEqual([second.id]);

  await page.goto("/sign-in?account=another");
  await enterPassword(page, first.email, PASSWORD);
  await expect(page.getByRole("main")).toContainText(first.name);
  await menu.click();
  await page.getByRole("button", { name: "Sign out of all accounts" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  expect(await signedIn()).toEqual([]);
});

test.describe("where a browser has one account", () => {
  test.use({ settings: { sessions: "single" } });

  test("whoever is signed in is led on from sign-in, asked for or not", async ({ page }) => {
    const { email, name } = await newPerson("Quin");
    await signIn(page, email, "/home", PASSWORD);
    await page.getByRole("button", { name: /user (button|menu)/i }).click();
    await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Add account" })).toHaveCount(0);
    for (const path of ["/sign-in", "/sign-in?account=another"]) {
      await page.goto(path);
      await page.waitForURL("**/home");
      await expect(page.getByRole("main")).toContainText(name);
    }
  });
});

test("support acts for somebody: the token says so, is cached until asked anew, and has other templates", async ({
  page,
}) => {
  const { id, name, email } = await newPerson("Ida");
  const [admin] = (await backend.users.getUserList({ emailAddress: [seeded.admin] })).data;
  const actor = { sub: admin?.id ?? "" };
  const { url } = await backend.actorTokens.create({ userId: id, actor, expiresInSeconds: 600 });
  await page.goto(url ?? "");
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(name);
  const claims = await claimsOf(page);
  expect(claims).toMatchObject({ sub: id, act: actor });

  const { name: template } = await backend.jwtTemplates.create({
    name: `partner_${id.slice(-8)}`,
    claims: { email: "{{user.primary_email_address}}" },
  });
  expect((await claimsOf(page)).jti).toBe(claims.jti);
  expect((await claimsOf(page, { skipCache: true })).jti).not.toBe(claims.jti);
  expect(await claimsOf(page, { template })).toMatchObject({ sub: id, email });
});
