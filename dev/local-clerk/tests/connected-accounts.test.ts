// Google and Apple accounts that a signed-in user connects in the profile, and removes.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { amara, kofi } from "../testing/seeded";
import { test as siteTest } from "../testing/test";

const test = siteTest.extend({ settings: { hasSocial: true } }).extend<{
  /** A browser in which Kofi is signed in. */
  profile: Browser;
}>({ profile: async ({ signedIn }, use) => use(await signedIn(kofi.email)) });

type Account = {
  id: string;
  provider: string;
  verification: { status: string; error: { code: string } | null };
};

async function accountsOf(profile: Browser): Promise<Account[]> {
  return (await profile.get("/me")).body.response.external_accounts;
}

/** Resolves to the provider, verification status and error code of each connected account in the profile. */
const statesOf = async (profile: Browser) =>
  (await accountsOf(profile)).map(({ provider, verification: { status, error } }) => [
    provider,
    status,
    error?.code,
  ]);

const connect = async (
  profile: Browser,
  provider: "google" | "apple",
  as: Record<string, string>,
) => profile.finishOauth(await profile.startConnecting(provider), as);

const denied = { error: "access_denied" };
const deniedApple = ["oauth_apple", "unverified", "oauth_access_denied"];
const verifiedGoogle = ["oauth_google", "verified", undefined];

test("a user connects two accounts and can remove each", async ({ backend, profile }) => {
  await connect(profile, "google", { email: kofi.email });
  await connect(profile, "apple", { email: "k@relay.example" });
  const [google] = await accountsOf(profile);
  expect(await accountsOf(profile)).toHaveLength(2);
  await profile.delete(`/me/external_accounts/${google?.id}`);
  const [left] = await accountsOf(profile);
  expect(left?.provider).toBe("oauth_apple");
  const last = { userId: kofi.id, externalAccountId: left?.id ?? "" };
  await backend.users.deleteUserExternalAccount(last);
});

test("a connection denied at the provider is listed as unverified until a later attempt succeeds, and has no access token", async ({
  backend,
  profile,
}) => {
  await connect(profile, "google", denied);
  await connect(profile, "google", denied);
  await connect(profile, "apple", denied);
  expect(await statesOf(profile)).toEqual([
    ["oauth_google", "unverified", "oauth_access_denied"],
    deniedApple,
  ]);
  expect((await backend.users.getUserOauthAccessToken(kofi.id, "google")).data).toEqual([]);
  const [address] = (await profile.get("/me/email_addresses")).body;
  const last = await profile.delete(`/me/email_addresses/${address.id}`);
  expect(last.code).toBe("identification_deletion_failed");

  await connect(profile, "google", { email: "kofi@elsewhere.example" });
  expect(await statesOf(profile)).toEqual([deniedApple, verifiedGoogle]);
  await connect(profile, "google", denied);
  expect(await statesOf(profile)).toContainEqual(verifiedGoogle);
});

test("connecting an account with another user's address, or a second account of one provider, is refused", async ({
  profile,
}) => {
  await connect(profile, "google", { email: "kofi@elsewhere.example" });
  await connect(profile, "apple", { email: amara.email });
  expect(await statesOf(profile)).toContainEqual([
    "oauth_apple",
    "unverified",
    "oauth_identification_claimed",
  ]);
  await connect(profile, "google", { email: "kofi@third.example" });
  expect(await statesOf(profile)).toContainEqual([
    "oauth_google",
    "unverified",
    "oauth_account_already_connected",
  ]);
});

test("connecting an account that another user has connected is refused, and the account stays connected to that user", async ({
  browser,
  profile,
}) => {
  const person = { email: amara.email };
  await browser.finishOauth((await browser.startOauth("sign_ins")).url, person);
  expect(await connect(profile, "google", person)).toBe("/account");
  expect(await statesOf(profile)).toEqual([
    ["oauth_google", "unverified", "oauth_identification_claimed"],
  ]);
  expect(await statesOf(browser)).toEqual([verifiedGoogle]);
});

test("a connected account that is the user's only identification cannot be removed", async ({
  profile,
}) => {
  await connect(profile, "apple", denied);
  await connect(profile, "google", { email: "kofi@elsewhere.example" });
  const { email_addresses: addresses } = (await profile.get("/me")).body.response;
  for (const { id } of addresses) await profile.delete(`/me/email_addresses/${id}`);
  const [account, ...more] = (await accountsOf(profile)).filter(
    ({ verification }) => verification.status === "verified",
  );
  expect(more).toEqual([]);
  const refused = await profile.delete(`/me/external_accounts/${account?.id}`);
  expect([refused.status, refused.code]).toEqual([400, "identification_deletion_failed"]);
});

test.for([
  ["the provider agrees", { email: "else@example.net" }],
  ["the provider denies", { email: "" }],
] as const)(
  "no account is connected when the user signs out before the return from the provider: %s",
  async ([_, as], { backend, profile }) => {
    const url = await profile.startConnecting("google");
    await profile.delete("/client/sessions");
    expect(await profile.finishOauth(url, as)).toBe("/account");
    expect((await backend.users.getUser(kofi.id)).externalAccounts).toEqual([]);
  },
);

test("after an account is removed, repeating the callback of its OAuth flow does not connect it again", async ({
  backend,
  profile,
}) => {
  const person = { email: "else@example.net" };
  const url = await profile.startConnecting("google");
  expect(await profile.finishOauth(url, person)).toBe("/account");
  const [account] = await accountsOf(profile);
  await profile.delete(`/me/external_accounts/${account?.id}`);
  expect(await profile.finishOauth(url, person)).toBe("oauth_callback_invalid");
  expect((await backend.users.getUser(kofi.id)).externalAccounts).toEqual([]);
});

test("a connected account is reauthorized at its provider, and stays connected", async ({
  site,
  browser,
  backend,
}) => {
  await site.control.settings.set({ hasSocial: true });
  await browser.signIn(kofi.email);
  const as = { email: kofi.email, sub: "google-kofi" };
  await browser.finishOauth(await browser.startConnecting("google"), as);
  const [account] = (await backend.users.getUser(kofi.id)).externalAccounts;
  const path = `/me/external_accounts/${account?.id}`;
  const missing = await browser.patch(`${path}/reauthorize`, {});
  expect(missing.code).toBe("form_param_missing");
  const started = await browser.patch(`${path}/reauthorize`, { redirect_url: "/account" });
  const { id, verification } = started.body.response;
  expect([id, verification.status]).toEqual([account?.id, "unverified"]);
  const url = verification.external_verification_redirect_url;
  expect(await browser.finishOauth(url, as)).toBe("/account");
  expect((await backend.users.getUser(kofi.id)).externalAccounts.map((each) => each.id)).toEqual([
    account?.id,
  ]);
  expect((await browser.delete(`${path}/tokens`)).body.response.id).toBe(kofi.id);
  const unknown = await browser.delete("/me/external_accounts/eac_none/tokens");
  expect([unknown.status, unknown.code]).toEqual([404, "resource_not_found"]);
});
