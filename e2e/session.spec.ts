import { expect, seeded, signIn, test } from "./fixtures";

test("a wrong password is said in words, and nothing is lost", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByLabel("Email address").fill(seeded.northwindAdmin);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByRole("textbox", { name: "Password" }).fill("not-the-password");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.getByTestId("form-feedback-error")).toContainText(/password is incorrect/i);
  await expect(page).toHaveURL(/sign-in/);
});

test("signs out, and the guarded pages are closed again", async ({ page }) => {
  await signIn(page, seeded.newcomer);
  await page.getByRole("button", { name: /user (button|menu)/i }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  await page.goto("/home");
  await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
});

test("a lost session cookie comes back by the handshake, without signing in again", async ({
  page,
}) => {
  await signIn(page, seeded.newcomer);
  const context = page.context();
  await page.goto("about:blank");
  await context.clearCookies({ name: /^__session/ });
  await page.goto("/home?from=a-bookmark");
  await expect(page.getByRole("main")).toContainText("Kofi Mensah");
  await expect(page).toHaveURL((url) => url.pathname + url.search === "/home?from=a-bookmark");
});

test("switching the organization shows the page of the new one, and no operation goes without a token", async ({
  page,
}) => {
  await signIn(page, seeded.northwindAdmin);
  const row = page.getByRole("listitem").filter({ hasText: "Northwind Press" });
  await expect(row).toBeVisible();
  const refused: string[] = [];
  page.on("request", (request) => {
    const isOperation = new URL(request.url()).pathname.startsWith("/api/graphql");
    const isBearer = /^Bearer [\w-]+\.[\w-]+\.[\w-]+$/.test(request.headers().authorization ?? "");
    if (isOperation && !isBearer) refused.push(request.url());
  });
  const switcher = page.getByRole("button", { name: /organization switcher/i });
  // There and back: each switch may overtake what the one before it asked.
  for (const name of ["Northwind Press", "Personal account", "Northwind Press"]) {
    await switcher.click();
    await page.getByRole("dialog").getByRole("button", { name }).click();
    await expect(switcher).toContainText(name);
  }
  await expect(row).toContainText(/active/i);
  expect(refused).toEqual([]);
});
