import AxeBuilder from "@axe-core/playwright";
import { expect, seeded, signIn, test } from "./fixtures";

/** Where the README's picture is written: into the repository with PICTURES=keep, otherwise to the test results. */
const pictures = process.env.PICTURES === "keep" ? "e2e/pictures" : "test-results/pictures";

const pages = [
  "/home",
  "/organizations/new",
  "/admin",
  "/admin/users",
  "/admin/organizations",
  "/admin/health",
  "/admin/health/deliveries?list=unknown",
  "/admin/health/unread",
  "/admin/health/profiles",
];

for (const colorScheme of ["light", "dark"] as const) {
  test(`every page passes axe and fits a phone's width in the ${colorScheme} theme`, async ({
    page,
  }) => {
    test.slow();
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const check = async (path: string) => {
      const { violations } = await new AxeBuilder({ page })
        .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"])
        // Clerk's own markup is outside our control.
        .exclude("[class*='cl-']")
        .analyze();
      const found = violations.map(({ id, nodes }) => `${path} ${id}: ${nodes[0]?.html}`);
      expect.soft(found).toEqual([]);
      await page.setViewportSize({ width: 375, height: 800 });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect.soft(overflow, `${path} at 375 px`).toBe(0);
      await page.setViewportSize({ width: 1280, height: 800 });
    };
    await page.goto("/");
    await check("/");
    await page.goto("/sign-in");
    await page.getByLabel("Email address").waitFor();
    await check("/sign-in");
    await signIn(page, seeded.admin);
    for (const path of pages) {
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await check(path);
    }
    await page.goto("/admin/organizations");
    await page.getByRole("table").getByRole("link", { name: "Northwind Press" }).click();
    await page.getByRole("heading", { name: "Northwind Press" }).waitFor();
    await check("/admin/organizations/[id]");
  });
}

test("the console of a seeded organization is captured for the README's picture", async ({
  page,
}) => {
  await signIn(page, seeded.admin, "/admin/organizations");
  await page.getByRole("table").getByRole("link", { name: "Northwind Press" }).click();
  await expect(page.getByRole("table")).toContainText("Amara Okafor");
  await page.screenshot({ path: `${pictures}/console.png`, animations: "disabled" });
});
