// Tests our own sign-up and sign-in pages, /join and /enter, which use Clerk's custom-flow API.

import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import {
  backend,
  expect,
  mailedCode,
  mailedLink,
  newEmail,
  newOrganization,
  newPerson,
  PASSWORD,
  test,
  wrongCode,
} from "./fixtures";

const COUNTRY = "/countries/portugal";

async function expectAccessible(page: Page, what: string) {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"])
      .analyze();
    const found = violations.map(({ id, nodes }) => `${what} ${id}: ${nodes[0]?.html}`);
    expect.soft(found, colorScheme).toEqual([]);
  }
}

test("a guest's action runs after a sign-up by keyboard alone, even if the first code was wrong", async ({
  page,
}) => {
  const email = newEmail();
  await page.goto(COUNTRY);
  await page.getByRole("button", { name: "Add Portugal to your wishlist" }).click();
  const clerksForm = page.getByRole("dialog").getByRole("link", { name: "Create an account" });
  const { search } = new URL((await clerksForm.getAttribute("href")) ?? "", page.url());
  await page.goto(`/join${search}`);
  await page.getByLabel("Email address").focus();
  await page.keyboard.type("nobody");
  await page.keyboard.press("Enter");
  const emailField = page.getByLabel("Email address");
  await expect(emailField).toHaveAccessibleDescription(/like name@example\.com/);
  await expect(emailField).toBeFocused();
  await expect(emailField).toHaveValue("nobody");
  await page.keyboard.type(email);
  await page.keyboard.press("Enter");
  const codeField = page.getByLabel("Code");
  await expect(codeField).toBeFocused();
  await expect(codeField).toHaveAttribute("autocomplete", "one-time-code");
  await expect(page.getByRole("button", { name: /^Send another code in \d+ s$/ })).toBeDisabled();
  const code = await mailedCode(email);
  await page.keyboard.type(wrongCode(code));
  await page.keyboard.press("Enter");
  await expect(codeField).toHaveAccessibleDescription(/That code is wrong/);
  await expect(codeField).toBeFocused();
  await expectAccessible(page, "wrong code");
  await page.keyboard.type(code);
  await page.keyboard.press("Enter");
  const passwordField = page.getByLabel("Password");
  await expect(passwordField).toBeFocused();
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page.getByText("Portugal is on your wishlist.")).toBeVisible();
  await expect(page).toHaveURL((url) => url.pathname === COUNTRY);
});

test("sign-in by code leads to the requested page, and a signed-in person does not see the forms", async ({
  page,
}) => {
  const { email } = await newPerson("Ylva");
  await page.goto("/join?redirect_url=/wishlist");
  await expectAccessible(page, "/join");
  await page.getByRole("link", { name: "Sign in" }).click();
  await expect(page).toHaveURL(
    (url) => url.pathname + url.search === "/enter?redirect_url=%2Fwishlist",
  );
  await expectAccessible(page, "/enter");
  await page.getByLabel("Email address").fill(email);
  await page.getByLabel("Email address").press("Enter");
  await page.getByLabel("Code").fill(await mailedCode(email));
  await page.getByLabel("Code").press("Enter");
  await page.waitForURL((url) => url.pathname === "/wishlist");
  for (const path of ["/enter", "/join?redirect_url=https://evil.test/"]) {
    const response = await page.request.get(path, { maxRedirects: 0 });
    expect(response.status()).toBe(307);
    expect(response.headers().location).toBe(path === "/enter" ? "/home" : "/");
  }
});

test("an invitation's link on our own form names the organization and who invites, and makes a new person a member without a code", async ({
  page,
  sql,
}) => {
  const admin = await newPerson("Rhea");
  const organization = await newOrganization(admin);
  const emailAddress = newEmail();
  const { id, url } = await backend.organizations.createOrganizationInvitation({
    organizationId: organization.id,
    emailAddress,
    role: "org:member",
    inviterUserId: admin.id,
  });
  const isMirrored = () =>
    sql("SELECT FROM invitations i JOIN users u ON u.id = i.inviter_id WHERE i.id = $1", [id]);
  await expect.poll(async () => (await isMirrored()).length).toBe(1);
  const ticket = new URL(url ?? "").searchParams.get("ticket") ?? "";
  await page.goto(`/join?${new URLSearchParams({ __clerk_ticket: ticket })}`);
  await expect(page.getByText(`Rhea Amsel invites you to ${organization.name}`)).toBeVisible();
  await expectAccessible(page, "/join with a ticket");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByLabel("Password").press("Enter");
  await page.waitForURL((target) => target.pathname === "/home");
  await expect(page.getByText(`Welcome to ${organization.name}`)).toBeVisible();
});

test.describe("with Google", () => {
  test.use({ settings: { hasSocial: true } });

  test("denied Google access shows an error; a new person signs up with Google, and then signs in", async ({
    page,
    openBrowser,
  }) => {
    const email = newEmail();
    await page.goto("/enter?redirect_url=/wishlist");
    await page.getByRole("button", { name: "Continue with Google" }).click();
    await page.getByRole("button", { name: /cancel|deny/i }).click();
    await expect(page.getByRole("alert").filter({ hasText: "access was denied" })).toBeFocused();
    for (const [browser, form] of [
      [page, "/join"],
      [await openBrowser(), "/enter"],
      [await openBrowser(), "/join"],
    ] as const) {
      await browser.goto(`${form}?redirect_url=/wishlist`);
      await browser.getByRole("button", { name: "Continue with Google" }).click();
      // `exact` excludes the field "Email address" of the previous page, which a slow machine may still show.
      await browser.getByLabel("Email", { exact: true }).fill(email);
      await browser.getByRole("button", { name: "Continue", exact: true }).click();
      await browser.waitForURL((url) => url.pathname === "/wishlist");
    }
    expect(await backend.users.getCount({ emailAddress: [email] })).toBe(1);
  });
});

test.describe("with mailed links", () => {
  test.use({ settings: { emailVerification: "link" } });

  test("a sign-in link opened in another browser signs in the page that waits, and that browser shows that it is not signed in", async ({
    page,
    openBrowser,
  }) => {
    const { email } = await newPerson("Vera");
    await page.goto("/enter?redirect_url=/wishlist");
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Check your email" })).toBeVisible();
    const other = await openBrowser();
    await other.goto(await mailedLink(email));
    await expect(other.getByRole("status")).toContainText("this one is not signed in");
    await page.waitForURL((url) => url.pathname === "/wishlist");
  });
});

test.describe("where every user needs an organization", () => {
  test.use({ settings: { needsOrganization: true } });

  test("a user with a pending session is redirected from every form to the session task, and then to the requested page", async ({
    page,
  }) => {
    const { email } = await newPerson("Pia");
    await page.goto(COUNTRY);
    await page.getByRole("button", { name: "Add Portugal to your wishlist" }).click();
    const clerksForm = page.getByRole("dialog").getByRole("link", { name: "Sign in" });
    const { search } = new URL((await clerksForm.getAttribute("href")) ?? "", page.url());
    await page.goto(`/enter${search}`);
    await page.getByLabel("Email address").fill(email);
    await page.getByLabel("Email address").press("Enter");
    await page.getByLabel("Code").fill(await mailedCode(email));
    await page.getByLabel("Code").press("Enter");
    await page.waitForURL((url) => url.pathname.startsWith("/sign-in/tasks"));
    for (const path of ["/enter", "/join", "/sign-in", "/sign-up"]) {
      const asked = `${path}?redirect_url=%2Fwishlist`;
      const response = await page.request.get(asked, { maxRedirects: 0 });
      expect([path, response.status()]).toEqual([path, 307]);
      expect(response.headers().location).toBe("/sign-in/tasks?redirect_url=%2Fwishlist");
    }
    const member = await page.request.get("/wishlist", { maxRedirects: 0 });
    expect(member.headers().location).toMatch(/\/sign-in\?redirect_url=%2Fwishlist$/);
    await page.getByLabel("Name", { exact: true }).fill(`Harbour ${Date.now()}`);
    await page.getByRole("button", { name: /^(Continue|Create)/ }).click();
    await expect(page.getByText("Portugal is on your wishlist.")).toBeVisible();
    await expect(page).toHaveURL((url) => url.pathname === COUNTRY);
  });
});
