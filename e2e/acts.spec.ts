/** What an admin does to people and members at Clerk from the console, without a mouse. */
import type { Locator, Page } from "@playwright/test";
import { backend, expect, newOrganization, newPerson, signInByLink, test } from "./fixtures";

/** Presses Tab until this control has the focus. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  await control.waitFor();
  for (let step = 0; step < 60; step += 1) {
    if (await control.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error("Tab does not reach the control.");
}

async function press(page: Page, control: Locator): Promise<void> {
  await tabTo(page, control);
  await page.keyboard.press("Enter");
}

/** Selects the first rows of the list with the list's keys. */
async function selectRows(page: Page, count: number, what: string): Promise<void> {
  const rows = page.locator("tr[data-row]");
  // The keys work once the list has hydrated.
  await expect(async () => {
    await page.keyboard.press("j");
    await expect(rows.first()).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.press("x");
  for (let row = 1; row < count; row += 1) {
    await page.keyboard.press("j");
    await page.keyboard.press("x");
  }
  await expect(page.getByText(`${count} ${what} selected`)).toBeVisible();
}

const dialogOf = (page: Page) => page.getByRole("dialog");

async function fillByKeyboard(page: Page, label: string | RegExp, text: string): Promise<void> {
  await tabTo(page, dialogOf(page).getByLabel(label));
  await page.keyboard.type(text);
}

const isDone = (page: Page, count: number) =>
  expect(page.getByText(new RegExp(`${count} of ${count}: ${count} done`))).toBeVisible();

test("an admin bans, changes a role, ends sessions and deletes, all by keyboard", async ({
  page,
}) => {
  const admin = await newPerson("Regent", { publicMetadata: { role: "admin" } });
  const name = `Kiwi${Date.now()}`;
  const people = [await newPerson(name), await newPerson(name)];
  const [first, second] = people;
  if (!first || !second) throw new Error("two people were created");
  const organization = await newOrganization(first, second);
  await signInByLink(page, admin.id, `/admin/users?q=${name}`);

  await selectRows(page, 2, "people");
  await press(page, page.getByRole("button", { name: "Ban…", exact: true }));
  await expect(dialogOf(page)).toContainText("It would run for 2 of 2.");
  await fillByKeyboard(page, /^Reason/, "Spam");
  await press(page, dialogOf(page).getByRole("button", { name: "Ban: 2" }));
  await isDone(page, 2);
  for (const { id } of people) expect((await backend.users.getUser(id)).banned).toBe(true);

  await page.goto(`/admin/organizations/${organization.id}?q=${name}&role=org:member`);
  await selectRows(page, 1, "member");
  await press(page, page.getByRole("button", { name: "Change role…" }));
  await tabTo(page, dialogOf(page).getByLabel("Role"));
  await page.keyboard.type("Admin");
  await press(page, dialogOf(page).getByRole("button", { name: "Preview" }));
  await expect(dialogOf(page)).toContainText("It would run for 1 of 1.");
  await press(page, dialogOf(page).getByRole("button", { name: "Change role: 1" }));
  await isDone(page, 1);
  const members = await backend.organizations.getOrganizationMembershipList({
    organizationId: organization.id,
  });
  expect(members.data.map(({ role }) => role)).toEqual(["org:admin", "org:admin"]);

  await page.goto(`/admin/users/${first.id}`);
  await press(page, page.getByRole("button", { name: "Actions", exact: true }));
  await press(page, page.getByRole("button", { name: "End all sessions" }));
  await press(page, dialogOf(page).getByRole("button", { name: "End all sessions" }));
  await expect(dialogOf(page)).toHaveCount(0);

  await page.goto(`/admin/users?q=${name}`);
  await selectRows(page, 2, "people");
  await press(page, page.getByRole("button", { name: "Delete…" }));
  await tabTo(page, dialogOf(page).getByLabel("Recorded as"));
  await page.keyboard.type("P");
  await fillByKeyboard(page, /^Reason/, "Spam");
  const confirm = dialogOf(page).getByRole("button", { name: "Delete: 2" });
  await press(page, confirm);
  await expect(dialogOf(page)).toContainText("Type it as shown above.");
  await fillByKeyboard(page, /^Type “.2.” to confirm/, "2");
  await press(page, confirm);
  await isDone(page, 2);
  for (const { id } of people) await expect(backend.users.getUser(id)).rejects.toThrow();
});
