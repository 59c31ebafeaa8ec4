// Clerk's own organization profile: roles, members, leaving, creating and deleting an organization.

import { randomUUID } from "node:crypto";
import {
  backend,
  chooseInMenu,
  expect,
  newEmail,
  newOrganization,
  newPerson,
  openProfile,
  type Person,
  picture,
  signInByLink,
  test,
} from "../fixtures";

async function rolesIn(organizationId: string): Promise<Record<string, string>> {
  const { data } = await backend.organizations.getOrganizationMembershipList({ organizationId });
  const entries = data.map(({ role, publicUserData }) => [publicUserData?.firstName, role]);
  return Object.fromEntries(entries);
}

const lastAdmin = /at least one organization member with the minimum required permissions/;

test("an admin changes a role and removes a member; an admin can leave unless they are the last admin", async ({
  page,
  openBrowser,
}) => {
  test.slow(); // Two people: an admin, and a member who becomes an admin.
  const [admin, bo, cleo] = [
    await newPerson("Alma"),
    await newPerson("Bo"),
    await newPerson("Cleo"),
  ];
  const organization = await newOrganization(admin, bo, cleo);
  const guest = await openBrowser();
  await signInByLink(guest, bo.id);
  const seen = await openProfile(guest, organization.id);
  await expect(seen.getByRole("button", { name: "Leave organization" })).toBeVisible();
  for (const name of ["Update profile", "Delete organization"]) {
    await expect(seen.getByRole("button", { name })).toHaveCount(0);
  }
  await seen.getByRole("button", { name: "Members" }).click();
  await expect(seen.getByRole("row").filter({ hasText: cleo.email })).toContainText("Member");
  for (const name of ["Invite", "Member"]) {
    await expect(seen.getByRole("button", { name, exact: true })).toHaveCount(0);
  }
  await expect(seen.getByRole("menuitem", { name: "Open menu" })).toHaveCount(0);

  await signInByLink(page, admin.id);
  const profile = await openProfile(page, organization.id);
  await profile.getByRole("button", { name: "Members" }).click();
  const row = (person: Person) => profile.getByRole("row").filter({ hasText: person.email });
  await row(admin).getByRole("button", { name: "Admin" }).click();
  await page.getByRole("option", { name: "Member" }).click();
  await expect(profile.getByText(lastAdmin)).toBeVisible();
  await row(bo).getByRole("button", { name: "Member" }).click();
  await page.getByRole("option", { name: "Admin" }).click();
  await expect.poll(() => rolesIn(organization.id)).toMatchObject({ Bo: "org:admin" });
  await chooseInMenu(
    row(cleo).getByRole("menuitem", { name: "Open menu" }),
    page.getByRole("menuitem", { name: "Remove member" }),
  );
  await expect.poll(() => rolesIn(organization.id)).not.toHaveProperty("Cleo");

  await guest.reload();
  const own = await openProfile(guest, organization.id);
  await own.getByRole("button", { name: "Leave organization" }).click();
  await own.getByRole("textbox").last().fill("another one");
  await expect(own.getByRole("button", { name: "Leave organization" }).last()).toBeDisabled();
  await own.getByRole("textbox").last().fill(organization.name);
  await own.getByRole("button", { name: "Leave organization" }).last().click();
  await expect.poll(() => rolesIn(organization.id)).toEqual({ Alma: "org:admin" });

  await profile.getByRole("button", { name: "General" }).click();
  await profile.getByRole("button", { name: "Leave organization" }).click();
  await profile.getByRole("textbox").last().fill(organization.name);
  await profile.getByRole("button", { name: "Leave organization" }).last().click();
  await expect(profile.getByText(lastAdmin)).toBeVisible();
});

test("a user creates an organization with a free slug, revokes one of two invitations, updates the organization and deletes it", async ({
  page,
  signedIn,
}) => {
  test.slow(); // One test covers an organization from its creation to its deletion.
  await signedIn("Frida", "/organizations/new");
  const slug = `grove-${randomUUID().slice(0, 8)}`;
  await page.getByLabel("Name", { exact: true }).fill("Grove");
  await page.getByLabel("Slug").fill("northwind-press");
  const create = page.getByRole("button", { name: "Create organization" });
  await create.click();
  await expect(page.getByText(/slug is taken/i).first()).toBeVisible();
  await page.getByLabel("Slug").fill(slug);
  await create.click();
  const known = async () =>
    (await backend.organizations.getOrganizationList({ query: slug })).totalCount;
  await expect.poll(known).toBe(1);
  const { id: organizationId } = await backend.organizations.getOrganization({ slug });
  await page.goto("/home");
  const profile = await openProfile(page, organizationId);
  await profile.getByRole("button", { name: "Update profile" }).click();
  await profile.locator('input[type="file"]').setInputFiles(picture);
  const found = () => backend.organizations.getOrganization({ organizationId });
  await expect.poll(async () => (await found()).hasImage).toBe(true);
  // The upload has closed the form, so the test opens it again.
  await profile.getByRole("button", { name: "Update profile" }).click();
  await profile.getByLabel("Name", { exact: true }).fill("Greater Grove");
  await profile.getByLabel("Slug").fill("northwind-press");
  await profile.getByRole("button", { name: "Save" }).click();
  await expect(profile.getByText(/slug is taken/i).first()).toBeVisible();
  await profile.getByLabel("Slug").fill(slug);
  await profile.getByRole("button", { name: "Save" }).click();
  await expect.poll(async () => (await found()).name).toBe("Greater Grove");

  await profile.getByRole("button", { name: "Members" }).click();
  await profile.getByRole("button", { name: "Invite" }).click();
  const [first, second] = [newEmail(), newEmail()];
  const invitees = profile.getByTestId("tag-input");
  for (const each of [first, second]) {
    await invitees.fill(each);
    await invitees.press(",");
  }
  await profile.getByRole("button", { name: "Send invitations" }).click();
  await expect(invitees).toHaveCount(0);
  await profile.getByRole("tab", { name: /invitations/i }).click();
  const row = (email: string) => profile.getByRole("row").filter({ hasText: email });
  await expect(row(second)).toBeVisible();
  await chooseInMenu(
    row(first).getByLabel("Open menu"),
    page.getByRole("menuitem", { name: "Revoke invitation" }),
  );
  await expect(row(first)).toHaveCount(0);
  await expect(row(second)).toBeVisible();

  await profile.getByRole("button", { name: "General" }).click();
  await profile.getByRole("button", { name: "Delete organization" }).click();
  const deletion = profile.getByRole("button", { name: "Delete organization" }).last();
  await profile.getByRole("textbox").last().fill("Grove");
  await expect(deletion).toBeDisabled();
  await profile.getByRole("textbox").last().fill("Greater Grove");
  await deletion.click();
  await expect.poll(known).toBe(0);
});
