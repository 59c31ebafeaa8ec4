import {
  clerk,
  expect,
  mailedCode,
  newEmail,
  PASSWORD,
  seeded,
  signIn,
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

async function createOrganization(page: import("@playwright/test").Page, name: string) {
  await page.goto("/organizations/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create organization" }).click();
  const skip = page.getByRole("button", { name: "Skip" });
  await skip.or(page.getByText(name)).first().waitFor();
  if (await skip.isVisible()) await skip.click();
  await page.waitForURL("**/home");
}
