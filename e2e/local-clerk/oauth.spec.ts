// Signing up and in with Google and Apple through Clerk's own components.

import type { Page } from "@playwright/test";
import {
  backend,
  expect,
  fillSignUpForm,
  mailedCode,
  newEmail,
  newPerson,
  test,
  typeCode,
} from "../fixtures";

test.use({ settings: { hasSocial: true } });

// Tests half of the combinations of provider, form and account: after the provider's page, both forms run the same code.
for (const [provider, signUpForm, signInForm] of [
  ["Google", "/sign-up", "/sign-in"],
  ["Apple", "/sign-in", "/sign-up"],
] as const) {
  const continueWith = async (page: Page, path: string, email: string, names: string[] = []) => {
    await page.goto(path);
    await page.getByRole("button", { name: new RegExp(provider, "i") }).click();
    await expect(page.getByRole("heading", { name: `${provider}, played by` })).toBeVisible();
    await page.getByLabel("Email").fill(email);
    for (const [place, name] of names.entries()) {
      await page.getByLabel(place === 0 ? "First name" : "Last name").fill(name);
    }
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await page.waitForURL("**/home");
  };

  test(`a person without an account signs up with ${provider}, from ${signUpForm}`, async ({
    page,
  }) => {
    const email = newEmail();
    await continueWith(page, signUpForm, email, ["Noor", "Haddad"]);
    await expect(page.getByRole("main")).toContainText("Noor Haddad");
    const [person, ...more] = (await backend.users.getUserList({ emailAddress: [email] })).data;
    expect([person?.externalAccounts[0]?.provider, more]).toEqual([
      `oauth_${provider.toLowerCase()}`,
      [],
    ]);
  });

  test(`a person with an account signs in with ${provider}, from ${signInForm}`, async ({
    page,
  }) => {
    const { email, name } = await newPerson("Gerda");
    await continueWith(page, signInForm, email);
    await expect(page.getByRole("main")).toContainText(name);
    expect(await backend.users.getCount({ emailAddress: [email] })).toBe(1);
  });
}

test("a seeded user chosen on the provider's page is signed in", async ({ page }) => {
  await page.goto("/sign-in");
  await page.getByRole("button", { name: /apple/i }).click();
  await page.getByRole("button", { name: /Kofi Mensah/ }).click();
  await page.waitForURL("**/home");
  await expect(page.getByRole("main")).toContainText("Kofi Mensah");
});

test("after access is denied at Google or Apple, the form displays the error and no user is signed in", async ({
  page,
}) => {
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

test("unsafeMetadata passed to the sign-up form is stored with the new user", async ({ page }) => {
  const email = newEmail();
  await page.goto("/sign-in");
  await expect.poll(() => page.evaluate("window.Clerk?.status")).toBe("ready");
  const options = { unsafeMetadata: { campaign: "spring" }, forceRedirectUrl: "/home" };
  await page.evaluate(`window.Clerk.openSignUp(${JSON.stringify(options)})`);
  const form = page.getByRole("dialog");
  await fillSignUpForm(form, email);
  await typeCode(page, await mailedCode(email));
  await page.waitForURL("**/home");
  const [person] = (await backend.users.getUserList({ emailAddress: [email] })).data;
  expect(person?.unsafeMetadata).toEqual({ campaign: "spring" });
});
