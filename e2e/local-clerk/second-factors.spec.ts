// Two-step verification through Clerk's own components: authenticator apps, backup codes and phone numbers.

import { totpCode } from "../../dev/local-clerk/authentication/second-factors";
import {
  backend,
  enterPassword,
  expect,
  mailedCode,
  newNumber,
  newPerson,
  PASSWORD,
  test,
  typeCode,
  wrongCode,
} from "../fixtures";

test.describe("with second factors", () => {
  test.use({ settings: { hasSecondFactor: true } });

  test("a user adds an authenticator app; the next sign-ins need its code, or a backup code, which works once", async ({
    page,
    openBrowser,
  }) => {
    test.slow(); // Four sign-ins, one after the other.
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
      const guest = await openBrowser();
      await guest.goto("/sign-in");
      await enterPassword(guest, email, PASSWORD);
      // The previous page also has the link that the test clicks next, so this line waits for the new page.
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

test.describe("with a phone number as the second factor", () => {
  test.use({ settings: { hasSecondFactor: true, phone: "optional" } });

  test("with a phone number as second factor, a sign-in needs the password and the code by text message", async ({
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

  test("with a phone number as second factor, a password reset also needs the code by text message", async ({
    page,
  }) => {
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
