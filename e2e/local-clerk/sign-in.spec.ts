// Clerk's own sign-in form: unknown addresses, wrong and expired codes, forgotten passwords, locked accounts.

import type { Page } from "@playwright/test";
import {
  backend,
  denyAccess,
  enterPassword,
  expect,
  mailedCode,
  newEmail,
  newNumber,
  newPerson,
  PASSWORD,
  test,
  typeCode,
  wrongCode,
} from "../fixtures";

/** Chooses a sign-in method other than the password. */
async function chooseAnother(page: Page, method: RegExp): Promise<void> {
  await page.getByRole("link", { name: /use another method/i }).click();
  await page.getByRole("button", { name: method }).click();
}

test("an unknown address and a wrong code are refused, and the right mailed code signs in", async ({
  page,
}) => {
  const { email, name } = await newPerson("Ulla");
  await page.goto("/sign-in");
  await page.getByLabel("Email address").fill(newEmail());
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  const unknown = page.getByTestId("form-feedback-error");
  await expect(unknown).toContainText(/couldn't find your account/i);
  await page.getByLabel("Email address").fill(email);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await chooseAnother(page, /email code to/i);
  const code = await mailedCode(email);
  await typeCode(page, wrongCode(code));
  await expect(page.getByText(/incorrect/i).first()).toBeVisible();
  await typeCode(page, code);
  await expect(page.getByRole("main")).toContainText(name);
});

test.describe("with Google and Apple sign-in", () => {
  test.use({ settings: { hasSocial: true } });

  test("denying access at Google returns to sign-in with the error; signing in by password then opens the requested page", async ({
    page,
  }) => {
    const { email, name } = await newPerson("Xenia");
    await page.goto("/home");
    await page.getByRole("button", { name: /google/i }).click();
    await denyAccess(page);
    await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
    await enterPassword(page, email, PASSWORD);
    await page.waitForURL("**/home");
    await expect(page.getByRole("main")).toContainText(name);
  });
});

test.describe("with codes that expire at once", () => {
  test.use({ settings: { codeLifetimeMs: 1, phone: "optional" } });

  test("an expired code is refused, whether it was mailed or sent by text message", async ({
    page,
  }) => {
    const { id, email } = await newPerson("Vera");
    const { number } = newNumber();
    const known = { userId: id, phoneNumber: number, verified: true };
    await backend.phoneNumbers.createPhoneNumber(known);
    for (const [method, to] of [
      [/email code to/i, email],
      [/send sms code/i, number],
    ] as const) {
      await page.goto("/sign-in");
      await page.getByLabel("Email address").fill(email);
      await page.getByRole("button", { name: "Continue", exact: true }).click();
      await chooseAnother(page, method);
      await typeCode(page, await mailedCode(to));
      await expect(page.getByText(/expired/i).first()).toBeVisible();
      await expect(page).toHaveURL(/sign-in/);
    }
  });
});

test("a user resets a forgotten password with a mailed code; a wrong code and a short password are refused", async ({
  page,
  openBrowser,
}) => {
  const { email, name } = await newPerson("Wanda");
  await page.goto("/sign-in");
  await page.getByLabel("Email address").fill(email);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByRole("link", { name: /forgot password/i }).click();
  await page.getByRole("button", { name: /reset your password/i }).click();
  const code = await mailedCode(email);
  await typeCode(page, wrongCode(code));
  await expect(page.getByText(/incorrect/i).first()).toBeVisible();
  await typeCode(page, code);
  const [short, fresh] = ["short-1", "another-Harbour-52"];
  await page.getByRole("textbox", { name: "New password" }).fill(short);
  await page.getByRole("textbox", { name: "Confirm password" }).fill(short);
  await expect(page.getByText(/8 or more characters/i).first()).toBeVisible();
  await page.getByRole("textbox", { name: "New password" }).fill(fresh);
  await page.getByRole("textbox", { name: "Confirm password" }).fill(fresh);
  // Waits for the message, because its appearance moves the button, and an earlier click could miss the button.
  await expect(page.getByText("Passwords match.").first()).toBeVisible();
  await page.getByRole("button", { name: "Reset Password" }).click();
  await expect(page.getByRole("main")).toContainText(name);

  const guest = await openBrowser();
  await guest.goto("/sign-in");
  await enterPassword(guest, email, PASSWORD);
  await expect(guest.getByTestId("form-feedback-error")).toContainText(/password is incorrect/i);
});

test.describe("with a lock after two wrong passwords", () => {
  test.use({ settings: { lockAfter: 2 } });

  test("a locked account cannot sign in with the right password either", async ({ page }) => {
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
