// Tests that the action of a guest runs after sign-in, whichever way the guest signs in. It runs only once, and in no other
// browser.

import type { Page, Route } from "@playwright/test";
import { totpCode } from "../../dev/local-clerk/authentication/second-factors";
import {
  backend,
  clerk,
  enterPassword,
  expect,
  fillSignUpForm,
  mailedCode,
  mailedLink,
  newEmail,
  newPerson,
  PASSWORD,
  test,
  typeCode,
  wrongCode,
} from "../fixtures";

const COUNTRY = "/countries/portugal";
const wishButton = (page: Page) =>
  page.getByRole("button", { name: /^(Add Portugal to|Remove Portugal from) your wishlist$/ });

const notice = (page: Page, text: string) => page.getByRole("status").filter({ hasText: text });

/** Presses the wishlist button as a guest, and follows the dialog's link to the sign-in or sign-up form. */
async function pressAndChoose(page: Page, form: "Sign in" | "Create an account") {
  await page.goto(COUNTRY);
  await wishButton(page).click();
  const sheet = page.getByRole("dialog", { name: "Sign in to add Portugal to your wishlist" });
  await sheet.getByRole("link", { name: form }).click();
  await page.waitForURL((url) => /^\/sign-(in|up)/.test(url.pathname));
}

/** Expects the country's page to show the result of the action, and the URL to contain no intent. */
async function expectDone(page: Page) {
  await expect(notice(page, "Portugal is on your wishlist.")).toBeVisible();
  await expect(wishButton(page)).toHaveText("On your wishlist");
  await expect(page).toHaveURL((url) => url.pathname + url.search === COUNTRY);
}

test("a guest's deferred action runs once after sign-in by password, and can be undone", async ({
  page,
  sql,
}) => {
  const person = await newPerson("Ida");
  await pressAndChoose(page, "Sign in");
  await enterPassword(page, person.email, PASSWORD);
  await expectDone(page);
  const wishlist = () =>
    sql("SELECT country_id FROM wishlist_items WHERE user_id = $1", [person.id]);
  expect(await wishlist()).toEqual([{ country_id: "PT" }]);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(wishButton(page)).toHaveText("Add to wishlist");
  expect(await wishlist()).toEqual([]);
  await page.reload();
  await expect(wishButton(page)).toHaveText("Add to wishlist");
  expect((await page.context().cookies()).filter(({ name }) => /intent/.test(name))).toEqual([]);
});

test("a guest's deferred action runs after sign-up with a mailed code, also after a wrong code", async ({
  page,
}) => {
  const email = newEmail();
  await pressAndChoose(page, "Create an account");
  await fillSignUpForm(page, email);
  const code = await mailedCode(email);
  await typeCode(page, wrongCode(code));
  await expect(page.getByText(/incorrect/i).first()).toBeVisible();
  await typeCode(page, code);
  await expectDone(page);
});

test.describe("with second factors", () => {
  test.use({ settings: { hasSecondFactor: true } });

  test("a guest's deferred action runs after sign-in with a password and an authenticator app", async ({
    page,
    signedIn,
    openBrowser,
  }) => {
    const { email } = await signedIn("Tove");
    const secret = String(
      await page.evaluate("window.Clerk.user.createTOTP().then(({ secret }) => secret)"),
    );
    const code = totpCode(secret, Date.now());
    await page.evaluate(`window.Clerk.user.verifyTOTP({ code: "${code}" })`);
    const guest = await openBrowser();
    await pressAndChoose(guest, "Sign in");
    await enterPassword(guest, email, PASSWORD);
    await expect(guest.getByLabel(/enter verification code/i).first()).toBeVisible();
    await typeCode(guest, totpCode(secret, Date.now()));
    await expectDone(guest);
  });
});

test.describe("with Google and Apple", () => {
  test.use({ settings: { hasSocial: true } });

  for (const [provider, form] of [
    ["Google", "Sign in"],
    ["Apple", "Create an account"],
  ] as const) {
    test(`a guest's deferred action runs after ${provider}, for a new and for a known person`, async ({
      page,
      openBrowser,
    }) => {
      const email = newEmail();
      for (const browser of [page, await openBrowser()]) {
        await pressAndChoose(browser, form);
        await browser.getByRole("button", { name: new RegExp(provider, "i") }).click();
        await browser.getByLabel("Email").fill(email);
        await browser.getByRole("button", { name: "Continue", exact: true }).click();
        await expectDone(browser);
      }
      expect(await backend.users.getCount({ emailAddress: [email] })).toBe(1);
    });
  }
});

test.describe("with mailed links", () => {
  test.use({ settings: { emailVerification: "link" } });

  test("a guest's deferred action runs after a mailed link in another tab, and is refused with a notice in another browser", async ({
    page,
    openBrowser,
    sql,
  }) => {
    const email = newEmail();
    await pressAndChoose(page, "Create an account");
    await fillSignUpForm(page, email);
    const tab = await page.context().newPage();
    await tab.goto(await mailedLink(email));
    await expectDone(page);

    const [row] = await sql("SELECT id FROM intents WHERE state = 'done' ORDER BY settled_at DESC");
    const other = await openBrowser();
    const { id } = await newPerson("Elsewhere");
    const link = new URL(
      (await backend.signInTokens.createSignInToken({ userId: id, expiresInSeconds: 600 })).url,
    );
    link.searchParams.set("redirect_url", `${COUNTRY}?intent=${row?.id}`);
    await other.goto(link.href);
    await expect(notice(other, "started in another browser")).toBeVisible();
    await expect(wishButton(other)).toHaveText("Add to wishlist");
  });
});

test.describe("when an organization must be chosen", () => {
  test.use({ settings: { needsOrganization: true } });

  test("a guest's deferred action runs after the required organization is chosen", async ({
    page,
  }) => {
    const { email } = await newPerson("Mira");
    await pressAndChoose(page, "Sign in");
    await enterPassword(page, email, PASSWORD);
    await page.getByLabel("Name", { exact: true }).fill(`Lantern Rowing ${Date.now()}`);
    await page.getByRole("button", { name: /continue|create organization/i }).click();
    await expectDone(page);
  });
});

test.describe("when a second factor is required", () => {
  test.use({ settings: { needsSecondFactor: true } });

  test("a guest's deferred action runs after the required second factor is set up, and not before", async ({
    page,
    sql,
  }) => {
    const { email, id } = await newPerson("Runa");
    await pressAndChoose(page, "Sign in");
    await enterPassword(page, email, PASSWORD);
    await page.waitForURL((url) => url.pathname.startsWith("/sign-in/tasks"));
    await page.getByRole("button", { name: /can.t scan/i }).click();
    const secret = await page.getByRole("textbox").first().inputValue();
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    const wishlist = () => sql("SELECT country_id FROM wishlist_items WHERE user_id = $1", [id]);
    expect(await wishlist()).toEqual([]);
    await typeCode(page, totpCode(secret, Date.now()));
    await page.getByRole("button", { name: "Continue", exact: true }).click();
    await expectDone(page);
    expect(await wishlist()).toEqual([{ country_id: "PT" }]);
  });
});

test("a guest's deferred action runs after a compromised password is replaced", async ({
  page,
}) => {
  const { id, email } = await newPerson("Solveig");
  await backend.users.setPasswordCompromised(id);
  await pressAndChoose(page, "Sign in");
  await enterPassword(page, email, PASSWORD);
  await page.waitForURL((url) => url.pathname.startsWith("/sign-in/tasks"));
  await page.getByLabel("New password").fill("a-louder-Harbour-42");
  await page.getByLabel("Confirm password").fill("a-louder-Harbour-42");
  await page.getByRole("button", { name: /reset password/i }).click();
  await expectDone(page);
});

test("a guest's deferred action survives a reload and a closed tab, and runs after sign-in on another page", async ({
  page,
}) => {
  const { email } = await newPerson("Lou");
  await pressAndChoose(page, "Sign in");
  await page.reload();
  const { href } = new URL("/wishlist", page.url());
  const tab = await page.context().newPage();
  await page.close();
  await tab.goto(href);
  await enterPassword(tab, email, PASSWORD);
  await expect(notice(tab, "Portugal is on your wishlist.")).toBeVisible();
  await expect(tab.getByRole("main").getByRole("listitem")).toContainText("Portugal");
});

test("the deferred actions of two tabs run once each, also after a double click", async ({
  page,
  sql,
}) => {
  const { email, id } = await newPerson("Nils");
  const tab = await page.context().newPage();
  await tab.goto("/countries/iceland");
  await tab.getByRole("button", { name: "Add Iceland to your wishlist" }).dblclick();
  await expect(tab.getByRole("dialog")).toBeVisible();
  await pressAndChoose(page, "Sign in");
  await enterPassword(page, email, PASSWORD);
  await expect(notice(page, "Portugal is on your wishlist.")).toBeVisible();
  await expect(notice(page, "Iceland is on your wishlist.")).toBeVisible();
  const rows = await sql(
    "SELECT args ->> 'countryId' AS country, state FROM intents WHERE user_id = $1 ORDER BY 1",
    [id],
  );
  expect(rows).toEqual([
    { country: "IS", state: "done" },
    { country: "PT", state: "done" },
  ]);
});

test.describe("when the session's cookie is too old, and Clerk's script has not loaded", () => {
  test.use({ settings: { tokenLifetimeSeconds: 1 } });

  /** Opens the country's page signed in, then waits until the session cookie has expired. Resolves to the session's id. */
  async function openWithOldCookie(page: Page): Promise<string> {
    const sessionId = String(await page.evaluate("window.Clerk.session.id"));
    await page.route(/\.browser\.js/, (route) => route.abort());
    await page.goto(COUNTRY);
    const ask = { data: { query: "{ viewer { id } }" } };
    await expect
      .poll(async () => (await page.request.post("/api/graphql", ask)).status())
      .toBe(401);
    return sessionId;
  }

  test("an action with an expired cookie reloads the page, which renews the cookie, and then runs", async ({
    page,
    signedIn,
  }) => {
    await signedIn("Rut");
    await openWithOldCookie(page);
    await wishButton(page).click();
    await expectDone(page);
  });

  test("after a revoked session the user must sign in, and another account must confirm the action", async ({
    page,
    signedIn,
    sql,
  }) => {
    const ana = await signedIn("Ana");
    const ben = await newPerson("Ben");
    await clerk.sessions.revoke(await openWithOldCookie(page));
    await wishButton(page).click();
    await page.unroute(/\.browser\.js/);
    await page.getByRole("dialog").getByRole("link", { name: "Sign in" }).click();
    await enterPassword(page, ben.email, PASSWORD);
    const question = page.getByRole("dialog", { name: "Add Portugal to your wishlist?" });
    await expect(question).toContainText("another account");
    const wishlists = () =>
      sql("SELECT user_id FROM wishlist_items WHERE user_id IN ($1, $2)", [ana.id, ben.id]);
    expect(await wishlists()).toEqual([]);
    await question.getByRole("button", { name: "Continue" }).click();
    await expectDone(page);
    expect(await wishlists()).toEqual([{ user_id: ben.id }]);
  });
});

test("a guest who chooses Not now or presses Escape closes the sheet, and no intent cookie is left", async ({
  page,
}) => {
  await page.goto(COUNTRY);
  for (const close of [
    () => page.getByRole("button", { name: "Not now" }).click(),
    () => page.keyboard.press("Escape"),
  ]) {
    await wishButton(page).click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await close();
    await expect(page.getByRole("dialog")).toBeHidden();
    await expect
      .poll(async () => (await page.context().cookies()).filter(({ name }) => /intent/.test(name)))
      .toEqual([]);
  }
  await expect(wishButton(page)).toHaveText("Add to wishlist");
});

test("an undo that gets no answer says so, and the page keeps what it shows", async ({
  page,
  signedIn,
}) => {
  await signedIn("Smew");
  await page.goto(COUNTRY);
  await wishButton(page).click();
  await expectDone(page);
  await page.route("**/api/actions", (route) => route.abort());
  const refreshes: string[] = [];
  page.on("request", (request) => {
    if (request.headers().rsc) refreshes.push(request.url());
  });
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(notice(page, "Rollcall did not answer")).toBeVisible();
  await page.getByRole("button", { name: "Close" }).click();
  await expect(wishButton(page)).toHaveText("On your wishlist");
  expect(refreshes).toEqual([]);
});

test("a wishlist change that fails is reverted on the page, with a notice", async ({
  page,
  signedIn,
}) => {
  await signedIn("Rolf");
  await page.goto(COUNTRY);
  const pending: Route[] = [];
  await page.route("**/api/actions", (route) => {
    pending.push(route);
  });
  await wishButton(page).click();
  await expect(wishButton(page)).toHaveText("On your wishlist");
  await expect.poll(() => pending.length).toBe(1);
  await pending[0]?.fulfill({ status: 503, json: { error: "no" } });
  await expect(wishButton(page)).toHaveText("Add to wishlist");
  await expect(notice(page, "did not answer")).toBeVisible();
});
