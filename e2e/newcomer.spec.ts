import {
  clerk,
  expect,
  mailedCode,
  mailedLink,
  newEmail,
  newOrganization,
  newPerson,
  PASSWORD,
  seeded,
  signIn,
  signInByLink,
  test,
  typeCode,
} from "./fixtures";

test("a new user signs up with a mailed code, sees their name at home, and has a row in Postgres", async ({
  page,
  sql,
}) => {
  const email = newEmail();
  await page.goto("/");
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("First name").fill("Noor");
  await page.getByLabel("Last name").fill("Haddad");
  await page.getByLabel("Email address").fill(email);
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  expect(await clerk.outbox.latest(email)).toBeUndefined();
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await typeCode(page, await mailedCode(email));
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText("Noor Haddad");
  await expect(page.getByRole("main")).toContainText(email);
  await expect
    .poll(() =>
      sql("SELECT first_name, version > 0 AS has_version, deleted FROM users WHERE email = $1", [
        email,
      ]),
    )
    .toEqual([{ first_name: "Noor", has_version: true, deleted: false }]);
  await expect
    .poll(() =>
      sql(
        "SELECT d.type FROM deliveries d JOIN users u ON u.id = d.object_id WHERE u.email = $1 AND d.type = 'user.created'",
        [email],
      ),
    )
    .toEqual([{ type: "user.created" }]);
});

test("a new organization appears on its creator's home page and in the admin console", async ({
  page,
  browser,
  sql,
}) => {
  const name = `Lantern Rowing ${Date.now()}`;
  await signIn(page, seeded.northwindAdmin);
  await createOrganization(page, name);
  await expect(page.getByRole("main").getByText(name)).toBeVisible();
  await expect
    .poll(() =>
      sql(
        "SELECT m.role FROM memberships m JOIN organizations o ON o.id = m.organization_id WHERE o.name = $1",
        [name],
      ),
    )
    .toEqual([{ role: "org:admin" }]);

  const adminContext = await browser.newContext();
  const admin = await adminContext.newPage();
  await signIn(admin, seeded.admin, new URL("/admin/organizations", page.url()).href);
  await admin.getByRole("searchbox").fill(name);
  await admin.getByRole("searchbox").press("Enter");
  await admin.getByRole("table").getByRole("link", { name }).click();
  await expect(admin.getByRole("heading", { name })).toBeVisible();
  await expect(admin.getByRole("table")).toContainText("Amara Okafor");
  await adminContext.close();
});

test("an admin invites from the home page; the mailed link's page shows the names of admin and organization, and the new member sees a welcome", async ({
  page,
  openBrowser,
}) => {
  const admin = await newPerson("Rhea");
  const organization = await newOrganization(admin);
  await signInByLink(page, admin.id);
  const row = page.getByRole("listitem").filter({ hasText: organization.name });
  const invite = row.getByRole("button", { name: /^Invite/ });
  await invite.focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: `Invite someone to ${organization.name}` });
  const field = dialog.getByLabel("Email address");
  await expect(field).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(invite).toBeFocused();
  await page.keyboard.press("Enter");
  await field.fill("nobody");
  await field.press("Enter");
  await expect(field).toHaveAccessibleDescription("Enter an address like name@example.com.");
  await field.fill(admin.email);
  await field.press("Enter");
  await expect(field).toHaveAccessibleDescription(/already a member/);
  const email = newEmail();
  await field.fill(email);
  await field.press("Enter");
  await expect(row.getByRole("status")).toHaveText(`Invited ${email}.`);
  await expect(row.getByText("Pending at Clerk")).toHaveCount(0);

  await row.getByRole("link", { name: organization.name }).click();
  await expect(page.getByRole("heading", { level: 1, name: organization.name })).toBeVisible();
  const pending = page.getByRole("region", { name: /Pending invitations/ });
  await expect(pending).toContainText(email);

  const guest = await openBrowser();
  await guest.goto(await mailedLink(email));
  await expect(guest.getByText(`Rhea Amsel invites you to ${organization.name}`)).toBeVisible();
  // Clerk asks for no code, because the ticket in the invitation's link has verified the address.
  const password = guest.getByRole("textbox", { name: "Password" });
  await password.fill(PASSWORD);
  await password.press("Enter");
  await guest.waitForURL((url) => url.pathname === "/home");
  await expect(guest.getByText(`Welcome to ${organization.name}`)).toBeVisible();
  await expect(guest).toHaveURL((url) => url.search === "");

  // The admin's open page updates itself: the invitation disappears from the pending invitations, and the invited user is a
  // member.
  await expect(pending).not.toContainText(email);
  await expect(page.getByRole("region", { name: "Members" })).toContainText(email);
  const second = newEmail();
  await pending.getByRole("button", { name: /^Invite/ }).click();
  await page.getByRole("dialog").getByLabel("Email address").fill(second);
  await page.getByRole("dialog").getByRole("button", { name: "Invite", exact: true }).click();
  await pending.getByRole("button", { name: `Revoke the invitation of ${second}` }).click();
  await expect(pending.getByRole("listitem").filter({ hasText: second })).toHaveCount(0);
  await guest.getByRole("link", { name: "Open the organization" }).click();
  await expect(guest.getByRole("region", { name: "Members" })).toContainText("Rhea Amsel");
  await expect(guest.getByRole("region", { name: /Pending invitations/ })).toHaveCount(0);
});

test("a user accepts an invitation on the home page, is welcomed, and can hide the next steps for good", async ({
  page,
  openBrowser,
}) => {
  const [admin, invited] = [await newPerson("Rhea"), await newPerson("Ivo")];
  const organization = await newOrganization(admin);
  await signInByLink(page, invited.id);
  await expect(page.getByRole("region", { name: "Next steps" })).toContainText("Choose a handle");
  const boss = await openBrowser();
  await signInByLink(boss, admin.id, `/organizations/${organization.id}`);
  await boss.getByRole("button", { name: /^Invite/ }).click();
  await boss.getByRole("dialog").getByLabel("Email address").fill(invited.email);
  await boss.keyboard.press("Enter");
  const invitation = page.getByRole("region", { name: "You are invited" });
  await expect(invitation).toContainText(`Rhea Amsel invites you to ${organization.name}`);
  await invitation.getByRole("button", { name: /^Accept/ }).click();
  await expect(page.getByText(`Welcome to ${organization.name}`)).toBeVisible();
  await expect(invitation).toHaveCount(0);
  await expect(
    page.getByRole("list").filter({ hasText: "Create an organization, done" }),
  ).toBeVisible();
  await page.getByRole("button", { name: "Hide the next steps" }).click();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1 })).toContainText("Ivo Amsel");
  await expect(page.getByRole("region", { name: "Next steps" })).toHaveCount(0);
});

async function createOrganization(page: import("@playwright/test").Page, name: string) {
  await page.goto("/organizations/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create organization" }).click();
  const skip = page.getByRole("button", { name: "Skip" });
  await skip.or(page.getByText(name)).first().waitFor();
  if (await skip.isVisible()) await skip.click();
  await page.waitForURL("**/home");
}
