// Coming in through Clerk's own components by other ways than a password: by link, by text message, with two factors.

import { totpCode } from "../dev/local-clerk/authentication/second-factors";
import {
  backend,
  enterPassword,
  expect,
  fillSignUpForm,
  mailedCode,
  mailedLink,
  newEmail,
  newNumber,
  newPerson,
  PASSWORD,
  test,
  typeCode,
  wrongCode,
} from "./fixtures";

test.describe("with mailed links", () => {
  test.use({ settings: { emailVerification: "link" } });

  test("signs up by the link in the mail, and by a link again signs in", async ({
    page,
    another,
  }) => {
    const email = newEmail();
    await page.goto("/sign-up");
    await fillSignUpForm(page, email);
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

test.describe("with mailed links that are soon too old", () => {
  test.use({ settings: { emailVerification: "link", codeLifetimeMs: 1 } });

  test("a link that is opened late says so, and signs nobody in", async ({ page }) => {
    const { email } = await newPerson("Yara");
    await page.goto("/sign-in");
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await page.getByRole("link", { name: /use another method/i }).click();
    await page.getByRole("button", { name: /email link to/i }).click();
    const tab = await page.context().newPage();
    await tab.goto(await mailedLink(email));
    await expect(tab.getByText(/this verification link has expired/i)).toBeVisible();
    await tab.goto("/home");
    await expect(tab).toHaveURL((url) => url.pathname === "/sign-in");

    const stranger = newEmail();
    await page.goto("/sign-up");
    await fillSignUpForm(page, stranger);
    await tab.goto(await mailedLink(stranger));
    await expect(tab.getByText(/this verification link has expired/i)).toBeVisible();
    expect(await backend.users.getCount({ emailAddress: [stranger] })).toBe(0);
  });
});

test.describe("with phone numbers", () => {
  test.use({ settings: { phone: "optional" } });

  test("signs up and in with a code by text message; a wrong one is refused", async ({
    page,
    another,
  }) => {
    const { local, number } = newNumber();
    await page.goto("/sign-up");
    await page.getByRole("link", { name: "Use phone instead" }).click();
    await page.getByLabel("Phone number").fill(local);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    const code = await mailedCode(number);
    await typeCode(page, wrongCode(code));
    await expect(page.getByText(/incorrect/i).first()).toBeVisible();
    await typeCode(page, code);
    await page.waitForURL("**/home");

    const guest = await another();
    await guest.goto("/sign-up");
    await guest.getByRole("link", { name: "Use phone instead" }).click();
    await guest.getByLabel("Phone number").fill(local);
    await guest.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await guest.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(guest.getByText(/phone number is taken/i).first()).toBeVisible();
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

test.describe("with second factors", () => {
  test.use({ settings: { hasSecondFactor: true } });

  test("an authenticator app is added, asked for, and stood in for by a backup code, once", async ({
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

    const begin = async () => {
      const guest = await another();
      await guest.goto("/sign-in");
      await enterPassword(guest, email, PASSWORD);
      // The link of the same name on the page before is not meant.
      await expect(guest.getByLabel(/enter verification code/i).first()).toBeVisible();
      return guest;
    };
    const byApp = await begin();
    await typeCode(byApp, wrongCode(totpCode(secret, Date.now())));
    await expect(byApp.getByText(/incorrect/i).first()).toBeVisible();
    await typeCode(byApp, totpCode(secret, Date.now()));
    await expect(byApp.getByRole("main")).toContainText(name);

    for (const isSpent of [false, true]) {
      const guest = await begin();
      await guest.getByRole("link", { name: /use another method/i }).click();
      await guest.getByRole("button", { name: /backup code/i }).click();
      const field = guest.getByRole("textbox", { name: /backup code/i });
      await field.fill(isSpent ? backupCode : "22222222");
      await guest.getByRole("button", { name: "Continue", exact: true }).click();
      await expect(guest.getByTestId("form-feedback-error")).toContainText(/incorrect/i);
      if (isSpent) continue;
      await field.fill(backupCode);
      await guest.getByRole("button", { name: "Continue", exact: true }).click();
      await expect(guest.getByRole("main")).toContainText(name);
    }
  });
});

async function reserveNumber(userId: string): Promise<string> {
  const { number } = newNumber();
  const known = { userId, phoneNumber: number, verified: true };
  const { id } = await backend.phoneNumbers.createPhoneNumber(known);
  await backend.phoneNumbers.updatePhoneNumber(id, { reservedForSecondFactor: true });
  return number;
}

test.describe("with a phone as the second factor", () => {
  test.use({ settings: { hasSecondFactor: true, phone: "optional" } });

  test("the password alone does not do; nor does a wrong code by text message", async ({
    page,
  }) => {
    const { id, email, name } = await newPerson("Zita");
    const number = await reserveNumber(id);
    await page.goto("/sign-in");
    await enterPassword(page, email, PASSWORD);
    const code = await mailedCode(number);
    await typeCode(page, wrongCode(code));
    await expect(page.getByText(/incorrect/i).first()).toBeVisible();
    await typeCode(page, code);
    await expect(page.getByRole("main")).toContainText(name);
  });

  test("a forgotten password that is reset does not do without it either", async ({ page }) => {
    const { id, email, name } = await newPerson("Zoe");
    const number = await reserveNumber(id);
    await page.goto("/sign-in");
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await page.getByRole("link", { name: /forgot password/i }).click();
    await page.getByRole("button", { name: /reset your password/i }).click();
    await typeCode(page, await mailedCode(email));
    for (const field of ["New password", "Confirm password"]) {
      await page.getByRole("textbox", { name: field }).fill("another-Harbour-52");
    }
    await expect(page.getByText("Passwords match.").first()).toBeVisible();
    await page.getByRole("button", { name: "Reset Password" }).click();
    await typeCode(page, await mailedCode(number));
    await expect(page.getByRole("main")).toContainText(name);
  });
});
