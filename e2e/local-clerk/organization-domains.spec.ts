// Tests domains in Clerk's own organization profile, and requests to join by users who have an e-mail address at the domain.

import { randomUUID } from "node:crypto";
import type { Page } from "@playwright/test";
import {
  backend,
  chooseInMenu,
  expect,
  mailedCode,
  newOrganization,
  newPerson,
  openProfile,
  signInByLink,
  test,
  typeCode,
  wrongCode,
} from "../fixtures";

test.use({ settings: { hasOrganizationDomains: true } });

async function askToJoin(page: Page, userId: string): Promise<void> {
  await signInByLink(page, userId);
  await chooseInMenu(
    page.getByRole("button", { name: /organization switcher/i }),
    page.getByRole("button", { name: "Request to join" }),
  );
  await expect(page.getByText("Pending approval")).toBeVisible();
}

test("an admin verifies a domain, approves one request to join, rejects another request, and removes the domain", async ({
  page,
  openBrowser,
}) => {
  test.slow(); // Three people: two request to join, an admin responds.
  const domain = `d${randomUUID().slice(0, 8)}.example.com`;
  const admin = await newPerson("Dora");
  const organization = await newOrganization(admin);
  const other = await newOrganization(await newPerson("Fritz"));
  const taken = `d${randomUUID().slice(0, 8)}.example.com`;
  const elsewhere = { organizationId: other.id, name: taken, verified: true };
  const enrollmentMode = "manual_invitation";
  await backend.organizations.createOrganizationDomain({ ...elsewhere, enrollmentMode });
  await signInByLink(page, admin.id);
  const profile = await openProfile(page, organization.id);
  await profile.getByRole("button", { name: "Add domain" }).click();
  const save = profile.getByRole("button", { name: "Save" });
  for (const [given, why] of [
    ["no domain", /must be a valid domain name/],
    [taken, /already used by another organization/],
  ] as const) {
    await profile.getByLabel("Domain").fill(given);
    await save.click();
    await expect(profile.getByText(why).first()).toBeVisible();
  }
  await profile.getByLabel("Domain").fill(domain);
  await save.click();
  await profile.getByLabel(/email address/i).fill("office");
  await save.click();
  const code = await mailedCode(`office@${domain}`);
  await typeCode(page, wrongCode(code));
  await expect(profile.getByText("Incorrect code").first()).toBeVisible();
  await typeCode(page, code);
  // Clerk's form closes without showing the new status of the domain. The domain can be managed only after a reload.
  await expect(profile.getByLabel(/enter verification code/i)).toHaveCount(0);
  await page.reload();
  const reopened = await openProfile(page, organization.id);
  await chooseInMenu(
    reopened.getByRole("menuitem", { name: "Open menu" }),
    page.getByRole("menuitem", { name: "Manage" }),
  );
  // The form may reset to its old value shortly after it appears, so the change is retried.
  await expect(async () => {
    await reopened.getByText("Automatic suggestions").click();
    const chosen = reopened.getByRole("radio", { checked: true });
    await expect(chosen).toHaveAccessibleName(/automatic suggestions/i, { timeout: 1_000 });
  }).toPass();
  await reopened.getByRole("button", { name: "Save" }).click();
  await expect(reopened.getByRole("radio")).toHaveCount(0);
  await expect(reopened.getByText("Automatic suggestions")).toBeVisible();

  const [ebba, gero] = [
    await newPerson("Ebba", { email: `ebba@${domain}` }),
    await newPerson("Gero", { email: `gero@${domain}` }),
  ];
  await askToJoin(await openBrowser(), ebba.id);
  await askToJoin(await openBrowser(), gero.id);
  await page.reload();
  const again = await openProfile(page, organization.id);
  await again.getByRole("button", { name: "Members" }).click();
  await again.getByRole("tab", { name: /requests/i }).click();
  const row = (email: string) => again.getByRole("row").filter({ hasText: email });
  await row(gero.email).getByRole("button", { name: "Reject" }).click();
  await expect(row(gero.email)).toHaveCount(0);
  await row(ebba.email).getByRole("button", { name: "Approve" }).click();
  await expect(row(ebba.email)).toHaveCount(0);
  const { data } = await backend.organizations.getOrganizationMembershipList({
    organizationId: organization.id,
  });
  const names = data.map(({ publicUserData }) => publicUserData?.firstName);
  expect(names.sort()).toEqual(["Dora", "Ebba"]);

  await again.getByRole("button", { name: "General" }).click();
  await chooseInMenu(
    again.getByRole("menuitem", { name: "Open menu" }),
    page.getByRole("menuitem", { name: "Delete" }),
  );
  await again.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(again.getByText(domain)).toHaveCount(0);
  const known = { organizationId: organization.id };
  const left = await backend.organizations.getOrganizationDomainList(known);
  expect(left.totalCount).toBe(0);
});
