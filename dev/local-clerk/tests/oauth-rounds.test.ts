// A round to an account elsewhere counts once, and for whoever began it.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { controlClient } from "../control/client";
import type { LocalClerk } from "../start";
import { Browser, backendOf, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
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

const sessions = async () => (await answer("GET", "/client")).body.response.sessions;

test("whoever was transferred signs in by it once, and not again when they have left", async () => {
  await browser.comeBack((await browser.beginRound("sign_ups")).url, kofi);
  const form = { transfer: "true" };
  expect((await answer("POST", "/client/sign_ins", form)).body.response.status).toBe("complete");
  expect((await answer("GET", "/client")).body.response.sign_up).toBeNull();
  await answer("POST", `/client/sessions/${(await sessions())[0].id}/remove`);
  expect((await answer("POST", "/client/sign_ins", form)).code).toBe("account_transfer_invalid");
});

test("whoever was transferred signs up by it once, and does not come in by it again", async () => {
  const address = "brand-new@example.net";
  await browser.comeBack((await browser.beginRound("sign_ins")).url, address);
  const form = { transfer: "true" };
  expect((await answer("POST", "/client/sign_ups", form)).body.response.status).toBe("complete");
  expect((await answer("GET", "/client")).body.response.sign_in).toBeNull();
  await answer("POST", `/client/sessions/${(await sessions())[0].id}/remove`);
  await backend().users.deleteUser((await userOf(address))?.id ?? "");
  expect((await answer("POST", "/client/sign_ups", form)).code).toBe("account_transfer_invalid");
});

test("who refused over there, or was not known, does not come back a second time", async () => {
  const { url } = await browser.beginRound("sign_ins");
  expect(await browser.comeBack(url, "")).toBe("/sso-callback");
  expect(await browser.comeBack(url, kofi)).toBe("oauth_callback_invalid");
  const other = await browser.beginRound("sign_ins");
  expect(await browser.comeBack(other.url, "nobody@example.net")).toBe("/sso-callback");
  expect(await browser.comeBack(other.url, kofi)).toBe("oauth_callback_invalid");
  expect(await sessions()).toEqual([]);
});

const signIn = () =>
  answer("POST", "/client/sign_ins", { identifier: kofi, password: clerk.password });

async function link() {
  const form = { strategy: "oauth_google", redirect_url: "/account" };
  const { response } = (await answer("POST", "/me/external_accounts", form)).body;
  return response.verification.external_verification_redirect_url;
}

test.each([
  ["who comes back", "else@example.net"],
  ["who refused", ""],
])("an account is linked to nobody who has signed out meanwhile: %s", async (_, email) => {
  await signIn();
  const url = await link();
  await answer("DELETE", "/client/sessions");
  expect(await browser.comeBack(url, email)).toBe("/account");
  expect((await userOf(kofi))?.externalAccounts).toEqual([]);
});

test("an account that was taken away is not linked again by the same round", async () => {
  await signIn();
  const url = await link();
  expect(await browser.comeBack(url, "else@example.net")).toBe("/account");
  const [account] = (await userOf(kofi))?.externalAccounts ?? [];
  await answer("DELETE", `/me/external_accounts/${account?.id}`);
  expect(await browser.comeBack(url, "else@example.net")).toBe("oauth_callback_invalid");
  expect((await userOf(kofi))?.externalAccounts).toEqual([]);
});
