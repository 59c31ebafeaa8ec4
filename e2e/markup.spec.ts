import type { Page } from "@playwright/test";
import { backend, expect, newPerson, PASSWORD, signIn, test } from "./fixtures";

const markup = (what: string) => `<img src=x onerror="alert(1)"> & </title><b>${what}</b>`;

/** Expects that the name is shown as text, and that the browser created no element from it. */
async function expectPlainText(page: Page, name: string) {
  await expect(page.getByRole("main").getByText(name).first()).toBeVisible();
  await expect(page.locator('img[src="x"]')).toHaveCount(0);
  await expect(page.locator("b")).toHaveCount(0);
}

test("names with markup are shown as text: at home, in the console's lists and pages, in the title", async ({
  page,
}) => {
  const name = markup(`Looms ${Date.now()}`);
  const admin = await newPerson("Plover", { publicMetadata: { role: "admin" } });
  const { id } = await backend.organizations.createOrganization({ name, createdBy: admin.id });
  await signIn(page, admin.email, `/admin/organizations?q=${id}`, PASSWORD);
  await expectPlainText(page, name);
  await page.getByRole("link", { name }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expectPlainText(page, name);
  await expect(page).toHaveTitle(`${name} · Rollcall console`);
  await page.goto("/home");
  await expectPlainText(page, name);

  const firstName = markup("Ruff");
  await backend.users.updateUser(admin.id, { firstName });
  await page.goto(`/admin/users/${admin.id}`);
  await expect(page.getByRole("heading", { level: 1, name: firstName })).toBeVisible();
  await expectPlainText(page, firstName);
  await backend.organizations.deleteOrganization(id);
});
