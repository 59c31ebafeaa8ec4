// Tests the reverification of users who have no password.

import type { Page } from "@playwright/test";
import { z } from "zod";
import { totpCode } from "../../dev/local-clerk/authentication/second-factors";
import {
  backend,
  clerk,
  expect,
  mailedCode,
  newEmail,
  signInByLink,
  test,
  typeCode,
} from "../fixtures";

test.use({ settings: { needsReverification: true, hasSecondFactor: true } });

const minutes = 60_000;

async function addAddress(page: Page): Promise<string> {
  const address = newEmail();
  await page.getByRole("button", { name: "Add email address" }).click();
  await page.getByLabel("Email address").fill(address);
  await page.getByRole("button", { name: "Add", exact: true }).click();
  return address;
}

test("a mailed code reverifies the user, together with the second factor if there is one; closing the dialog makes no change", async ({
  page,
}) => {
  const email = newEmail();
  const person = { emailAddress: [email], skipPasswordRequirement: true };
  const { id } = await backend.users.createUser(person);
  const addresses = async () => (await backend.users.getUser(id)).emailAddresses.length;
  await signInByLink(page, id, "/account");
  const sessionId = z.string().parse(await page.evaluate("window.Clerk.session.id"));
  await clerk.sessions.age(sessionId, 11 * minutes);
  const dialog = page.getByRole("dialog");
  const asked = dialog.getByText(/verification required/i);

  await addAddress(page);
  await expect(asked).toBeVisible();
  const first = await mailedCode(email);
  await dialog.getByRole("button", { name: /close/i }).click();
  await expect(asked).toHaveCount(0);
  expect(await addresses()).toBe(1);

  await page.reload();
  const second = await addAddress(page);
  await expect(asked).toBeVisible();
  const again = await mailedCode(email, first);
  await typeCode(page, again);
  await typeCode(page, await mailedCode(second));
  await expect.poll(addresses).toBe(2);

  const made = await page.evaluate("window.Clerk.user.createTOTP().then(({ secret }) => secret)");
  const code = () => totpCode(z.string().parse(made), Date.now());
  await page.evaluate(`window.Clerk.user.verifyTOTP({ code: "${code()}" })`);
  await page.reload();
  const third = await addAddress(page);
  await expect(asked).toBeVisible();
  await typeCode(page, await mailedCode(email, again));
  await expect(dialog.getByText(/authenticator/i).first()).toBeVisible();
  await typeCode(page, code());
  await typeCode(page, await mailedCode(third));
  await expect.poll(addresses).toBe(3);
});
