// Invitations to an organization, sent with Clerk's own components, and the links in their mails.

import {
  backend,
  expect,
  mailedLink,
  newEmail,
  newOrganization,
  newPerson,
  openProfile,
  PASSWORD,
  signInByLink,
  test,
} from "../fixtures";

test("an invited person joins by the mailed link; inviting a member or an invited address again displays an error with the address", async ({
  page,
  openBrowser,
}) => {
  test.slow(); // Two people: one invites, the other signs up.
  const [admin, member] = [await newPerson("Hanna"), await newPerson("Ivo")];
  const organization = await newOrganization(admin, member);
  const email = newEmail();
  await signInByLink(page, admin.id);
  const profile = await openProfile(page, organization.id);
  await profile.getByRole("button", { name: "Members" }).click();
  const inviting = profile.getByRole("button", { name: "Invite", exact: true });
  const invitees = profile.getByTestId("tag-input");
  const invite = async (address: string) => {
    await invitees.fill(address);
    await invitees.press(",");
    await profile.getByRole("button", { name: "Send invitations" }).click();
  };
  await inviting.click();
  await invite(member.email);
  const known = `${member.email} is already a member of the organization.`;
  await expect(profile.getByText(known).first()).toBeVisible();
  await invite(email);
  await expect(profile.getByText("Invitations successfully sent")).toBeVisible();
  await profile.getByRole("button", { name: "Finish" }).click();
  await inviting.click();
  await invite(email);
  await expect(profile.getByText(/already pending invitations/).first()).toContainText(email);

  const link = await mailedLink(email);
  const guest = await openBrowser();
  await guest.goto(link);
  await guest.waitForURL("**/sign-up/continue**");
  await guest.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await guest.getByRole("button", { name: "Continue", exact: true }).click();
  await guest.waitForURL("**/home");
  await expect(guest.getByRole("main")).toContainText(organization.name);
  await guest.goto(link);
  await expect(guest.locator("body")).toContainText("organization_invitation_already_accepted");

  const { id: organizationId } = organization;
  const limits = { maxAllowedMemberships: 3, adminDeleteEnabled: false };
  await backend.organizations.updateOrganization(organizationId, limits);
  await page.reload();
  const full = await openProfile(page, organizationId);
  await expect(full.getByRole("button", { name: "Leave organization" })).toBeVisible();
  await expect(full.getByRole("button", { name: "Delete organization" })).toHaveCount(0);
  await full.getByRole("button", { name: "Members" }).click();
  await expect(full.getByRole("row").filter({ hasText: email })).toBeVisible();
  await expect(inviting).toBeDisabled();
  await inviting.hover({ force: true });
  await expect(page.getByText(/reached your limit of organization memberships/)).toBeVisible();
});

test("the form displays that the membership limit has been reached meanwhile, and the link of a revoked invitation is refused", async ({
  page,
}) => {
  const admin = await newPerson("Jonas");
  const { id: organizationId } = await newOrganization(admin);
  await signInByLink(page, admin.id);
  const profile = await openProfile(page, organizationId);
  await profile.getByRole("button", { name: "Members" }).click();
  await profile.getByRole("button", { name: "Invite", exact: true }).click();
  await backend.organizations.updateOrganization(organizationId, { maxAllowedMemberships: 2 });
  const emailAddress = newEmail();
  const given = { organizationId, emailAddress, role: "org:member" };
  const { id: invitationId } = await backend.organizations.createOrganizationInvitation(given);
  const invitees = profile.getByTestId("tag-input");
  await invitees.fill(newEmail());
  await invitees.press(",");
  await profile.getByRole("button", { name: "Send invitations" }).click();
  await expect(profile.getByText(/reached your limit of organization memberships/)).toBeVisible();

  const asked = { organizationId, invitationId, requestingUserId: admin.id };
  await backend.organizations.revokeOrganizationInvitation(asked);
  await page.goto(await mailedLink(emailAddress));
  await expect(page.locator("body")).toContainText("organization_invitation_revoked_code");
});
