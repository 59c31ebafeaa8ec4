// The local Clerk through Clerk's own components: an account at Google or Apple, and what the app says of a newcomer.

import {
  backend,
  expect,
  mailedCode,
  newEmail,
  newPerson,
  PASSWORD,
  test,
  typeCode,
} from "./fixtures";

test.use({ settings: { hasSocial: true } });

test("a new person comes by Google and is signed up", async ({ page }) => {
  const email = newEmail();
  await page.goto("/sign-in");
  await page.getByRole("button", { name: /google/i }).click();
  await expect(page.getByRole("heading", { name: /Google, played by/ })).toBeVisible();
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("First name").fill("Noor");
  await page.getByLabel("Last name").fill("Haddad");
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText("Noor Haddad");
});

test("a known person who signs up by Google is signed in instead", async ({ page }) => {
  const { email, name } = await newPerson("Gerda");
  await page.goto("/sign-up");
  await page.getByRole("button", { name: /google/i }).click();
  await page.getByLabel("Email").fill(email);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText(name);
});

test("a known person comes by Apple and is signed in", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: /apple/i }).click();
  await page.getByRole("button", { name: /Kofi Mensah/ }).click();
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText("Kofi Mensah");
});

test("whoever refuses at Google or Apple is told so, and is not signed in", async ({ page }) => {
  for (const [path, provider] of [
    ["/sign-in", /google/i],
    ["/sign-up", /apple/i],
  ] as const) {
    await page.goto(path);
    await page.getByRole("button", { name: provider }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByText(/did not grant access/i)).toBeVisible();
    await expect(page).toHaveURL((url) => url.pathname === path);
  }
  await page.goto("/home");
  await expect(page).toHaveURL((url) => url.pathname === "/sign-in");
});

test("what the app says of a newcomer at sign-up is theirs afterwards", async ({ page }) => {
  const email = newEmail();
  await page.goto("/");
  await expect.poll(() => page.evaluate("window.Clerk?.status")).toBe("ready");
  const options = { unsafeMetadata: { campaign: "spring" }, forceRedirectUrl: "/home" };
  await page.evaluate(`window.Clerk.openSignUp(${JSON.stringify(options)})`);
  const form = page.getByRole("dialog");
  await form.getByLabel("Email address").fill(email);
  await form.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await form.getByRole("button", { name: "Continue", exact: true }).click();
  await typeCode(page, await mailedCode(email));
  await page.waitForURL("**/home");
  const [person] = (await backend.users.getUserList({ emailAddress: [email] })).data;
  expect(person?.unsafeMetadata).toEqual({ campaign: "spring" });
});
