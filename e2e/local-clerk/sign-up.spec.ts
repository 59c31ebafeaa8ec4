// Clerk's own sign-up form: addresses, usernames, names, codes, legal consent, restricted and waitlist mode.

import type { Page } from "@playwright/test";
import {
  backend,
  clerk,
  enterPassword,
  expect,
  fillSignUpForm,
  mailedCode,
  mailedLink,
  newEmail,
  newPerson,
  newUsername,
  PASSWORD,
  test,
  typeCode,
} from "../fixtures";

/**
 * Returns the locator of the displayed error with this text. The filter is needed, because the previous error may still be fading
 * out.
 */
const refusal = (page: Page, why: RegExp) =>
  page.getByTestId("form-feedback-error").filter({ hasText: why }).first();

test("a taken address and a short password are refused, and requesting a new code makes the previous code invalid", async ({
  page,
}) => {
  const known = await newPerson("Edda");
  const email = newEmail();
  // Installs a fake clock. It lets the test skip the 30 seconds in which Clerk's form allows no request for another code.
  await page.clock.install();
  await page.goto("/sign-up");
  await page.getByLabel("First name").fill("Noor");
  await page.getByLabel("Last name").fill("Haddad");
  const address = page.getByLabel("Email address");
  const password = page.getByRole("textbox", { name: "Password" });
  await address.fill(email);
  await password.fill("short-1");
  await password.press("Enter");
  await expect(refusal(page, /8 or more characters/i)).toBeVisible();
  await address.fill(known.email);
  await password.fill(PASSWORD);
  await password.press("Enter");
  await expect(refusal(page, /email address is taken/i)).toBeVisible();
  await address.fill(email);
  await password.press("Enter");
  const first = await mailedCode(email);
  const resend = page.getByRole("button", { name: /resend/i });
  await expect(resend).toBeDisabled();
  await page.clock.runFor(30_000);
  await resend.click();
  const second = await mailedCode(email, first);
  await typeCode(page, first);
  await expect(page.getByText(/incorrect/i).first()).toBeVisible();
  await typeCode(page, second);
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText("Noor Haddad");
});

test.describe("with usernames beside addresses", () => {
  test.use({ settings: { username: "optional" } });

  test("a user signs up with a username and signs in with it", async ({ page, openBrowser }) => {
    const email = newEmail();
    const username = newUsername();
    await page.goto("/sign-up");
    await page.getByLabel("Username").fill(username);
    await fillSignUpForm(page, email);
    await typeCode(page, await mailedCode(email));
    await page.waitForURL("**/home");

    const guest = await openBrowser();
    await guest.goto("/sign-in");
    await enterPassword(guest, username, PASSWORD);
    await expect(guest.getByRole("main")).toContainText(email);
  });
});

test.describe("with usernames and without addresses", () => {
  test.use({ settings: { email: "off", username: "required" } });

  test("a malformed or taken username is refused; a user signs up with a free username and no email address", async ({
    page,
    openBrowser,
    sql,
  }) => {
    const [taken, username] = [newUsername(), newUsername()];
    await backend.users.createUser({ username: taken, password: PASSWORD });
    await page.goto("/sign-up");
    await expect(page.getByLabel("Email address")).toHaveCount(0);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    for (const [name, why] of [
      ["abc", /between 4 and 64 characters/i],
      ["no or", /only contain letters/i],
      ["20250101", /non-num(ber|eric) character/i],
      [taken, /username is taken/i],
    ] as const) {
      await page.getByLabel("Username").fill(name);
      await page.getByRole("button", { name: "Continue", exact: true }).click();
      await expect(refusal(page, why)).toBeVisible();
    }
    await page.getByLabel("Username").fill(username);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await page.waitForURL("**/home");
    await expect(page.getByRole("main")).toContainText(username);
    const rows = () => sql("SELECT email FROM users WHERE username = $1", [username]);
    await expect.poll(rows).toEqual([{ email: null }]);

    const guest = await openBrowser();
    await guest.goto("/sign-in");
    await guest.getByLabel("Username").fill(username);
    await guest.getByRole("button", { name: "Continue", exact: true }).click();
    await guest.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await guest.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(guest.getByRole("main")).toContainText(username);
  });
});

test.describe("with codes that expire at once", () => {
  test.use({ settings: { codeLifetimeMs: 1 } });

  test("a sign-up with an expired code is refused", async ({ page }) => {
    const email = newEmail();
    await page.goto("/sign-up");
    await fillSignUpForm(page, email);
    await typeCode(page, await mailedCode(email));
    await expect(page.getByText(/expired/i).first()).toBeVisible();
    await expect(page).toHaveURL(/sign-up/);
  });
});

test.describe("with legal consent", () => {
  test.use({ settings: { hasLegalConsent: true, hasSocial: true, names: "required" } });

  test("signing up needs the legal consent and the required names", async ({ page }) => {
    const email = newEmail();
    await page.goto("/sign-up");
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    const go = page.getByRole("button", { name: "Continue", exact: true });
    await page.getByRole("checkbox").check();
    await go.click();
    await page.getByRole("checkbox").uncheck();
    await page.getByLabel("First name").fill("Noor");
    await page.getByLabel("Last name").fill("Haddad");
    await go.click();
    const agreed = page.getByRole("checkbox", { name: /terms of service and privacy policy/i });
    // Without the consent, the browser's form validation blocks the form and focuses the checkbox.
    await expect(agreed).toBeFocused();
    expect(await clerk.outbox.to(email)).toEqual([]);
    await agreed.check();
    await go.click();
    await typeCode(page, await mailedCode(email));
    await page.waitForURL("**/home");
    await expect(page.getByRole("main")).toContainText("Noor Haddad");
  });

  test("when consent and a last name are required, a Google sign-up asks for both and then connects the Google account", async ({
    page,
  }) => {
    const email = newEmail();
    await page.goto("/sign-up");
    await page.getByRole("button", { name: /google/i }).click();
    await page.getByLabel("Email").fill(email);
    await page.getByLabel("First name").fill("Noor");
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await page.waitForURL("**/sign-up/continue**");
    await page.getByLabel("Last name").fill("Haddad");
    await page.getByRole("checkbox").check();
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await page.waitForURL("**/home");
    await expect(page.getByRole("main")).toContainText("Noor Haddad");
    const [person] = (await backend.users.getUserList({ emailAddress: [email] })).data;
    expect(person?.externalAccounts).toMatchObject([{ emailAddress: email }]);
  });
});

/** Tries to sign in with a Google account whose address belongs to no user. */
async function signInWithGoogle(page: Page): Promise<void> {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: /google/i }).click();
  await page.getByLabel("Email").fill(newEmail());
  await page.getByRole("button", { name: "Continue", exact: true }).click();
}

/** Signs up with the link of the invitation mailed to `email`. */
async function signUpByInvitation(page: Page, email: string): Promise<void> {
  await page.goto(await mailedLink(email));
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(email);
}

test.describe("in restricted mode", () => {
  test.use({ settings: { signUp: "restricted", hasSocial: true } });

  test("people without an invitation cannot sign up, not even with Google; an invited person can sign up once", async ({
    page,
  }) => {
    await page.goto("/sign-up");
    await expect(page.getByRole("heading", { name: "Access restricted" })).toBeVisible();
    await expect(page.getByLabel("Email address")).toHaveCount(0);
    await signInWithGoogle(page);
    await expect(page.getByText(/sign ups are currently disabled/i)).toBeVisible();
    await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
    const [emailAddress, revoked] = [newEmail(), newEmail()];
    await backend.invitations.createInvitation({ emailAddress });
    await signUpByInvitation(page, emailAddress);
    const { id } = await backend.invitations.createInvitation({ emailAddress: revoked });
    await backend.invitations.revokeInvitation(id);
    for (const [to, code] of [
      [emailAddress, "invitation_already_accepted"],
      [revoked, "revoked_invitation"],
    ] as const) {
      await page.goto(await mailedLink(to));
      await expect(page.locator("body")).toContainText(code);
    }
  });
});

test.describe("in waitlist mode", () => {
  test.use({ settings: { signUp: "waitlist", hasSocial: true } });

  test("a person joins the waitlist, and can sign up once they are invited from it", async ({
    page,
  }) => {
    await page.goto("/sign-up");
    await expect(page.getByRole("button", { name: "Join waitlist" })).toBeVisible();
    await signInWithGoogle(page);
    await expect(page.getByText(/join the waitlist to be notified/i)).toBeVisible();
    await page.evaluate("window.Clerk.openWaitlist()");
    const dialog = page.getByRole("dialog");
    const email = newEmail();
    await dialog.getByLabel("Email address").fill(email);
    await dialog.getByRole("button", { name: "Join the waitlist" }).click();
    await expect(page.getByText(/thanks for joining the waitlist/i)).toBeVisible();
    const [entry] = (await backend.waitlistEntries.list({ query: email })).data;
    await backend.waitlistEntries.invite(entry?.id ?? "");
    await signUpByInvitation(page, email);
  });
});
