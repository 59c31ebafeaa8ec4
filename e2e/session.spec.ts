import { chooseInMenu, clerk, enterPassword, expect, seeded, signIn, test } from "./fixtures";

test("a wrong password shows an error on the form", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByLabel("Email address").fill(seeded.northwindAdmin);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByRole("textbox", { name: "Password" }).fill("not-the-password");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await expect(page.getByTestId("form-feedback-error")).toContainText(/password is incorrect/i);
  await expect(page).toHaveURL(/sign-in/);
});

test("after signing out, a guarded page redirects to sign in", async ({ page }) => {
  await signIn(page, seeded.newcomer);
  await chooseInMenu(
    page.getByRole("button", { name: /user (button|menu)/i }),
    page.getByRole("button", { name: "Sign out" }),
  );
  await page.waitForURL((url) => url.pathname === "/");
  await page.goto("/home");
  await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
});

test("the browser's Back button shows no sign-in form after signing in, and no member page after signing out", async ({
  page,
}) => {
  await page.goto("/countries");
  await signIn(page, seeded.newcomer);
  const main = page.getByRole("main");
  await expect(main).toContainText("Kofi Mensah");
  await page.goBack();
  await expect(page).not.toHaveURL(/sign-in/);
  for (const path of ["/sign-in", "/sign-up", "/join", "/enter"]) {
    await page.goto(path);
    await expect(page).toHaveURL((url) => url.pathname === "/home");
  }
  await expect(main).toContainText("Kofi Mensah");
  await chooseInMenu(
    page.getByRole("button", { name: /user (button|menu)/i }),
    page.getByRole("button", { name: "Sign out" }),
  );
  await page.waitForURL((url) => url.pathname === "/");
  await page.goBack();
  await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
  await expect(page.getByText("Kofi Mensah")).toHaveCount(0);
});

test("a member page that the browser restores from its cache after the session ended is requested from the server again", async ({
  page,
}) => {
  await signIn(page, seeded.newcomer, "/wishlist");
  await expect(page.getByRole("heading", { name: "Wishlist" })).toBeVisible();
  await page.context().clearCookies();
  // The back/forward cache is off in these tests, so the test dispatches the event that a restored page gets.
  await page.evaluate(() =>
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true })),
  );
  await expect(page).toHaveURL((url) => url.pathname === "/sign-in", { timeout: 5_000 });
});

test("a lost session cookie is restored by Clerk's handshake, without signing in again", async ({
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

test("switching organizations shows the new organization, and every operation carries a token", async ({
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
  // Switches there and back: late requests of the first switch must not overwrite the result of the second.
  for (const name of ["Personal account", "Northwind Press"]) {
    await chooseInMenu(switcher, page.getByRole("dialog").getByRole("button", { name }));
    await expect(switcher).toContainText(name);
  }
  await expect(row).toContainText(/active/i);
  expect(refused).toEqual([]);
});

test("a user who signs in after another user has signed out, without a reload, gets none of the other user's data", async ({
  page,
}) => {
  await signIn(page, seeded.northwindAdmin);
  await expect(page.getByRole("main")).toContainText("Northwind Press");
  await chooseInMenu(
    page.getByRole("button", { name: /user (button|menu)/i }),
    page.getByRole("button", { name: "Sign out" }),
  );
  await page.waitForURL((url) => url.pathname === "/");
  await page.evaluate(() => {
    const leaks: string[] = [];
    Object.assign(window, { leaks });
    new MutationObserver(() => {
      const text = document.body.textContent ?? "";
      if (text.includes("Northwind Press")) leaks.push(text);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  await page.getByRole("main").getByRole("link", { name: "Sign in" }).click();
  await enterPassword(page, seeded.newcomer, (await clerk.overview()).password);
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText("Kofi Mensah");
  // A reload would have removed `leaks`. So this also checks that the page is still the same document.
  expect(await page.evaluate(() => Reflect.get(window, "leaks"))).toEqual([]);
});
