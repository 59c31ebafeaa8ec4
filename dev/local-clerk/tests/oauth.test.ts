// Signing in and up with Google or Apple: which sign-ins succeed, are transferred to a sign-up or are refused. The local Clerk
// serves the provider's page.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { amara, kofi } from "../testing/seeded";
import { type Backend, ticketIn } from "../testing/site";
import { test as siteTest } from "../testing/test";

const test = siteTest.extend({ settings: { hasSocial: true } });

const userWith = async (backend: Backend, email: string) =>
  (await backend.users.getUserList({ emailAddress: [email] })).data[0];

const sessionsOf = async (browser: Browser) =>
  (await browser.get("/client")).body.response.sessions;

const verificationOf = async (browser: Browser, signInId: string) =>
  (await browser.get(`/client/sign_ins/${signInId}`)).body.response.first_factor_verification;

const blockDomain = ({ blocklistIdentifiers }: Backend) =>
  blocklistIdentifiers.createBlocklistIdentifier({ identifier: "*@blocked.example" });

test.for(["oauth_google", "oauth_apple"])(
  "%s: an OAuth sign-in without an existing user is transferred to a sign-up",
  async (strategy, { clerk, backend, browser }) => {
    const { id, url } = await browser.startOauth("sign_ins", { strategy });
    const { pathname, search } = new URL(url);
    const page = await fetch(`${clerk.url}/fapi${pathname.replace("/__clerk", "")}${search}`);
    expect(await page.text()).toContain("played by the local Clerk");
    const person = { email: "noor@example.com", first_name: "Noor" };
    expect(await browser.finishOauth(url, person)).toBe("/sso-callback");
    expect(await verificationOf(browser, id)).toMatchObject({
      status: "transferable",
      error: { code: "external_account_not_found" },
    });
    const done = await browser.post("/client/sign_ups", { transfer: "true" });
    expect(done.body.response).toMatchObject({ status: "complete", first_name: "Noor" });
    const user = await userWith(backend, "noor@example.com");
    expect(user?.externalAccounts[0]?.provider).toBe(strategy);
  },
);

test("when the user denies access at the provider, the sign-in redirects to the app and contains the error", async ({
  browser,
}) => {
  const { id, url } = await browser.startOauth("sign_ins");
  expect(await browser.finishOauth(url, { error: "access_denied" })).toBe("/sso-callback");
  expect((await verificationOf(browser, id)).error.code).toBe("oauth_access_denied");
});

test("an OAuth callback from another browser is refused with 400", async ({ site, browser }) => {
  const { url } = await browser.startOauth("sign_ins");
  const state = new URL(url).searchParams.get("state") ?? "";
  const query = new URLSearchParams({ state, email: kofi.email });
  const refused = await site.newBrowser().fetch("GET", `/oauth_callback?${query}`);
  expect(refused.status).toBe(400);
  expect(await browser.finishOauth(url, { email: kofi.email })).toBe("/home");
});

test("an OAuth sign-in of an existing user signs in, and links the account to the user's address", async ({
  browser,
}) => {
  const { url } = await browser.startOauth("sign_ins");
  expect(await browser.finishOauth(url, { email: kofi.email })).toBe("/home");
  const { response: user } = (await browser.get("/me")).body;
  const [account] = user.external_accounts;
  expect(account).toMatchObject({ provider: "oauth_google", email_address: kofi.email });
  expect(user.email_addresses[0].linked_to).toEqual([
    { type: "oauth_google", id: account.identification_id },
  ]);
});

test("an OAuth sign-up of an existing user is transferred to a sign-in", async ({ browser }) => {
  const { url } = await browser.startOauth("sign_ups");
  await browser.finishOauth(url, { email: amara.email });
  const done = await browser.post("/client/sign_ins", { transfer: "true" });
  expect(done.body.response.status).toBe("complete");
});

test("an OAuth sign-in with a redirect URL outside the app is refused", async ({ browser }) => {
  const form = { strategy: "oauth_google", redirect_url: "http://evil.example/" };
  expect((await browser.post("/client/sign_ins", form)).code).toBe("invalid_redirect_url");
});

test("an OAuth sign-up uses the provider's verified address instead of the address that the user typed", async ({
  backend,
  browser,
}) => {
  const { url } = await browser.startOauth("sign_ups", { email_address: "victim@example.com" });
  expect(await browser.finishOauth(url, { email: "mallory@example.net" })).toBe("/home");
  expect(await userWith(backend, "victim@example.com")).toBeUndefined();
  const user = await userWith(backend, "mallory@example.net");
  expect(user?.emailAddresses.map((each) => each.emailAddress)).toEqual(["mallory@example.net"]);
  expect(user?.emailAddresses[0]?.verification).toMatchObject({
    status: "verified",
    strategy: "from_oauth_google",
  });
});

test("an invited person whose account at the provider has another address signs up with the invited address", async ({
  site,
  backend,
  browser,
}) => {
  const emailAddress = "invited@example.com";
  await backend.invitations.createInvitation({ emailAddress });
  const ticket = ticketIn(await site.newestLink(emailAddress));
  const { url } = await browser.startOauth("sign_ups", { ticket });
  await browser.finishOauth(url, { email: "other@example.net" });
  const [address, ...more] = (await userWith(backend, emailAddress))?.emailAddresses ?? [];
  expect([address?.verification?.strategy, more]).toEqual(["admin", []]);
  expect(await userWith(backend, "other@example.net")).toBeUndefined();
});

test("a blocked address cannot sign up by OAuth, neither directly nor by a transferred sign-in", async ({
  control,
  backend,
  browser,
}) => {
  await control.settings.set({ hasBlocklist: true });
  await blockDomain(backend);
  const first = await browser.startOauth("sign_ups");
  await browser.finishOauth(first.url, { email: "a@blocked.example" });
  const second = await browser.startOauth("sign_ins");
  await browser.finishOauth(second.url, { email: "b@blocked.example" });
  const transferred = await browser.post("/client/sign_ups", { transfer: "true" });
  expect([transferred.status, transferred.code]).toEqual([403, "not_allowed_access"]);
  expect(await userWith(backend, "a@blocked.example")).toBeUndefined();
  expect(await userWith(backend, "b@blocked.example")).toBeUndefined();
});

test("a refused OAuth sign-up redirects to the page that began it, with the error", async ({
  control,
  backend,
  browser,
}) => {
  await control.settings.set({ hasBlocklist: true });
  await blockDomain(backend);
  const { id, url } = await browser.startOauth("sign_ups");
  expect(await browser.finishOauth(url, { email: "a@blocked.example" })).toBe("/sso-callback");
  const { response } = (await browser.get(`/client/sign_ups/${id}`)).body;
  expect(response.verifications.external_account).toMatchObject({
    status: "failed",
    error: { code: "not_allowed_access" },
  });
});

test("an OAuth sign-in of a banned user fails with the error and connects no account", async ({
  backend,
  browser,
}) => {
  const signIn = await browser.startOauth("sign_ins");
  const signUp = await browser.startOauth("sign_ups");
  await backend.users.banUser(kofi.id);
  expect(await browser.finishOauth(signIn.url, { email: kofi.email })).toBe("/sso-callback");
  expect(await verificationOf(browser, signIn.id)).toMatchObject({
    status: "failed",
    error: { code: "user_banned" },
  });
  expect(await browser.finishOauth(signUp.url, { email: kofi.email })).toBe("/sso-callback");
  const transferred = await browser.post("/client/sign_ins", { transfer: "true" });
  expect(transferred.code).toBe("user_banned");
  expect((await backend.users.getUser(kofi.id)).externalAccounts).toEqual([]);
});

test("an OAuth sign-in with an address that a user has added but not verified does not sign that user in", async ({
  signedIn,
  browser,
}) => {
  const profile = await signedIn(kofi.email);
  await profile.post("/me/email_addresses", { email_address: "typed@example.net" });
  const { id, url } = await browser.startOauth("sign_ins");
  expect(await browser.finishOauth(url, { email: "typed@example.net" })).toBe("/sso-callback");
  expect(await verificationOf(browser, id)).toMatchObject({ status: "transferable" });
  expect(await sessionsOf(browser)).toEqual([]);
  expect((await profile.get("/me")).body.response.external_accounts).toEqual([]);
});

// The next tests check that a finished OAuth flow or transfer cannot be repeated.

test.for([
  ["multi", "identifier_already_signed_in"],
  ["single", "session_exists"],
] as const)(
  "with %s sessions, two OAuth sign-ins of one user in one browser create one session",
  async ([mode, code], { control, browser }) => {
    await control.settings.set({ sessions: mode });
    const first = await browser.startOauth("sign_ins");
    const second = await browser.startOauth("sign_ins");
    const person = { email: kofi.email };
    expect(await browser.finishOauth(first.url, person)).toBe("/home");
    expect(await browser.finishOauth(first.url, person)).toBe("oauth_callback_invalid");
    expect((await verificationOf(browser, first.id)).status).toBe("verified");
    expect(await browser.finishOauth(second.url, person)).toBe("/sso-callback");
    const [session, ...more] = await sessionsOf(browser);
    expect(more).toEqual([]);
    const { status, error } = await verificationOf(browser, second.id);
    expect({ status, code: error.code }).toEqual({ status: "failed", code });
    // After this error, Clerk's components continue with the session whose id is in the error's `meta`.
    if (mode === "multi") expect(error.meta).toEqual({ session_id: session.id });
  },
);

test("in single-session mode a second OAuth sign-up in one browser creates no user", async ({
  control,
  backend,
  browser,
}) => {
  await control.settings.set({ sessions: "single" });
  const first = await browser.startOauth("sign_ups");
  const second = await browser.startOauth("sign_ups");
  const one = { email: "one@example.net" };
  expect(await browser.finishOauth(first.url, one)).toBe("/home");
  expect(await browser.finishOauth(first.url, one)).toBe("oauth_callback_invalid");
  const { response } = (await browser.get(`/client/sign_ups/${first.id}`)).body;
  expect(response.verifications.external_account).toMatchObject({
    status: "verified",
    error: null,
  });
  expect(await browser.finishOauth(second.url, { email: "two@example.net" })).toBe("/sso-callback");
  expect(await userWith(backend, "two@example.net")).toBeUndefined();
});

test("repeating the callback of an OAuth flow that was denied or found no existing user is refused", async ({
  browser,
}) => {
  const denied = await browser.startOauth("sign_ins");
  expect(await browser.finishOauth(denied.url, { email: "" })).toBe("/sso-callback");
  expect(await browser.finishOauth(denied.url, { email: kofi.email })).toBe(
    "oauth_callback_invalid",
  );
  const unknown = await browser.startOauth("sign_ins");
  expect(await browser.finishOauth(unknown.url, { email: "nobody@example.net" })).toBe(
    "/sso-callback",
  );
  expect(await browser.finishOauth(unknown.url, { email: kofi.email })).toBe(
    "oauth_callback_invalid",
  );
  expect(await sessionsOf(browser)).toEqual([]);
});

test("a transfer to a sign-in works once; repeating it after signing out is refused", async ({
  browser,
}) => {
  await browser.finishOauth((await browser.startOauth("sign_ups")).url, { email: kofi.email });
  const form = { transfer: "true" };
  expect((await browser.post("/client/sign_ins", form)).body.response.status).toBe("complete");
  expect((await browser.get("/client")).body.response.sign_up).toBeNull();
  await browser.post(`/client/sessions/${(await sessionsOf(browser))[0].id}/remove`);
  expect((await browser.post("/client/sign_ins", form)).code).toBe("account_transfer_invalid");
});

test("a transfer to a sign-up works once; repeating it after the user is deleted is refused", async ({
  backend,
  browser,
}) => {
  const email = "brand-new@example.net";
  await browser.finishOauth((await browser.startOauth("sign_ins")).url, { email });
  const form = { transfer: "true" };
  expect((await browser.post("/client/sign_ups", form)).body.response.status).toBe("complete");
  expect((await browser.get("/client")).body.response.sign_in).toBeNull();
  await browser.post(`/client/sessions/${(await sessionsOf(browser))[0].id}/remove`);
  await backend.users.deleteUser((await userWith(backend, email))?.id ?? "");
  expect((await browser.post("/client/sign_ups", form)).code).toBe("account_transfer_invalid");
});

test("a transfer without an earlier OAuth flow is refused", async ({ browser }) => {
  for (const path of ["/client/sign_ins", "/client/sign_ups"]) {
    const refused = await browser.post(path, { transfer: "true" });
    expect([path, refused.status, refused.code]).toEqual([path, 400, "account_transfer_invalid"]);
  }
});

test("with GitHub and a custom provider enabled, both are offered and can be used, and other providers are refused", async ({
  site,
  control,
  browser,
  backend,
}) => {
  await control.settings.set({ hasSocial: true, socialProviders: "github, custom_acme" });
  const { user_settings } = (await browser.get("/environment")).body;
  const offered = Object.values<{ strategy: string; name: string }>(user_settings.social);
  expect(offered.map(({ strategy, name }) => [strategy, name])).toEqual([
    ["oauth_github", "GitHub"],
    ["oauth_custom_acme", "Acme"],
  ]);
  const strategy = "oauth_custom_acme";
  const as = { email: "nadia@example.com", first_name: "Nadia", last_name: "Haddad" };
  const signUp = await browser.startOauth("sign_ups", { strategy });
  expect(signUp.url).toContain("/__clerk/idp/custom_acme?");
  expect(await browser.finishOauth(signUp.url, as)).toBe("/home");
  const { id } = (await browser.get("/me")).body.response;
  expect(await browser.finishOauth(await browser.startConnecting("github"), as)).toBe("/account");
  const { externalAccounts } = await backend.users.getUser(id);
  expect(externalAccounts.map(({ provider }) => provider)).toEqual([
    "oauth_custom_acme",
    "oauth_github",
  ]);
  const other = site.newBrowser();
  const signIn = await other.startOauth("sign_ins", { strategy });
  expect(await other.finishOauth(signIn.url, as)).toBe("/home");
  for (const off of ["oauth_google", "oauth_custom_other"]) {
    const refused = await other.post("/client/sign_ins", { strategy: off, redirect_url: "/" });
    expect([refused.status, refused.code]).toEqual([400, "oauth_provider_not_enabled"]);
  }
  await expect(control.settings.set({ socialProviders: "google, no such" })).rejects.toThrow();
  const { socialProviders } = await control.settings.set({ socialProviders: "custom_acme_2" });
  expect(socialProviders).toBe("custom_acme_2");
});
