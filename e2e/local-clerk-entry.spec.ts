// Coming in through Clerk's own components: by link, by text message, with two factors, and being turned away.

import { totpCode } from "../dev/clerk/second-factors";
import {
  clerk,
  enterPassword,
  expect,
  mailedCode,
  mailedLink,
  newEmail,
  newPerson,
  PASSWORD,
  test,
  typeCode,
  wrongOf,
} from "./fixtures";

test.describe("with mailed links", () => {
  test.use({ settings: { emailVerification: "link" } });

  test("signs up by the link in the mail, and by a link again signs in", async ({
    page,
    another,
  }) => {
    const email = newEmail();
    await page.goto("/sign-up");
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(page.getByRole("heading", { name: "Verify your email" })).toBeVisible();
    const first = await mailedLink(email);
    const tab = await page.context().newPage();
    await tab.goto(first);
    // Clerk's form shows the address too, before there is anybody who has it.
    await page.waitForURL((url) => url.pathname === "/home");
    await expect(page.getByRole("main")).toContainText(email);

    const guest = await another();
    await guest.goto("/sign-in");
    await guest.getByLabel("Email address").fill(email);
    await guest.getByRole("button", { name: "Continue", exact: true }).click();
    await guest.getByRole("link", { name: /use another method/i }).click();
    await guest.getByRole("button", { name: /email link to/i }).click();
    await expect(guest.getByRole("heading", { name: "Check your email" })).toBeVisible();
    const second = await mailedLink(email, first);
    const spent = await guest.context().newPage();
    await spent.goto(first);
    await expect(spent.getByText(/this verification link is invalid/i)).toBeVisible();
    await spent.goto(second);
    await expect(guest.getByRole("main")).toContainText(email);
  });
});

test.describe("with phone numbers", () => {
  test.use({ settings: { phone: "optional" } });

  test("signs up and in with a code by text message; a wrong one is refused", async ({
    page,
    another,
  }) => {
    const local = `202555${Math.floor(1_000 + Math.random() * 9_000)}`;
    const number = `+1${local}`;
    await page.goto("/sign-up");
    await page.getByRole("link", { name: "Use phone instead" }).click();
    await page.getByLabel("Phone number").fill(local);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    const code = await mailedCode(number);
    await typeCode(page, wrongOf(code));
    await expect(page.getByText(/incorrect/i).first()).toBeVisible();
    await typeCode(page, code);
    await page.waitForURL("**/home");

    const guest = await another();
    await guest.goto("/sign-in");
    await guest.getByRole("link", { name: "Use phone" }).click();
    await guest.getByLabel("Phone number").fill(local);
    await guest.getByRole("button", { name: "Continue", exact: true }).click();
    await guest.getByRole("link", { name: /use another method/i }).click();
    await guest.getByRole("button", { name: /send sms code/i }).click();
    await typeCode(guest, await mailedCode(number, code));
    await guest.waitForURL("**/home");
  });
});

test.describe("with usernames", () => {
  test.use({ settings: { username: "optional" } });

  test("signs up with a username, and in by it", async ({ page, another }) => {
    const email = newEmail();
    const username = email.replaceAll(/@.*|-/g, "");
    await page.goto("/sign-up");
    await page.getByLabel("Username").fill(username);
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("textbox", { name: "Password" }).press("Enter");
    await typeCode(page, await mailedCode(email));
    await page.waitForURL("**/home");

    const guest = await another();
    await guest.goto("/sign-in");
    await enterPassword(guest, username, PASSWORD);
    await expect(guest.getByRole("main")).toContainText(email);
  });
});

test.describe("where codes are soon too old", () => {
  test.use({ settings: { codeLifetimeMs: 1 } });

  test("a code that comes late is refused", async ({ page }) => {
    const email = newEmail();
    await page.goto("/sign-up");
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("textbox", { name: "Password" }).press("Enter");
    await typeCode(page, await mailedCode(email));
    await expect(page.getByText(/expired/i).first()).toBeVisible();
    await expect(page).toHaveURL(/sign-up/);
  });
});

test.describe("with legal consent", () => {
  test.use({ settings: { hasLegalConsent: true } });

  test("nobody signs up without agreeing", async ({ page }) => {
    const email = newEmail();
    await page.goto("/sign-up");
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    const go = page.getByRole("button", { name: "Continue", exact: true });
    await go.click();
    expect(await clerk.outbox.to(email)).toEqual([]);
    await page.getByRole("checkbox").check();
    await go.click();
    await typeCode(page, await mailedCode(email));
    await page.waitForURL("**/home");
  });
});

test.describe("in restricted mode", () => {
  test.use({ settings: { signUp: "restricted" } });

  test("strangers are told that they cannot sign up", async ({ page }) => {
    await page.goto("/sign-up");
    await expect(page.getByRole("heading", { name: "Access restricted" })).toBeVisible();
    await expect(page.getByLabel("Email address")).toHaveCount(0);
  });
});

test.describe("in waitlist mode", () => {
  test.use({ settings: { signUp: "waitlist" } });

  test("strangers may join the waiting list", async ({ page }) => {
    await page.goto("/sign-up");
    await expect(page.getByRole("button", { name: "Join waitlist" })).toBeVisible();
    await page.evaluate("window.Clerk.openWaitlist()");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Email address").fill(newEmail());
    await dialog.getByRole("button", { name: "Join the waitlist" }).click();
    await expect(page.getByText(/thanks for joining the waitlist/i)).toBeVisible();
  });
});

test("a forgotten password is reset by a mailed code; the old one is good no more", async ({
  page,
  another,
}) => {
  const { email, name } = await newPerson("Wanda");
  await page.goto("/sign-in");
  await page.getByLabel("Email address").fill(email);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByRole("link", { name: /forgot password/i }).click();
  await page.getByRole("button", { name: /reset your password/i }).click();
  await typeCode(page, await mailedCode(email));
  const fresh = "another-Harbour-52";
  await page.getByRole("textbox", { name: "New password" }).fill(fresh);
  await page.getByRole("textbox", { name: "Confirm password" }).fill(fresh);
  // What it says of the two moves the button, and a click on its way is lost.
  await expect(page.getByText("Passwords match.").first()).toBeVisible();
  await page.getByRole("button", { name: "Reset Password" }).click();
  await expect(page.getByRole("main")).toContainText(name);

  const guest = await another();
  await guest.goto("/sign-in");
  await enterPassword(guest, email, PASSWORD);
  await expect(guest.getByTestId("form-feedback-error")).toContainText(/password is incorrect/i);
});

test.describe("where two wrong passwords lock", () => {
  test.use({ settings: { lockAfter: 2 } });

  test("an account is locked, and says so to the right password too", async ({ page }) => {
    const { email } = await newPerson("Lars");
    await page.goto("/sign-in");
    await enterPassword(page, email, "not-the-password");
    await expect(page.getByTestId("form-feedback-error")).toContainText(/password is incorrect/i);
    const password = page.getByRole("textbox", { name: "Password" });
    const refused = page.waitForResponse(/attempt_first_factor/);
    await password.fill("nor-this-one");
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await refused;
    await password.fill(PASSWORD);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(page.getByText(/account is locked/i).first()).toBeVisible();
    await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
  });
});

test.describe("with second factors", () => {
  test.use({ settings: { hasSecondFactor: true } });

  test("an authenticator app is added, asked for, and stood in for by a backup code once", async ({
    page,
    another,
  }) => {
    test.slow(); // Three browsers, one after the other.
    const { email, name } = await newPerson("Tove");
    await page.goto("/account/security");
    await enterPassword(page, email, PASSWORD);
    await page.getByRole("button", { name: /add two-step verification/i }).click();
    await page.getByRole("menuitem", { name: /authenticator/i }).click();
    await page.getByRole("button", { name: /can’t scan/i }).click();
    const secret = await page.getByRole("textbox").first().inputValue();
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await typeCode(page, totpCode(secret, Date.now()));
    const backup = page.getByText(/^[a-z2-7]{8}$/).first();
    const backupCode = (await backup.textContent()) ?? "";
    await page.getByRole("button", { name: "Finish" }).click();

    for (const isFirst of [true, false]) {
      const guest = await another();
      await guest.goto("/sign-in");
      await enterPassword(guest, email, PASSWORD);
      if (isFirst) {
        await typeCode(guest, wrongOf(totpCode(secret, Date.now())));
        await expect(guest.getByText(/incorrect/i).first()).toBeVisible();
        await typeCode(guest, totpCode(secret, Date.now()));
      } else {
        // The link of the same name on the page before is not meant.
        await expect(guest.getByLabel(/enter verification code/i).first()).toBeVisible();
        await guest.getByRole("link", { name: /use another method/i }).click();
        await guest.getByRole("button", { name: /backup code/i }).click();
        await guest.getByRole("textbox", { name: /backup code/i }).fill(backupCode);
        await guest.getByRole("button", { name: "Continue", exact: true }).click();
      }
      await expect(guest.getByRole("main")).toContainText(name);
    }
  });
});
