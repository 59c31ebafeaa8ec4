// Tests that Clerk's own profile refuses invalid changes: it displays the error at the field, and nothing changes.

import type { Page } from "@playwright/test";
import {
  backend,
  clerk,
  expect,
  mailedCode,
  newEmail,
  newPerson,
  PASSWORD,
  picture,
  signInByLink,
  test,
  typeCode,
  wrongCode,
} from "../fixtures";

/** Submits the field with Enter: an error message moves the button, so a click could miss it. */
async function enter(page: Page, field: string, value: string): Promise<void> {
  await page.getByLabel(field).fill(value);
  await page.getByLabel(field).press("Enter");
}

async function refused(page: Page, field: string, value: string, why: RegExp): Promise<void> {
  await enter(page, field, value);
  await expect(page.getByText(why).first()).toBeVisible();
}

test.describe("with usernames", () => {
  test.use({ settings: { username: "optional" } });

  test("the profile refuses a taken or malformed username or address, and a wrong code", async ({
    page,
  }) => {
    const [own, other] = [await newPerson("Pia"), await newPerson("Olaf")];
    const taken = other.email.replaceAll(/@.*|-/g, "");
    await backend.users.updateUser(other.id, { username: taken });
    await signInByLink(page, own.id, "/account");
    await page.getByRole("button", { name: "Set username" }).click();
    await refused(page, "Username", "abc", /between 4 and 64 characters/);
    await refused(page, "Username", taken, /username is taken/);
    await enter(page, "Username", `${taken}_too`);
    await expect(page.getByRole("button", { name: "Update username" })).toBeVisible();

    await page.getByRole("button", { name: "Add email address" }).click();
    const second = newEmail();
    await refused(
      page,
      "Email address",
      "no..body@nowhere.example",
      /must be a valid email address/,
    );
    await refused(page, "Email address", other.email, /email address is taken/);
    await enter(page, "Email address", second);
    await typeCode(page, wrongCode(await mailedCode(second)));
    await expect(page.getByText(/incorrect/i).first()).toBeVisible();
    await page.getByRole("button", { name: "Cancel" }).click();
    const row = page.locator(".cl-profileSectionItem__emailAddresses").filter({ hasText: second });
    await expect(row).toContainText("Unverified");
    const { username, primaryEmailAddress } = await backend.users.getUser(own.id);
    expect([username, primaryEmailAddress?.emailAddress]).toEqual([`${taken}_too`, own.email]);
  });
});

test("the profile refuses an unsupported or too large picture; the picture can be removed, and names can be empty", async ({
  page,
  signedIn,
}) => {
  const { id } = await signedIn("Pia", "/account");
  const update = page.getByRole("button", { name: "Update profile" });
  const hasImage = async () => (await backend.users.getUser(id)).hasImage;
  await update.click();
  const upload = page.locator('input[type="file"]');
  const removal = page.getByRole("button", { name: "Remove", exact: true });
  await expect(removal).toHaveCount(0);
  await upload.setInputFiles({ ...picture, mimeType: "text/plain" });
  await expect(page.getByText(/file type not supported/i).first()).toBeVisible();
  await upload.setInputFiles({ ...picture, buffer: Buffer.alloc(10_000_001) });
  await expect(page.getByText(/maximum limit of 10MB/i).first()).toBeVisible();
  expect(await hasImage()).toBe(false);
  await upload.setInputFiles(picture);
  await expect.poll(hasImage).toBe(true);
  await update.click();
  await removal.click();
  await expect.poll(hasImage).toBe(false);
  await update.click();
  for (const name of ["First name", "Last name"]) await page.getByLabel(name).fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(update).toBeVisible();
  expect(await backend.users.getUser(id)).toMatchObject({ firstName: null, lastName: null });
});

test("a password change needs the current password and signs out all other devices", async ({
  page,
  openBrowser,
  signedIn,
}) => {
  const { id } = await signedIn("Pia", "/account/security");
  const guest = await openBrowser();
  await signInByLink(guest, id);
  await page.getByRole("button", { name: "Update password" }).click();
  const field = (name: string) => page.getByRole("textbox", { name });
  const save = page.getByRole("button", { name: "Save" });
  await field("New password").fill("short");
  await expect(page.getByText(/8 or more characters/).first()).toBeVisible();
  const fresh = "another-Harbour-52";
  await field("New password").fill(fresh);
  await field("Confirm password").fill("something-else-7");
  await expect(page.getByText(/passwords don't match/i).first()).toBeVisible();
  await field("Current password").fill("not-the-password");
  await expect(save).toBeDisabled();
  await field("Confirm password").fill(fresh);
  await save.click();
  await expect(page.getByText(/password is incorrect/i).first()).toBeVisible();
  await field("Current password").fill(PASSWORD);
  await save.click();
  await expect(field("New password")).toHaveCount(0);
  const left = (await clerk.overview()).sessions.filter(({ userId }) => userId === id);
  expect(left).toHaveLength(1);
  await guest.waitForURL((url) => url.pathname === "/sign-in");
});

test("deleting an account needs the exact confirmation text and the user's permission to delete it", async ({
  page,
  signedIn,
}) => {
  const { id } = await signedIn("Pia", "/account/security");
  const open = page.getByRole("button", { name: "Delete account" });
  await open.click();
  await page.getByLabel(/delete account/i).fill("delete my account");
  await expect(open.last()).toBeDisabled();
  await page.getByRole("button", { name: "Cancel" }).click();
  await backend.users.updateUser(id, { deleteSelfEnabled: false });
  await page.reload();
  await expect(page.getByRole("button", { name: "Update password" })).toBeVisible();
  await expect(open).toHaveCount(0);
  const codeOf = "(error) => error.errors[0].code";
  const refused = await page.evaluate(`window.Clerk.user.delete().catch(${codeOf})`);
  expect(refused).toBe("user_delete_self_not_enabled");
});
