/** Shared by all browser tests: the stack's URLs, users, ways to sign in, and queries to the app's Postgres. */
import { randomInt, randomUUID } from "node:crypto";
import { createClerkClient } from "@clerk/backend";
import { type BrowserContext, test as base, expect, type Page } from "@playwright/test";
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

export const { appUrl, bareAppUrl, clerkUrl } = stack;
export const clerk = controlClient(stack.clerkUrl);

/** Clerk's Backend API, as a team's own server or Clerk's dashboard calls it. */
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

/** A PNG of one pixel, to upload. */
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

/** A phone number as typed into a US form (`local`), and with its country code (`number`). */
export function newNumber() {
  const local = `202${randomInt(2_000_000, 10_000_000)}`;
  return { local, number: `+1${local}` };
}

/** A new user that no other test uses. */
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
  /** Settings of the local Clerk for this test's browsers only. */
  settings: Partial<Settings>;
  /** Opens a page in a browser context of its own, with the same settings. */
  another: () => Promise<Page>;
  /** Runs SQL on the app's Postgres. */
  sql: (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;
};

export const test = base.extend<Fixtures>({
  baseURL: stack.appUrl,
  settings: [{}, { option: true }],
  extraHTTPHeaders: async ({ settings }, use) => {
    const isPlain = Object.keys(settings).length === 0;
    await use(isPlain ? {} : { [settingsHeader]: JSON.stringify(settings) });
  },

  another: async ({ browser, contextOptions, extraHTTPHeaders }, use) => {
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

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads a fixture's dependencies from this pattern
  sql: async ({}, use) => {
    const client = new pg.Client({ connectionString: stack.databaseUrl });
    await client.connect();
    await use(async (text, values) => (await client.query(text, values)).rows);
    await client.end();
  },

  /** Blocks requests to other hosts; a page that makes one fails its test. */
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

/** The code or link of the newest mail to `email`. Waits for one that differs from `previous`. */
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

/** Fills Clerk's code field in one step, because it ignores keys while it checks a code. */
export async function typeCode(page: Page, code: string): Promise<void> {
  await page
    .getByLabel(/enter verification code/i)
    .first()
    .fill(code);
}

type TokenOptions = { skipCache?: true; template?: string };

/** The page's session token, as its Apollo Client sends it. */
export async function tokenOf(page: Page, options: TokenOptions = {}): Promise<string> {
  const asked = `window.Clerk.session.getToken(${JSON.stringify(options)})`;
  return z.string().parse(await page.evaluate(asked));
}

/** The claims of the page's session token. */
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

/** Fills in and submits Clerk's sign-up form, with the password that all test users have. */
export async function fillSignUpForm(
  form: Pick<Page, "getByLabel" | "getByRole">,
  email: string,
): Promise<void> {
  await form.getByLabel("Email address").fill(email);
  const password = form.getByRole("textbox", { name: "Password" });
  await password.fill(PASSWORD);
  await password.press("Enter");
}

/** Signs in through Clerk's form and waits for `path`, a URL of the app. The password of the seeded users is the default. */
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

/** A link that signs the user in without a password, as a support team may send. */
export async function signInLink(userId: string): Promise<string> {
  const given = { userId, expiresInSeconds: 600 };
  return (await backend.signInTokens.createSignInToken(given)).url;
}

/** Signs in without the form, for tests that are about something else. */
export async function signInByLink(page: Page, userId: string, path = "/home"): Promise<void> {
  const link = new URL(await signInLink(userId));
  link.searchParams.set("redirect_url", path);
  await page.goto(link.href);
  await page.waitForURL((url) => url.pathname === path);
}

/** The ids of those users who have an active session. */
export async function signedInUserIds(...people: Person[]): Promise<string[]> {
  const ids = people.map(({ id }) => id);
  const { sessions } = await clerk.overview();
  return sessions.map(({ userId }) => userId).filter((id) => ids.includes(id));
}

/** Opens Clerk's profile dialog of the organization and makes it the active one. */
export async function openProfile(page: Page, organization: string) {
  await expect.poll(() => page.evaluate("window.Clerk?.status")).toBe("ready");
  const activate = `window.Clerk.setActive({ organization: ${JSON.stringify(organization)} })`;
  await page.evaluate(`${activate}.then(() => window.Clerk.openOrganizationProfile())`);
  return page.getByRole("dialog").last();
}

/** Calls the Backend API where Clerk's client has no method. */
export async function callBackendApi(path: string, body: object): Promise<{ id: string }> {
  const response = await fetch(`${stack.clerkUrl}/bapi/v1${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.secretKey}` },
    body: JSON.stringify(body),
  });
  return z.object({ id: z.string() }).parse(await response.json());
}
