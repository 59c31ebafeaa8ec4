// A round to an account elsewhere counts once, and for whoever began it.

import { createClerkClient } from "@clerk/backend";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { controlClient } from "./control-client";
import type { LocalClerk } from "./start";
import { Browser, openSite, type Receiver, type Site } from "./test-support";

const kofi = "kofi.mensah@example.com";
const urls = { redirect_url: "/sso-callback", action_complete_redirect_url: "/home" };
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

const backend = () =>
  createClerkClient({ secretKey: clerk.keys.secretKey, apiUrl: clerk.env.CLERK_API_URL });

const userOf = async (email: string) =>
  (await backend().users.getUserList({ emailAddress: [email] })).data[0];

async function begin(path: "sign_ins" | "sign_ups", more: Record<string, string> = {}) {
  const form = { strategy: "oauth_google", ...urls, ...more };
  const { response } = (await answer("POST", `/client/${path}`, form)).body;
  const verification =
    response.first_factor_verification ?? response.verifications.external_account;
  return { id: response.id, url: verification.external_verification_redirect_url };
}

/** Where the person is led who comes back from the provider with this address, or why not. */
async function comeBack(externalUrl: string, email: string) {
  const state = new URL(externalUrl).searchParams.get("state") ?? "";
  const query = new URLSearchParams({ state, email });
  const response = await browser.request("GET", `/oauth_callback?${query}`);
  const location = response.headers.get("location");
  return location?.replace(receiver.url, "") ?? (await response.json()).errors[0].code;
}

const sessions = async () => (await answer("GET", "/client")).body.response.sessions;

test("whoever was transferred signs in by it once, and not again when they have left", async () => {
  await comeBack((await begin("sign_ups")).url, kofi);
  const form = { transfer: "true" };
  expect((await answer("POST", "/client/sign_ins", form)).body.response.status).toBe("complete");
  expect((await answer("GET", "/client")).body.response.sign_up).toBeNull();
  await answer("POST", `/client/sessions/${(await sessions())[0].id}/remove`);
  expect((await answer("POST", "/client/sign_ins", form)).code).toBe("account_transfer_invalid");
});

test("whoever was transferred signs up by it once, and does not come in by it again", async () => {
  const address = "brand-new@example.net";
  await comeBack((await begin("sign_ins")).url, address);
  const form = { transfer: "true" };
  expect((await answer("POST", "/client/sign_ups", form)).body.response.status).toBe("complete");
  expect((await answer("GET", "/client")).body.response.sign_in).toBeNull();
  await answer("POST", `/client/sessions/${(await sessions())[0].id}/remove`);
  await backend().users.deleteUser((await userOf(address))?.id ?? "");
  expect((await answer("POST", "/client/sign_ups", form)).code).toBe("account_transfer_invalid");
});

test("who refused over there, or was not known, does not come back a second time", async () => {
  const { url } = await begin("sign_ins");
  expect(await comeBack(url, "")).toBe("/sso-callback");
  expect(await comeBack(url, kofi)).toBe("oauth_callback_invalid");
  const other = await begin("sign_ins");
  expect(await comeBack(other.url, "nobody@example.net")).toBe("/sso-callback");
  expect(await comeBack(other.url, kofi)).toBe("oauth_callback_invalid");
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
  expect(await comeBack(url, email)).toBe("/account");
  expect((await userOf(kofi))?.externalAccounts).toEqual([]);
});

test("an account that was taken away is not linked again by the same round", async () => {
  await signIn();
  const url = await link();
  expect(await comeBack(url, "else@example.net")).toBe("/account");
  const [account] = (await userOf(kofi))?.externalAccounts ?? [];
  await answer("DELETE", `/me/external_accounts/${account?.id}`);
  expect(await comeBack(url, "else@example.net")).toBe("oauth_callback_invalid");
  expect((await userOf(kofi))?.externalAccounts).toEqual([]);
});
