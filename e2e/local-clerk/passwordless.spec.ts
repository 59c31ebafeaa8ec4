// Signing up and in without a password, through Clerk's own components: by mailed link and by text message.

import {
  backend,
  expect,
  fillSignUpForm,
  mailedCode,
  mailedLink,
  newEmail,
  newNumber,
  newPerson,
  PASSWORD,
  test,
  typeCode,
  wrongCode,
} from "../fixtures";

test.describe("with mailed links", () => {
  test.use({ settings: { emailVerification: "link" } });

  test("a person signs up by a mailed link and signs in by another mailed link; each link works once", async ({
    page,
    openBrowser,
  }) => {
    const email = newEmail();
    await page.goto("/sign-up");
    await fillSignUpForm(page, email);
    await expect(page.getByRole("heading", { name: "Verify your email" })).toBeVisible();
    const first = await mailedLink(email);
    const tab = await page.context().newPage();
    await tab.goto(first);
    // Clerk's form displays the address as well, so wait until the home page is open.
    await page.waitForURL((url) => url.pathname === "/home");
    await expect(page.getByRole("main")).toContainText(email);

    const guest = await openBrowser();
    await guest.goto("/sign-in");
    await guest.getByLabel("Email address").fill(email);
    await guest.getByRole("button", { name: "Continue", exact: true }).click();
    await guest.getByRole("link", { name: /use another method/i }).click();
    await guest.getByRole("button", { name: /email link to/i }).click();
    await expect(guest.getByRole("heading", { name: "Check your email" })).toBeVisible();
    const second = await mailedLink(email, first);
    const spent = await guest.context().newPage();
    await spent.goto(first);
    await expect(spent.getByText(/this verification link is invalid/i)).toBeVisible();
    await spent.goto(second);
    await expect(guest.getByRole("main")).toContainText(email);
  });
});

test.describe("with mailed links that expire at once", () => {
  test.use({ settings: { emailVerification: "link", codeLifetimeMs: 1 } });

  test("opening an expired link displays that it has expired, and the link neither signs in nor signs up", async ({
    page,
  }) => {
    const { email } = await newPerson("Yara");
    await page.goto("/sign-in");
    await page.getByLabel("Email address").fill(email);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await page.getByRole("link", { name: /use another method/i }).click();
    await page.getByRole("button", { name: /email link to/i }).click();
    const tab = await page.context().newPage();
    await tab.goto(await mailedLink(email));
    await expect(tab.getByText(/this verification link has expired/i)).toBeVisible();
    await tab.goto("/home");
    await expect(tab).toHaveURL((url) => url.pathname === "/sign-in");

    const stranger = newEmail();
    await page.goto("/sign-up");
    await fillSignUpForm(page, stranger);
    await tab.goto(await mailedLink(stranger));
    await expect(tab.getByText(/this verification link has expired/i)).toBeVisible();
    expect(await backend.users.getCount({ emailAddress: [stranger] })).toBe(0);
  });
});

test.describe("with phone numbers", () => {
  test.use({ settings: { email: "optional", phone: "optional" } });

  test("a person signs up and in by a code in a text message; a wrong code and a taken number are refused", async ({
    page,
    openBrowser,
  }) => {
    const { local, number } = newNumber();
    await page.goto("/sign-up");
    await page.getByRole("link", { name: "Use phone instead" }).click();
    await page.getByLabel("Phone number").fill(local);
    await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    const code = await mailedCode(number);
    await typeCode(page, wrongCode(code));
    await expect(page.getByText(/incorrect/i).first()).toBeVisible();
    await typeCode(page, code);
    await page.waitForURL("**/home");

    const guest = await openBrowser();
    await guest.goto("/sign-up");
    await guest.getByRole("link", { name: "Use phone instead" }).click();
    await guest.getByLabel("Phone number").fill(local);
    await guest.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
    await guest.getByRole("button", { name: "Continue", exact: true }).click();
    await expect(guest.getByText(/phone number is taken/i).first()).toBeVisible();
    await guest.goto("/sign-in");
    await guest.getByRole("link", { name: "Use phone" }).click();
    await guest.getByLabel("Phone number").fill(local);
    await guest.getByRole("button", { name: "Continue", exact: true }).click();
    await guest.getByRole("link", { name: /use another method/i }).click();
    await guest.getByRole("button", { name: /send sms code/i }).click();
    await typeCode(guest, await mailedCode(number, code));
    await guest.waitForURL("**/home");
  });
});
