import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { databaseUrl, expect, seeded, signIn, test } from "./fixtures";
import { startOwnStack } from "./own-stack";

/** The folder for pictures of the console: in the repository with PICTURES=keep, otherwise in the test results. */
const pictures = process.env.PICTURES === "keep" ? "components/pictures" : "test-results/pictures";

const ownHandle = "SELECT handle FROM profiles p JOIN users u ON u.id = user_id WHERE email = $1"; // part of the sample product

const pages = [
  "/home",
  "/organizations/new",
  "/account/sessions",
  "/account/purchases",
  "/account/privacy",
  "/countries", // part of the sample product
  "/countries/portugal", // part of the sample product
  "/wishlist", // part of the sample product
  "/settings/profile", // part of the sample product
  "/admin",
  "/admin/users",
  "/admin/organizations",
  "/admin/invitations",
  "/admin/invitations/app",
  "/admin/bulk",
  "/admin/deliveries/test",
  "/admin/sync",
  "/admin/deliveries?outcome=unknown",
  "/admin/effects",
  "/admin/audit",
  "/admin/archive",
  "/admin/erasures",
  "/admin/sync/unread",
  "/admin/sync/profiles",
];

test("every page passes axe in the light and the dark theme, and fits a phone's width", async ({
  page,
  openBrowser,
  sql,
}) => {
  test.slow();
  const check = async (path: string, at: Page = page) => {
    // Leaves out Clerk's own markup, which we cannot change. The legacy mode opens no second page for each analysis: that page
    // is needed only for frames of other sites, and no page has one.
    const axe = () => new AxeBuilder({ page: at }).exclude("[class*='cl-']").setLegacyMode();
    const light = await axe().withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]).analyze();
    await at.emulateMedia({ colorScheme: "dark" });
    // The themes differ only in colours, so the dark theme is only checked for contrast.
    const dark = await axe().withRules(["color-contrast"]).analyze();
    await at.emulateMedia({ colorScheme: "light" });
    const found = [...light.violations, ...dark.violations].map(
      ({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html}`,
    );
    expect.soft(found).toEqual([]);
    await at.setViewportSize({ width: 375, height: 800 });
    const overflow = await at.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect.soft(overflow, `${path} at 375 px`).toBe(0);
    await at.setViewportSize({ width: 1280, height: 800 });
  };
  await page.goto("/");
  await check("/");
  await page.goto("/sign-in");
  await page.getByLabel("Email address").waitFor();
  await check("/sign-in");
  await signIn(page, seeded.admin);
  const visit = async (path: string) => {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).first().waitFor();
    await check(path);
  };
  for (const path of pages) await visit(path);
  const [own] = await sql(ownHandle, [seeded.admin]); // part of the sample product
  await visit(`/people/${own?.handle}`); // part of the sample product
  await visit(`/people/${own?.handle}/followers`); // part of the sample product
  await visit(`/people/${own?.handle}/following`); // part of the sample product
  await page.goto("/admin/organizations");
  await page.getByRole("table").getByRole("link", { name: "Northwind Press" }).click();
  await page.getByRole("heading", { name: "Northwind Press" }).waitFor();
  await check("/admin/organizations/[id]");
  const organization = new URL(page.url()).pathname;
  const member = page.getByRole("table", { name: "Members" }).getByRole("row").nth(1);
  const memberId = await member.getAttribute("data-row");
  await visit(`${organization}?show=${memberId}`);
  await visit(`${organization}?asOf=${new Date().toISOString()}`);
  await page.goto("/admin/users");
  await page.locator("tr[data-row]").first().getByRole("link").first().click();
  await page.getByRole("tab", { name: "Timeline" }).waitFor();
  const person = new URL(page.url()).pathname;
  await visit(person);
  await visit(`${person}?tab=timeline`);
  await visit(`${person}?asOf=${new Date().toISOString()}`);
  await page.goto("/admin");
  await page.setViewportSize({ width: 375, height: 800 });
  await page.getByRole("banner").locator("summary").click();
  await page.getByRole("navigation", { name: "Console" }).waitFor();
  await check("the menu of a phone");

  const boss = await openBrowser();
  await signIn(boss, seeded.northwindAdmin);
  const row = boss.getByRole("listitem").filter({ hasText: "Northwind Press" });
  await row.getByRole("button", { name: /^Invite/ }).click();
  await boss.getByRole("dialog").getByLabel("Email address").waitFor();
  await check("the dialog to invite", boss);
  await boss.keyboard.press("Escape");
  await row.getByRole("link", { name: "Northwind Press" }).click();
  await boss.getByRole("heading", { name: "Pending invitations" }).waitFor();
  await check("/organizations/[id]", boss);
});

test("an admin finds, opens, selects and exports people by keyboard alone", async ({ page }) => {
  await signIn(page, seeded.admin);
  await page.goto("/admin");
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("combobox", { name: "Search pages" })).toBeFocused();
  await page.keyboard.type("People");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/admin\/users$/);
  const rows = page.getByRole("table", { name: "People" }).locator("tr[data-row]");
  await rows.first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("example");
  await expect(page).toHaveURL(/q=example/);
  await page.keyboard.press("Tab");
  await expect(async () => {
    await page.keyboard.press("j");
    await expect(rows.first()).toBeFocused({ timeout: 500 });
  }).toPass();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/show=user_/);
  await expect(page.getByRole("complementary").last()).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page).not.toHaveURL(/show=/);
  await expect(rows.first()).toBeFocused();
  await page.keyboard.press("x");
  await expect(page.getByRole("region", { name: "Selection" })).toContainText("selected");
  await page.keyboard.press("e");
  await expect(page.getByRole("form", { name: "Export" })).toBeVisible();
  const download = page.waitForEvent("download");
  await expect(async () => {
    await page.keyboard.press("Tab");
    await expect(page.getByRole("checkbox", { name: "Name", exact: true })).toBeFocused({
      timeout: 300,
    });
  }).toPass();
  await page.keyboard.press("Enter");
  expect((await download).suggestedFilename()).toMatch(/^rollcall-users-.*\.csv$/);
});

test("the console of a generated organization is captured for the landing page and the README", async ({
  page,
}) => {
  const own = await startOwnStack(databaseUrl);
  try {
    await own.clerk.generate({ users: 120, organizations: 12, sendsWebhooks: true });
    await own.signIn(page, "/admin/organizations", { firstName: "Ida", role: "admin" });
    const rows = page.getByRole("table").getByRole("row");
    const sizes = rows.locator("td:nth-of-type(3)");
    await expect(page.getByRole("heading", { level: 1 })).toContainText("14");
    const counts = async () =>
      (await sizes.allTextContents()).map((text) => Number.parseInt(text, 10));
    // The members of a generated organization arrive after the organization. The test waits for more than 10 members, the most
    // that a seeded organization has.
    const largest = async () => {
      // An open list shows new rows and a new order only after a reload.
      await page.reload();
      await sizes.first().waitFor();
      return Math.max(...(await counts()));
    };
    await expect.poll(largest).toBeGreaterThan(10);
    const found = await counts();
    await sizes
      .nth(found.indexOf(Math.max(...found)))
      .locator("xpath=..")
      .getByRole("link")
      .click();
    await expect(page.getByRole("table", { name: "Members" })).toContainText("Admin");
    await expect(page.getByRole("banner")).toContainText("Up to date");
    // Moves the pointer off the row that it still highlights.
    await page.mouse.move(0, 0);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const path = `${pictures}/console-${colorScheme}.png`;
      await page.screenshot({ path, animations: "disabled" });
    }
  } finally {
    await own.stop();
  }
});
