// Several accounts signed in in one browser.

import {
  chooseInMenu,
  enterPassword,
  expect,
  fillSignUpForm,
  mailedCode,
  newEmail,
  newPerson,
  PASSWORD,
  signedInUserIds,
  signInByLink,
  test,
  typeCode,
} from "../fixtures";

test("a user adds a second account, switches to it, signs out of one account, and then of all", async ({
  page,
}) => {
  const [first, second] = [await newPerson("Nils"), await newPerson("Olga")];
  await signInByLink(page, first.id);
  const menu = page.getByRole("button", { name: /user (button|menu)/i });
  const addSecond = async () => {
    await page.waitForURL(/sign-in/);
    await enterPassword(page, second.email, PASSWORD);
    await expect(page.getByRole("main")).toContainText(second.name);
  };
  await chooseInMenu(menu, page.getByRole("button", { name: "Add account" }));
  await addSecond();
  await chooseInMenu(
    menu,
    page.getByRole("dialog").getByRole("button", { name: new RegExp(first.name) }),
  );
  const nameNow = () => page.evaluate("window.Clerk?.user?.firstName");
  await expect.poll(nameNow).toBe("Nils");
  await page.goto("/home");
  await expect(page.getByRole("main")).toContainText(first.name);
  await menu.click();
  await page.getByRole("button", { name: "Sign out", exact: true }).first().click();
  const chooser = page.getByRole("heading", { name: "Choose an account" });
  await expect(chooser).toBeVisible();
  // After a reload the other account may be active already; the account chooser must still be displayed.
  await page.reload();
  await expect(chooser).toBeVisible();
  await page.getByRole("button", { name: /Olga Amsel/ }).click();
  await expect.poll(nameNow).toBe("Olga");
  expect(await signedInUserIds(first, second)).toEqual([second.id]);

  await page.goto("/sign-in?account=another");
  await enterPassword(page, first.email, PASSWORD);
  await expect(page.getByRole("main")).toContainText(first.name);
  await menu.click();
  await page.getByRole("button", { name: "Sign out of all accounts" }).click();
  await page.waitForURL((url) => url.pathname === "/");
  expect(await signedInUserIds(first, second)).toEqual([]);
});

test("signing in with an account that is signed in already makes it the active account", async ({
  page,
}) => {
  const [first, second] = [await newPerson("Uwe"), await newPerson("Vita")];
  await signInByLink(page, first.id);
  await signInByLink(page, second.id);
  await page.goto("/sign-in?account=another");
  await page.getByLabel("Email address").fill(first.email);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(first.name);
  expect(await signedInUserIds(first, second)).toHaveLength(2);
});

test.describe("in single-session mode", () => {
  test.use({ settings: { sessions: "single" } });

  test("in single-session mode, the sign-in page redirects a signed-in user, even with account=another", async ({
    page,
    signedIn,
  }) => {
    const { name } = await signedIn("Quin");
    await page.getByRole("button", { name: /user (button|menu)/i }).click();
    await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
    await expect(page.getByRole("button", { name: "Add account" })).toHaveCount(0);
    for (const path of ["/sign-in", "/sign-in?account=another"]) {
      await page.goto(path);
      await page.waitForURL("**/home");
      await expect(page.getByRole("main")).toContainText(name);
    }
  });
});

test("a third account is added by signing up from the account chooser", async ({ page }) => {
  const [first, second] = [await newPerson("Sol"), await newPerson("Tilda")];
  await signInByLink(page, first.id);
  await signInByLink(page, second.id);
  await page.goto("/sign-in/choose");
  await page.getByRole("button", { name: "Add account" }).click();
  await page.getByRole("link", { name: "Sign up" }).click();
  // The sign-in form has the same field, so wait until the sign-up form is displayed.
  await expect(page.getByRole("heading", { name: "Create your account" })).toBeVisible();
  const email = newEmail();
  await fillSignUpForm(page, email);
  await typeCode(page, await mailedCode(email));
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(email);
  await expect.poll(() => page.evaluate("window.Clerk?.client?.signedInSessions.length")).toBe(3);
});

test.describe("with Google and Apple sign-in", () => {
  test.use({ settings: { hasSocial: true } });

  test("denying access at Google or Apple while adding an account displays the error and keeps the first account signed in", async ({
    page,
    signedIn,
  }) => {
    const { name } = await signedIn("Ravi");
    for (const [path, provider] of [
      ["/sign-in", /google/i],
      ["/sign-up", /apple/i],
    ] as const) {
      await page.goto(`${path}?account=another`);
      await page.getByRole("button", { name: provider }).click();
      await page.getByRole("button", { name: "Cancel" }).click();
      await expect(page.getByText(/did not grant access/i)).toBeVisible();
      await expect(page).toHaveURL((url) => url.pathname === path);
    }
    await page.goto("/home");
    await expect(page.getByRole("main")).toContainText(name);
  });
});
