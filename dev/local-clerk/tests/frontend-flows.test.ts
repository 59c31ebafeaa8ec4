// The flows of the Frontend API beyond a code and a password, each with its failures; that answers have
// the published shapes is seen to by the contract watch.

import { afterEach, beforeEach, expect, test } from "vitest";
import { totpCode } from "../authentication/second-factors";
import type { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import { Browser, backendOf, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
const amara = "amara.okafor@example.com";
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let control: ReturnType<typeof controlClient>;
let browser: Browser;

beforeEach(async () => {
  ({ clerk, control, receiver, close } = await openSite());
  browser = new Browser(clerk, receiver.url);
});
afterEach(() => close());

const answer = (method: string, path: string, form?: Record<string, string>, by = browser) =>
  by.answer(method, path, form);

const signIn = (identifier: string, by = browser) =>
  answer(
    "POST",
    "/client/sign_ins",
    { identifier, password: clerk.password, strategy: "password" },
    by,
  );

const backend = () => backendOf(clerk);

/** Goes to the identity provider's page and comes back as somebody, or not. */
async function comeBack(externalUrl: string, as: Record<string, string>) {
  const url = new URL(externalUrl);
  const page = await fetch(`${clerk.url}/fapi${url.pathname.replace("/__clerk", "")}${url.search}`);
  expect(await page.text()).toContain("played by the local Clerk");
  const query = new URLSearchParams({ state: url.searchParams.get("state") ?? "", ...as });
  return browser.request("GET", `/oauth_callback?${query}`);
}

async function begin(path: "sign_ins" | "sign_ups", strategy = "oauth_google") {
  const urls = { redirect_url: "/sso-callback", action_complete_redirect_url: "/home" };
  const { body } = await answer("POST", `/client/${path}`, { strategy, ...urls });
  const verification =
    body.response.first_factor_verification ?? body.response.verifications.external_account;
  return { id: body.response.id, url: verification.external_verification_redirect_url };
}

test.each(["oauth_google", "oauth_apple"])(
  "a new person comes by %s: transferred to a sign-up",
  async (strategy) => {
    await control.settings.set({ hasSocial: true });
    const { id, url } = await begin("sign_ins", strategy);
    const back = await comeBack(url, { email: "noor@example.com", first_name: "Noor" });
    expect(back.headers.get("location")).toBe(`${receiver.url}/sso-callback`);
    const { body } = await answer("GET", `/client/sign_ins/${id}`);
    expect(body.response.first_factor_verification).toMatchObject({
      status: "transferable",
      error: { code: "external_account_not_found" },
    });
    const done = await answer("POST", "/client/sign_ups", { transfer: "true" });
    expect(done.body.response).toMatchObject({ status: "complete", first_name: "Noor" });
    const { data } = await backend().users.getUserList({ emailAddress: ["noor@example.com"] });
    expect(data[0]?.externalAccounts[0]?.provider).toBe(strategy);
  },
);

test("a known person comes by Google: signed in and linked; refused; another browser cannot finish it", async () => {
  await control.settings.set({ hasSocial: true });
  const first = await begin("sign_ins");
  const denied = await comeBack(first.url, { error: "access_denied" });
  expect(denied.headers.get("location")).toBe(`${receiver.url}/sso-callback`);
  const failed = await answer("GET", `/client/sign_ins/${first.id}`);
  expect(failed.body.response.first_factor_verification.error.code).toBe("oauth_access_denied");
  const { url } = await begin("sign_ins");
  const own = browser;
  browser = new Browser(clerk, receiver.url);
  expect((await comeBack(url, { email: kofi })).status).toBe(400);
  browser = own;
  const back = await comeBack(url, { email: kofi });
  expect(back.headers.get("location")).toBe(`${receiver.url}/home`);
  const me = await answer("GET", "/me");
  const [account] = me.body.response.external_accounts;
  expect(account).toMatchObject({ provider: "oauth_google", email_address: kofi });
  expect(me.body.response.email_addresses[0].linked_to).toEqual([
    { type: "oauth_google", id: account.identification_id },
  ]);
  const urls = { strategy: "oauth_apple", redirect_url: "/account" };
  const linking = await answer("POST", "/me/external_accounts", urls);
  const { verification } = linking.body.response;
  await comeBack(verification.external_verification_redirect_url, { email: "k@relay.example" });
  expect((await answer("GET", "/me")).body.response.external_accounts).toHaveLength(2);
  await answer("DELETE", `/me/external_accounts/${account.id}`);
  const [left] = (await answer("GET", "/me")).body.response.external_accounts;
  expect(left.provider).toBe("oauth_apple");
  const gone = { userId: derivedId("user", kofi), externalAccountId: left.id };
  await backend().users.deleteUserExternalAccount(gone);
});

test("whoever signs up by Google and is known is transferred to a sign-in; foreign targets are refused", async () => {
  await control.settings.set({ hasSocial: true });
  const { url } = await begin("sign_ups");
  await comeBack(url, { email: amara });
  const done = await answer("POST", "/client/sign_ins", { transfer: "true" });
  expect(done.body.response.status).toBe("complete");
  const foreign = { strategy: "oauth_google", redirect_url: "http://evil.example/" };
  const other = new Browser(clerk, receiver.url);
  const refused = await answer("POST", "/client/sign_ins", foreign, other);
  expect(refused.body.errors[0].code).toBe("invalid_redirect_url");
});

test("another address: added, verified, made primary; the old one goes, the last one stays", async () => {
  await signIn(kofi);
  const base = "/me/email_addresses";
  const { body } = await answer("POST", base, { email_address: "new@example.org" });
  const { id } = body.response;
  await answer("POST", `${base}/${id}/prepare_verification`, { strategy: "email_code" });
  const code = (await control.outbox.latest("new@example.org"))?.code ?? "";
  await answer("POST", `${base}/${id}/attempt_verification`, { code });
  await answer("GET", `${base}/${id}`);
  await answer("PATCH", "/me", { primary_email_address_id: id });
  const [old] = (await answer("GET", base)).body;
  await answer("DELETE", `${base}/${old.id}`);
  const last = await answer("DELETE", `${base}/${id}`);
  expect(last.body.errors[0].code).toBe("identification_deletion_failed");
  const taken = await answer("POST", base, { email_address: amara });
  expect(taken.body.errors[0].code).toBe("form_identifier_exists");
});

test("a second factor: set up, asked for, a backup code works once", async () => {
  await control.settings.set({ hasSecondFactor: true });
  await signIn(kofi);
  const { body } = await answer("POST", "/me/totp");
  const { secret } = body.response;
  const code = totpCode(secret, Date.now());
  const done = await answer("POST", "/me/totp/attempt_verification", { code });
  const [backup] = done.body.response.backup_codes;
  const other = new Browser(clerk, receiver.url);
  const started = await signIn(kofi, other);
  expect(started.body.response.status).toBe("needs_second_factor");
  const path = `/client/sign_ins/${started.body.response.id}/attempt_second_factor`;
  const wrong = await answer("POST", path, { strategy: "totp", code: "no" }, other);
  expect(wrong.body.errors[0].code).toBe("form_code_incorrect");
  const passed = await answer("POST", path, { strategy: "backup_code", code: backup }, other);
  expect(passed.body.client.sessions[0].factor_verification_age).toEqual([0, 0]);
  const third = new Browser(clerk, receiver.url);
  const again = await signIn(kofi, third);
  const used = `/client/sign_ins/${again.body.response.id}/attempt_second_factor`;
  const spent = await answer("POST", used, { strategy: "backup_code", code: backup }, third);
  expect(spent.body.errors[0].code).toBe("form_code_incorrect");
  expect((await answer("POST", "/me/backup_codes")).body.response.codes).toHaveLength(10);
  await answer("DELETE", "/me/totp");
  const plain = await signIn(kofi, new Browser(clerk, receiver.url));
  expect(plain.body.response.status).toBe("complete");
});

test("too many wrong passwords lock the account for a while", async () => {
  await control.settings.set({ lockAfter: 2, lockMs: 60_000 });
  const wrong = { identifier: kofi, strategy: "password", password: "wrong-wrong" };
  for (let tries = 0; tries < 2; tries += 1) await answer("POST", "/client/sign_ins", wrong);
  const locked = await signIn(kofi);
  expect(locked.body.errors[0]).toMatchObject({
    code: "user_locked",
    meta: { lockout_expires_in_seconds: 60 },
  });
  await control.clock.advance(60_000);
  expect((await signIn(kofi)).body.response.status).toBe("complete");
});

test("restricted, waitlist, block list, legal consent", async () => {
  const form = { email_address: "x@example.com", password: "correct-horse-77" };
  const codeOf = async () => (await answer("POST", "/client/sign_ups", form)).body.errors[0].code;
  await control.settings.set({ signUp: "restricted" });
  expect(await codeOf()).toBe("sign_up_mode_restricted");
  await control.settings.set({ signUp: "waitlist" });
  expect(await codeOf()).toBe("sign_up_restricted_waitlist");
  const { body } = await answer("POST", "/waitlist", { email_address: "x@example.com" });
  expect(body.id).toMatch(/^wle_/);
  await control.settings.set({ signUp: "public", hasBlocklist: true });
  await backend().blocklistIdentifiers.createBlocklistIdentifier({ identifier: "*@example.com" });
  expect(await codeOf()).toBe("not_allowed_access");
  await control.settings.set({ hasBlocklist: false, hasLegalConsent: true });
  const asked = await answer("POST", "/client/sign_ups", form);
  expect(asked.body.response.missing_fields).toEqual(["legal_accepted"]);
  const path = `/client/sign_ups/${asked.body.response.id}`;
  const agreed = await answer("PATCH", path, { legal_accepted: "true" });
  expect(agreed.body.response.missing_fields).toEqual([]);
});

test("acting for somebody: the token says who is behind it, and leaves no trace in their record", async () => {
  const actor = { sub: derivedId("user", "ines.duarte@example.com") };
  const userId = derivedId("user", kofi);
  const { token } = await backend().actorTokens.create({ userId, actor, expiresInSeconds: 60 });
  const { body } = await answer("POST", "/client/sign_ins", {
    strategy: "ticket",
    ticket: token ?? "",
  });
  const [session] = body.client.sessions;
  expect(session.actor).toEqual(actor);
  const [, payload = ""] = session.last_active_token.jwt.split(".");
  expect(JSON.parse(Buffer.from(payload, "base64url").toString()).act).toEqual(actor);
  expect((await backend().users.getUser(userId)).lastSignInAt).toBeNull();
});

test("beside whoever acts for somebody nobody else is signed in", async () => {
  const actor = { sub: derivedId("user", "ines.duarte@example.com") };
  const userId = derivedId("user", kofi);
  const { token } = await backend().actorTokens.create({ userId, actor, expiresInSeconds: 60 });
  await answer("POST", "/client/sign_ins", { strategy: "ticket", ticket: token ?? "" });
  const refused = await answer("POST", "/client/sign_ins", {
    identifier: "amara.okafor@example.com",
    password: clerk.password,
  });
  expect([refused.status, refused.code]).toEqual([409, "session_creation_not_allowed"]);
  expect(refused.body.meta.client.sessions).toHaveLength(1);
});
