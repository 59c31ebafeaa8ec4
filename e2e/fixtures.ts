/** Fixtures and helpers of the browser tests: the URLs of the stack, users per test, browsers, mailed codes and links, SQL. */

import { randomInt, randomUUID } from "node:crypto";
import { createClerkClient } from "@clerk/backend";
import {
  type BrowserContext,
  test as base,
  expect,
  type Locator,
  type Page,
} from "@playwright/test";
import pg from "pg";
import { z } from "zod";
import { controlClient } from "../dev/local-clerk/control/client";
import type { Settings } from "../dev/local-clerk/instance/settings";
import { settingsHeader } from "../dev/local-clerk/instance/stored-settings";
import type { Stack } from "./stack";

const stack: Stack = z
  .object({
    appUrl: z.string(),
    bareAppUrl: z.string(),
    clerkUrl: z.string(),
    secretKey: z.string(),
    databaseUrl: z.string(),
  })
  .parse(JSON.parse(process.env.ROLLCALL_STACK ?? "{}"));

export const { appUrl, bareAppUrl, clerkUrl, databaseUrl } = stack;
export const clerk = controlClient(stack.clerkUrl);

/** Clerk's SDK for the Backend API. Tests use it to act as a team's server or as Clerk's dashboard. */
export const backend = createClerkClient({
  secretKey: stack.secretKey,
  apiUrl: `${stack.clerkUrl}/bapi`,
  telemetry: { disabled: true },
});

export const PASSWORD = "a-quiet-Harbour-41";
export const seeded = {
  admin: "ines.duarte@example.com",
  northwindAdmin: "amara.okafor@example.com",
  newcomer: "kofi.mensah@example.com",
} as const;

/** A PNG of one pixel. */
export const picture = {
  name: "picture.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  ),
};

export const newEmail = () => `person-${randomUUID().slice(0, 8)}@example.com`;
export const newUsername = () => `person_${randomUUID().slice(0, 8)}`;

/** Returns a new phone number in two formats: as a US form accepts it, and E.164. */
export function newNumber() {
  const local = `202${randomInt(2_000_000, 10_000_000)}`;
  return { local, number: `+1${local}` };
}

/** Creates a user that no other test uses. */
export async function newPerson(
  firstName: string,
  given: { email?: string; publicMetadata?: { role?: "admin" } } = {},
) {
  const { email = newEmail(), publicMetadata = {} } = given;
  const { id } = await backend.users.createUser({
    emailAddress: [email],
    password: PASSWORD,
    firstName,
    lastName: "Amsel",
    publicMetadata,
  });
  return { id, email, name: `${firstName} Amsel` };
}

export type Person = Awaited<ReturnType<typeof newPerson>>;

export async function newOrganization(admin: Person, ...members: Person[]) {
  const name = `Orchard ${randomUUID().slice(0, 6)}`;
  const { id } = await backend.organizations.createOrganization({ name, createdBy: admin.id });
  for (const { id: userId } of members) {
    const given = { organizationId: id, userId, role: "org:member" };
    await backend.organizations.createOrganizationMembership(given);
  }
  return { id, name };
}

type Fixtures = {
  /** Settings of the local Clerk for this test's browsers alone. */
  settings: Partial<Settings>;
  /** Opens a page in another browser, with the same settings. */
  openBrowser: () => Promise<Page>;
  /** Creates a user, signs them in on `page` without Clerk's form, and opens `path` (default `/home`). */
  signedIn: (firstName: string, path?: string) => Promise<Person>;
  /** Runs a query in the app's Postgres. */
  sql: (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;
};

export const test = base.extend<Fixtures>({
  baseURL: stack.appUrl,
  settings: [{}, { option: true }],
  extraHTTPHeaders: async ({ settings }, use) => {
    const isPlain = Object.keys(settings).length === 0;
    await use(isPlain ? {} : { [settingsHeader]: JSON.stringify(settings) });
  },

  signedIn: async ({ page }, use) => {
    await use(async (firstName, path) => {
      const person = await newPerson(firstName);
      await signInByLink(page, person.id, path);
      return person;
    });
  },

  openBrowser: async ({ browser, contextOptions, extraHTTPHeaders }, use) => {
    const opened: BrowserContext[] = [];
    await use(async () => {
      const context = await browser.newContext({
        ...contextOptions,
        baseURL: stack.appUrl,
        extraHTTPHeaders: extraHTTPHeaders ?? {},
      });
      opened.push(context);
      return context.newPage();
    });
    for (const context of opened) await context.close();
  },

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of a fixture's needs from here
  sql: async ({}, use) => {
    const client = new pg.Client({ connectionString: stack.databaseUrl });
    await client.connect();
    await use(async (text, values) => (await client.query(text, values)).rows);
    await client.end();
  },

  /** Blocks requests to other hosts, and fails the test whose page has made such a request. */
  page: async ({ page }, use) => {
    const outside: string[] = [];
    await page.context().route(
      (url) => url.hostname !== "localhost" && url.protocol.startsWith("http"),
      (route) => {
        outside.push(route.request().url());
        return route.abort();
      },
    );
    await use(page);
    expect(outside).toEqual([]);
  },
});

export { expect };

/** Waits until the newest mail to `email` has a code or link other than `previous`. Resolves to that code or link. */
async function mailed(what: "code" | "link", email: string, previous?: string): Promise<string> {
  let found: string | null | undefined;
  await expect
    .poll(async () => {
      found = (await clerk.outbox.latest(email))?.[what];
      return found != null && found !== previous;
    })
    .toBe(true);
  return found ?? "";
}

export const mailedCode = (email: string, previous?: string) => mailed("code", email, previous);
export const mailedLink = (email: string, previous?: string) => mailed("link", email, previous);

/** Fills in all six digits at once: Clerk's field ignores keys while it checks a code. */
export async function typeCode(page: Page, code: string): Promise<void> {
  await page
    .getByLabel(/enter verification code/i)
    .first()
    .fill(code);
}

/**
 * Refuses access on the page of Google or Apple, and waits for the error in Clerk's form. The form then starts an empty attempt by
 * itself. Its response must come before the next step, because it would replace the attempt of that step.
 */
export async function denyAccess(page: Page): Promise<void> {
  const newAttempt = page.waitForResponse(
    (response) =>
      response.request().method() === "POST" &&
      /\/client\/sign_(ins|ups)$/.test(new URL(response.url()).pathname),
  );
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText(/did not grant access/i)).toBeVisible();
  await (await newAttempt).finished();
}

type TokenOptions = { skipCache?: true; template?: string };

/** Resolves to the session token that the page's Apollo Client sends. */
export async function tokenOf(page: Page, options: TokenOptions = {}): Promise<string> {
  const call = `window.Clerk.session.getToken(${JSON.stringify(options)})`;
  return z.string().parse(await page.evaluate(call));
}

/** Decodes the claims of the page's session token, without verifying it. */
export async function claimsOf(page: Page, options: TokenOptions = {}) {
  const token = await tokenOf(page, options);
  const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
  return z.looseObject({ sub: z.string() }).parse(JSON.parse(payload));
}

export const wrongCode = (code: string) => (code === "000000" ? "111111" : "000000");

export async function enterPassword(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel("Email address").fill(email);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
  await page.getByRole("textbox", { name: "Password" }).fill(password);
  await page.getByRole("button", { name: "Continue", exact: true }).click();
}

/** Fills in Clerk's sign-up form with `email` and the password that all users of the tests have, and submits the form. */
export async function fillSignUpForm(
  form: Pick<Page, "getByLabel" | "getByRole">,
  email: string,
): Promise<void> {
  await form.getByLabel("Email address").fill(email);
  const password = form.getByRole("textbox", { name: "Password" });
  await password.fill(PASSWORD);
  await password.press("Enter");
}

/**
 * Opens `path` of the app, signs in with Clerk's own component there, and waits until the browser is at `path`. The default
 * password is the password of the seeded users.
 */
export async function signIn(
  page: Page,
  email: string,
  path = "/home",
  password?: string,
): Promise<void> {
  await page.goto(path);
  await enterPassword(page, email, password ?? (await clerk.overview()).password);
  const { pathname } = new URL(path, stack.appUrl);
  await page.waitForURL((url) => url.pathname === pathname);
}

/** Creates a link that signs this user in once, as a support team may send it. */
export async function signInLink(userId: string): Promise<string> {
  const given = { userId, expiresInSeconds: 600 };
  return (await backend.signInTokens.createSignInToken(given)).url;
}

/**
 * Signs in without Clerk's form: sends the request that the form sends for a sign-in link, which stores the cookies in the page's
 * browser. Then opens `path` of the app. If that page loads Clerk, waits until Clerk has the session.
 */
export async function signInWithTicket(
  page: Page,
  link: string,
  app: string,
  path: string,
): Promise<void> {
  const ticket = new URL(link).searchParams.get("__clerk_ticket") ?? "";
  const response = await page.request.post(`${app}/__clerk/v1/client/sign_ins`, {
    headers: { origin: app },
    form: { strategy: "ticket", ticket },
  });
  expect(response.status()).toBe(200);
  await page.goto(`${app}${path}`);
  await page.waitForURL((url) => url.pathname === new URL(path, app).pathname);
  const isReady = `!document.querySelector("script[data-clerk-js-script]") || Boolean(window.Clerk?.session)`;
  await expect.poll(() => page.evaluate(isReady)).toBe(true);
}

/** Signs in without the form, for tests that do not test the form. */
export async function signInByLink(page: Page, userId: string, path = "/home"): Promise<void> {
  await signInWithTicket(page, await signInLink(userId), stack.appUrl, path);
}

/** Returns one user id for each session of these users. */
export async function signedInUserIds(...people: Person[]): Promise<string[]> {
  const ids = people.map(({ id }) => id);
  const { sessions } = await clerk.overview();
  return sessions.map(({ userId }) => userId).filter((id) => ids.includes(id));
}

/** Makes the organization the active one, and opens Clerk's own component for its profile. */
export async function openProfile(page: Page, organization: string) {
  await expect.poll(() => page.evaluate("window.Clerk?.status")).toBe("ready");
  const activate = `window.Clerk.setActive({ organization: ${JSON.stringify(organization)} })`;
  await page.evaluate(`${activate}.then(() => window.Clerk.openOrganizationProfile())`);
  return page.getByRole("dialog").last();
}

/** Calls an operation that Clerk's SDK has no method for. */
export async function callBackendApi(path: string, body: object): Promise<{ id: string }> {
  const response = await fetch(`${stack.clerkUrl}/bapi/v1${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.secretKey}` },
    body: JSON.stringify(body),
  });
  return z.object({ id: z.string() }).parse(await response.json());
}

/**
 * Opens one of Clerk's menus and clicks its item. Clerk draws a component anew after each change of its data, as just after
 * signing in. Such a redraw closes an open menu, so this opens it again. `effect` is an element that must be visible after the
 * click.
 */
export async function chooseInMenu(menu: Locator, item: Locator, effect?: Locator): Promise<void> {
  await expect(async () => {
    if (!(await item.isVisible())) await menu.click({ timeout: 5_000 });
    await item.click({ timeout: 5_000 });
    if (effect) await expect(effect).toBeVisible({ timeout: 5_000 });
  }).toPass();
}
