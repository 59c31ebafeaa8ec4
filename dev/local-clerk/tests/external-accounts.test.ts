import { afterAll, beforeAll, expect, test } from "vitest";
import { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import { Browser, backendOf, openSite, type Receiver, type Site } from "../testing/site";

const email = "kofi.mensah@example.com";
const userId = derivedId("user", email);
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let browser: Browser;

beforeAll(async () => {
  ({ clerk, receiver, close } = await openSite());
  await controlClient(clerk.url).settings.set({ hasSocial: true });
  browser = new Browser(clerk, receiver.url);
  await browser.answer("POST", "/client/sign_ins", { identifier: email, password: clerk.password });
});
afterAll(() => close());

async function link(provider: string, comeBack: Record<string, string>) {
  const form = { strategy: `oauth_${provider}`, redirect_url: "/account" };
  const { body } = await browser.answer("POST", "/me/external_accounts", form);
  const page = new URL(body.response.verification.external_verification_redirect_url);
  const state = page.searchParams.get("state") ?? "";
  await browser.request("GET", `/oauth_callback?${new URLSearchParams({ state, ...comeBack })}`);
}

const accounts = async () => {
  const { body } = await browser.answer("GET", "/me");
  return body.response.external_accounts.map(
    ({ provider, verification }: { provider: string; verification: Verification }) => [
      provider,
      verification.status,
      verification.error?.code,
    ],
  );
};
type Verification = { status: string; error: { code: string } | null };

test("a refusal is told until the same provider agrees, and opens nothing meanwhile", async () => {
  const { users } = backendOf(clerk);
  const refused = { error: "access_denied" };
  await link("google", refused);
  await link("google", refused);
  await link("apple", refused);
  expect(await accounts()).toEqual([
    ["oauth_google", "unverified", "oauth_access_denied"],
    ["oauth_apple", "unverified", "oauth_access_denied"],
  ]);
  expect((await users.getUserOauthAccessToken(userId, "google")).data).toEqual([]);
  const [address] = (await browser.answer("GET", "/me/email_addresses")).body;
  const last = await browser.answer("DELETE", `/me/email_addresses/${address.id}`);
  expect(last.code).toBe("identification_deletion_failed");

  await link("google", { email: "kofi@elsewhere.example" });
  expect(await accounts()).toEqual([
    ["oauth_apple", "unverified", "oauth_access_denied"],
    ["oauth_google", "verified", undefined],
  ]);
  await link("google", refused);
  expect(await accounts()).toContainEqual(["oauth_google", "verified", undefined]);
});

test("an address that is somebody else's is not linked, nor a second account of one provider", async () => {
  await link("apple", { email: "amara.okafor@example.com" });
  expect(await accounts()).toContainEqual([
    "oauth_apple",
    "unverified",
    "oauth_identification_claimed",
  ]);
  await link("google", { email: "kofi@third.example" });
  expect(await accounts()).toContainEqual([
    "oauth_google",
    "unverified",
    "oauth_account_already_connected",
  ]);
});

test("the last account is not unlinked when nothing else names its person", async () => {
  const own = async () => (await browser.answer("GET", "/me")).body.response;
  const { email_addresses: addresses } = await own();
  for (const { id } of addresses) await browser.answer("DELETE", `/me/email_addresses/${id}`);
  const [account, ...more] = (await own()).external_accounts.filter(
    ({ verification }: { verification: Verification }) => verification.status === "verified",
  );
  expect(more).toEqual([]);
  const refused = await browser.answer("DELETE", `/me/external_accounts/${account.id}`);
  expect([refused.status, refused.code]).toEqual([400, "identification_deletion_failed"]);
});
