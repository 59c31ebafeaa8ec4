// What admins and members do in Clerk's own organization profile: roles, removing, leaving, domains and requests.

import { randomUUID } from "node:crypto";
import {
  backend,
  comeIn,
  expect,
  mailedCode,
  newEmail,
  newOrganization,
  newPerson,
  openProfile,
  type Person,
  picture,
  test,
  typeCode,
} from "./fixtures";

async function rolesIn(organizationId: string): Promise<Record<string, string>> {
  const { data } = await backend.organizations.getOrganizationMembershipList({ organizationId });
  const entries = data.map(({ role, publicUserData }) => [publicUserData?.firstName, role]);
  return Object.fromEntries(entries);
}

test("an admin changes a role and removes a member; the other member leaves", async ({
  page,
  another,
}) => {
  const [admin, bo, cleo] = [
    await newPerson("Alma"),
    await newPerson("Bo"),
    await newPerson("Cleo"),
  ];
  const organization = await newOrganization(admin, bo, cleo);
  await comeIn(page, admin.id);
  const profile = await openProfile(page, organization.id);
  await profile.getByRole("button", { name: "Members" }).click();
  const row = (person: Person) => profile.getByRole("row").filter({ hasText: person.email });
  await row(bo).getByRole("button", { name: "Member" }).click();
  await page.getByRole("option", { name: "Admin" }).click();
  await expect.poll(() => rolesIn(organization.id)).toMatchObject({ Bo: "org:admin" });
  await row(cleo).getByRole("menuitem", { name: "Open menu" }).click();
  await page.getByRole("menuitem", { name: "Remove member" }).click();
  await expect.poll(() => rolesIn(organization.id)).not.toHaveProperty("Cleo");

  const guest = await another();
  await comeIn(guest, bo.id);
  const own = await openProfile(guest, organization.id);
  await own.getByRole("button", { name: "Leave organization" }).click();
  await own.getByRole("textbox").last().fill(organization.name);
  await own.getByRole("button", { name: "Leave organization" }).last().click();
  await expect.poll(() => rolesIn(organization.id)).toEqual({ Alma: "org:admin" });
});

test("an organization is made under a free slug, changed, pictured and deleted; people are invited, one invitation is revoked", async ({
  page,
}) => {
  test.slow(); // One organization, from its beginning to its end.
  const admin = await newPerson("Frida");
  await comeIn(page, admin.id, "/organizations/new");
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
  // The form closes with the picture's upload.
  await profile.getByRole("button", { name: "Update profile" }).click();
  await profile.getByLabel("Name", { exact: true }).fill("Greater Grove");
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
  await row(first).getByLabel("Open menu").click();
  await page.getByRole("menuitem", { name: "Revoke invitation" }).click();
  await expect(row(first)).toHaveCount(0);
  await expect(row(second)).toBeVisible();

  await profile.getByRole("button", { name: "General" }).click();
  await profile.getByRole("button", { name: "Delete organization" }).click();
  await profile.getByRole("textbox").last().fill("Greater Grove");
  await profile.getByRole("button", { name: "Delete organization" }).last().click();
  await expect.poll(known).toBe(0);
});

test.describe("with domains", () => {
  test.use({ settings: { hasOrganizationDomains: true } });

  test("a domain is verified; whoever has an address of it asks to join and is let in", async ({
    page,
    another,
  }) => {
    test.slow(); // Two people: one asks, the other lets them in.
    const domain = `d${randomUUID().slice(0, 8)}.example.com`;
    const admin = await newPerson("Dora");
    const organization = await newOrganization(admin);
    await comeIn(page, admin.id);
    const profile = await openProfile(page, organization.id);
    await profile.getByRole("button", { name: "Add domain" }).click();
    await profile.getByLabel("Domain").fill(domain);
    await profile.getByRole("button", { name: "Save" }).click();
    await profile.getByLabel(/email address/i).fill("office");
    await profile.getByRole("button", { name: "Save" }).click();
    await typeCode(page, await mailedCode(`office@${domain}`));
    // Clerk's form knows the domain as it was before the code, and closes; read anew it can be managed.
    await expect(profile.getByLabel(/enter verification code/i)).toHaveCount(0);
    await page.reload();
    const reopened = await openProfile(page, organization.id);
    await reopened.getByRole("menuitem", { name: "Open menu" }).click();
    await page.getByRole("menuitem", { name: "Manage" }).click();
    await reopened.getByText("Automatic suggestions").click();
    await reopened.getByRole("button", { name: "Save" }).click();
    await expect(reopened.getByRole("radio")).toHaveCount(0);
    await expect(reopened.getByText("Automatic suggestions")).toBeVisible();

    const newcomer = await newPerson("Ebba", { email: `ebba@${domain}` });
    const guest = await another();
    await comeIn(guest, newcomer.id);
    await guest.getByRole("button", { name: /organization switcher/i }).click();
    await guest.getByRole("button", { name: "Request to join" }).click();
    await expect(guest.getByText("Pending approval")).toBeVisible();

    await page.reload();
    const again = await openProfile(page, organization.id);
    await again.getByRole("button", { name: "Members" }).click();
    await again.getByRole("tab", { name: /requests/i }).click();
    await again.getByRole("button", { name: "Approve" }).click();
    await expect.poll(() => rolesIn(organization.id)).toMatchObject({ Ebba: "org:member" });
  });
});
