// Coming back from an account elsewhere, as somebody who may not, or as somebody other than was said.

import { afterEach, beforeEach, expect, test } from "vitest";
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
  await control.settings.set({ hasSocial: true });
  browser = new Browser(clerk, receiver.url);
});
afterEach(() => close());

const answer = (method: string, path: string, form?: Record<string, string>) =>
  browser.answer(method, path, form);

const backend = () => backendOf(clerk);

const userOf = async (email: string) =>
  (await backend().users.getUserList({ emailAddress: [email] })).data[0];

test("the provider vouches for its own address, never for the one that was typed", async () => {
  const { url } = await browser.beginRound("sign_ups", { email_address: "victim@example.com" });
  expect(await browser.comeBack(url, "mallory@example.net")).toBe("/home");
  expect(await userOf("victim@example.com")).toBeUndefined();
  const made = await userOf("mallory@example.net");
  expect(made?.emailAddresses.map((each) => each.emailAddress)).toEqual(["mallory@example.net"]);
  expect(made?.emailAddresses[0]?.verification).toMatchObject({
    status: "verified",
    strategy: "from_oauth_google",
  });
});

test("whoever is invited and comes by another address keeps the one that they were invited by", async () => {
  const emailAddress = "invited@example.com";
  await backend().invitations.createInvitation({ emailAddress });
  const link = new URL((await control.outbox.latest(emailAddress))?.link ?? "");
  const ticket = link.searchParams.get("ticket") ?? "";
  const { url } = await browser.beginRound("sign_ups", { ticket });
  await browser.comeBack(url, "other@example.net");
  const [address, ...more] = (await userOf(emailAddress))?.emailAddresses ?? [];
  expect([address?.verification?.strategy, more]).toEqual(["admin", []]);
  expect(await userOf("other@example.net")).toBeUndefined();
});

test("an address of the block list gets in neither by signing up nor by a transfer", async () => {
  await control.settings.set({ hasBlocklist: true });
  await backend().blocklistIdentifiers.createBlocklistIdentifier({
    identifier: "*@blocked.example",
  });
  const first = await browser.beginRound("sign_ups");
  await browser.comeBack(first.url, "a@blocked.example");
  const second = await browser.beginRound("sign_ins");
  await browser.comeBack(second.url, "b@blocked.example");
  const transferred = await answer("POST", "/client/sign_ups", { transfer: "true" });
  expect([transferred.status, transferred.code]).toEqual([403, "not_allowed_access"]);
  expect(await userOf("a@blocked.example")).toBeUndefined();
  expect(await userOf("b@blocked.example")).toBeUndefined();
});

const verificationOf = async (id: string) =>
  (await answer("GET", `/client/sign_ins/${id}`)).body.response.first_factor_verification;

test("whoever is banned is led back with the error, and nothing is linked to them", async () => {
  const userId = derivedId("user", kofi);
  const inside = await browser.beginRound("sign_ins");
  const asNew = await browser.beginRound("sign_ups");
  await backend().users.banUser(userId);
  expect(await browser.comeBack(inside.url, kofi)).toBe("/sso-callback");
  expect(await verificationOf(inside.id)).toMatchObject({
    status: "failed",
    error: { code: "user_banned" },
  });
  expect(await browser.comeBack(asNew.url, kofi)).toBe("/sso-callback");
  expect((await answer("POST", "/client/sign_ins", { transfer: "true" })).code).toBe("user_banned");
  expect((await backend().users.getUser(userId)).externalAccounts).toEqual([]);
});

test.each([
  ["multi", "identifier_already_signed_in"],
  ["single", "session_exists"],
] as const)("coming back twice signs in once, with %s sessions", async (mode, code) => {
  await control.settings.set({ sessions: mode });
  const first = await browser.beginRound("sign_ins");
  const second = await browser.beginRound("sign_ins");
  expect(await browser.comeBack(first.url, kofi)).toBe("/home");
  expect(await browser.comeBack(first.url, kofi)).toBe("oauth_callback_invalid");
  expect((await verificationOf(first.id)).status).toBe("verified");
  expect(await browser.comeBack(second.url, kofi)).toBe("/sso-callback");
  const [session, ...more] = (await answer("GET", "/client")).body.response.sessions;
  expect(more).toEqual([]);
  const { status, error } = await verificationOf(second.id);
  expect({ status, code: error.code }).toEqual({ status: "failed", code });
  // The components go on in the session that the error names.
  if (mode === "multi") expect(error.meta).toEqual({ session_id: session.id });
});

test("in single-session mode coming back does not sign up a second person beside the first", async () => {
  await control.settings.set({ sessions: "single" });
  const first = await browser.beginRound("sign_ups");
  const second = await browser.beginRound("sign_ups");
  expect(await browser.comeBack(first.url, "one@example.net")).toBe("/home");
  expect(await browser.comeBack(first.url, "one@example.net")).toBe("oauth_callback_invalid");
  const { response } = (await answer("GET", `/client/sign_ups/${first.id}`)).body;
  expect(response.verifications.external_account).toMatchObject({
    status: "verified",
    error: null,
  });
  expect(await browser.comeBack(second.url, "two@example.net")).toBe("/sso-callback");
  expect(await userOf("two@example.net")).toBeUndefined();
});

test("a sign-up that is refused on the way back says why, on the page that began it", async () => {
  await control.settings.set({ hasBlocklist: true });
  await backend().blocklistIdentifiers.createBlocklistIdentifier({
    identifier: "*@blocked.example",
  });
  const { id, url } = await browser.beginRound("sign_ups");
  expect(await browser.comeBack(url, "a@blocked.example")).toBe("/sso-callback");
  const { response } = (await answer("GET", `/client/sign_ups/${id}`)).body;
  expect(response.verifications.external_account).toMatchObject({
    status: "failed",
    error: { code: "not_allowed_access" },
  });
});

test("an account that is somebody else's is not linked, and the profile says so", async () => {
  const owner = browser;
  await browser.comeBack((await browser.beginRound("sign_ins")).url, amara);
  browser = new Browser(clerk, receiver.url);
  await answer("POST", "/client/sign_ins", { identifier: kofi, password: clerk.password });
  const form = { strategy: "oauth_google", redirect_url: "/account" };
  const { response } = (await answer("POST", "/me/external_accounts", form)).body;
  const url = response.verification.external_verification_redirect_url;
  expect(await browser.comeBack(url, amara)).toBe("/account");
  const [account, ...more] = (await answer("GET", "/me")).body.response.external_accounts;
  expect(more).toEqual([]);
  expect(account.verification).toMatchObject({
    status: "unverified",
    error: { code: "oauth_identification_claimed" },
  });
  browser = owner;
  const [own] = (await answer("GET", "/me")).body.response.external_accounts;
  expect(own.verification.status).toBe("verified");
});

test("a transfer is refused to whoever has not been at a provider", async () => {
  for (const path of ["/client/sign_ins", "/client/sign_ups"]) {
    const refused = await answer("POST", path, { transfer: "true" });
    expect([path, refused.status, refused.code]).toEqual([path, 400, "account_transfer_invalid"]);
  }
});

test("an address that somebody only typed lets nobody in as them, whoever vouches for it", async () => {
  const owner = browser;
  await answer("POST", "/client/sign_ins", { identifier: kofi, password: clerk.password });
  await answer("POST", "/me/email_addresses", { email_address: "typed@example.net" });
  browser = new Browser(clerk, receiver.url);
  const { id, url } = await browser.beginRound("sign_ins");
  expect(await browser.comeBack(url, "typed@example.net")).toBe("/sso-callback");
  expect(await verificationOf(id)).toMatchObject({ status: "transferable" });
  expect((await answer("GET", "/client")).body.response.sessions).toEqual([]);
  browser = owner;
  expect((await answer("GET", "/me")).body.response.external_accounts).toEqual([]);
});
