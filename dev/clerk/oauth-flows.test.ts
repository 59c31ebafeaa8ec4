// Coming back from an account elsewhere, as somebody who may not, or as somebody other than was said.

import { createClerkClient } from "@clerk/backend";
import { afterEach, beforeEach, expect, test } from "vitest";
import { controlClient } from "./control-client";
import type { LocalClerk } from "./start";
import {
  Browser,
  type Receiver,
  startClerkFor,
  startReceiver,
  temporaryFolder,
} from "./test-support";

const urls = { redirect_url: "/sso-callback", action_complete_redirect_url: "/home" };
let folder: ReturnType<typeof temporaryFolder>;
let receiver: Receiver;
let clerk: LocalClerk;
let control: ReturnType<typeof controlClient>;
let browser: Browser;

beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startReceiver();
  clerk = (await startClerkFor(receiver, folder.path)).clerk;
  control = controlClient(clerk.url);
  await control.settings.set({ hasSocial: true });
  browser = new Browser(clerk, receiver.url);
});
afterEach(async () => {
  await clerk.close();
  await receiver.close();
  folder.remove();
});

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

/** Where the person is led who comes back from the provider with this address. */
async function comeBack(externalUrl: string, email: string) {
  const state = new URL(externalUrl).searchParams.get("state") ?? "";
  const query = new URLSearchParams({ state, email });
  const response = await browser.request("GET", `/oauth_callback?${query}`);
  return response.headers.get("location")?.replace(receiver.url, "");
}

test("the provider vouches for its own address, never for the one that was typed", async () => {
  const { url } = await begin("sign_ups", { email_address: "victim@example.com" });
  expect(await comeBack(url, "mallory@example.net")).toBe("/home");
  expect(await userOf("victim@example.com")).toBeUndefined();
  const made = await userOf("mallory@example.net");
  expect(made?.emailAddresses.map((each) => each.emailAddress)).toEqual(["mallory@example.net"]);
  expect(made?.emailAddresses[0]?.verification).toMatchObject({
    status: "verified",
    strategy: "from_oauth_google",
  });
});

test("an address of the block list gets in neither by signing up nor by a transfer", async () => {
  await control.settings.set({ hasBlocklist: true });
  await backend().blocklistIdentifiers.createBlocklistIdentifier({
    identifier: "*@blocked.example",
  });
  const first = await begin("sign_ups");
  await comeBack(first.url, "a@blocked.example");
  const second = await begin("sign_ins");
  await comeBack(second.url, "b@blocked.example");
  const transferred = await answer("POST", "/client/sign_ups", { transfer: "true" });
  expect([transferred.status, transferred.code]).toEqual([403, "not_allowed_access"]);
  expect(await userOf("a@blocked.example")).toBeUndefined();
  expect(await userOf("b@blocked.example")).toBeUndefined();
});
