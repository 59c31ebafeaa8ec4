// Signing up with less than an address, or finishing it later than it was begun.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { controlClient } from "../control/client";
import type { LocalClerk } from "../start";
import {
  Browser,
  backendOf,
  eventually,
  openSite,
  type Receiver,
  type Site,
} from "../testing/site";

const password = "correct-horse-77";
const urls = { redirect_url: "/sso-callback", action_complete_redirect_url: "/home" };
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

const answer = (path: string, form: Record<string, string>, method = "POST") =>
  browser.answer(method, path, form);

const users = () => backendOf(clerk).users;

const eventOf = (type: string, userId: string) =>
  eventually(() =>
    receiver.received
      .map(({ body }) => JSON.parse(body))
      .find((event) => event.type === type && event.data.id === userId),
  );

test("a username and a password are enough where there are no addresses, then and later", async () => {
  await control.settings.set({ email: "off", username: "required" });
  const asked = await answer("/client/sign_ups", { password });
  expect(asked.body.response.missing_fields).toEqual(["username"]);
  const path = `/client/sign_ups/${asked.body.response.id}`;
  const { response } = (await answer(path, { username: "noor_77" }, "PATCH")).body;
  expect(response).toMatchObject({ status: "complete", unverified_fields: [], missing_fields: [] });
  const { body } = await browser.answer("GET", "/client");
  expect(body.response.last_authentication_strategy).toBe("password");
  const { data } = await eventOf("user.created", response.created_user_id);
  expect(data).toMatchObject({
    username: "noor_77",
    email_addresses: [],
    primary_email_address_id: null,
  });

  browser = new Browser(clerk, receiver.url);
  const again = await answer("/client/sign_ins", { identifier: "noor_77", password });
  expect(again.body.response).toMatchObject({
    status: "complete",
    supported_identifiers: ["username"],
  });
  const { user_settings: settings, auth_config: config } = (
    await browser.answer("GET", "/environment")
  ).body;
  expect(settings.attributes.username).toMatchObject({ enabled: true, required: true });
  expect(settings.attributes.email_address).toMatchObject({ enabled: false, first_factors: [] });
  expect(config).toMatchObject({ email_address: "off", username: "required" });
});

test.each([
  ["abc", "form_username_invalid_length"],
  ["a".repeat(65), "form_username_invalid_length"],
  ["no or", "form_username_invalid_character"],
  ["20250101", "form_username_needs_non_number_char"],
  ["taken_name", "form_identifier_exists"],
])("the username %s is refused wherever one is given", async (username, code) => {
  await control.settings.set({ username: "optional" });
  await users().createUser({ username: "taken_name", password });
  const form = { email_address: "new@example.com", password, username };
  const refused = await answer("/client/sign_ups", form);
  expect([refused.status, refused.code]).toEqual([422, code]);
  expect(refused.body.errors[0].meta).toEqual({ param_name: "username" });
  const identifier = "kofi.mensah@example.com";
  await answer("/client/sign_ins", { identifier, password: clerk.password });
  expect((await answer("/me", { username }, "PATCH")).code).toBe(code);
  await expect(users().createUser({ username, password })).rejects.toMatchObject({
    errors: [{ code }],
  });
});

test("of two who sign up by one username, the second to finish is told", async () => {
  await control.settings.set({ username: "optional", hasLegalConsent: true });
  await control.settings.set({ email: "optional" });
  const form = { username: "both_of_us", password };
  const first = (await answer("/client/sign_ups", form)).body.response;
  const slower = browser;
  browser = new Browser(clerk, receiver.url);
  await answer("/client/sign_ups", { ...form, legal_accepted: "true" });
  browser = slower;
  const late = await answer(`/client/sign_ups/${first.id}`, { legal_accepted: "true" }, "PATCH");
  expect(late.code).toBe("form_identifier_exists");
});

test("what is switched off is unknown; names are asked for where they are required", async () => {
  const named = { email_address: "new@example.com", password, username: "noor_77" };
  expect((await answer("/client/sign_ups", named)).code).toBe("form_param_unknown");
  await control.settings.set({ username: "optional" });
  const nameless = await answer("/client/sign_ups", { password, username: "noor_77" });
  expect(nameless.body.response.missing_fields).toEqual(["email_address"]);
  await control.settings.set({ email: "off", username: "required", names: "required" });
  const refused = await answer("/client/sign_ups", named);
  expect([refused.code, refused.body.errors[0].meta.param_name]).toEqual([
    "form_param_unknown",
    "email_address",
  ]);
  const { response } = (await answer("/client/sign_ups", { password, username: "noor_77" })).body;
  expect(response.missing_fields).toEqual(["first_name", "last_name"]);
  const name = { first_name: "Noor", last_name: "Haddad" };
  const done = await answer(`/client/sign_ups/${response.id}`, name, "PATCH");
  expect(done.body.response.status).toBe("complete");
});

/** Comes back from Google as Noor; what the sign-up or the sign-in says then. */
async function comeByGoogle(path: "sign_ins" | "sign_ups") {
  const begun = await answer(`/client/${path}`, { strategy: "oauth_google", ...urls });
  const { response } = begun.body;
  const verification =
    response.first_factor_verification ?? response.verifications.external_account;
  const page = new URL(verification.external_verification_redirect_url);
  const state = page.searchParams.get("state") ?? "";
  const query = new URLSearchParams({ state, email: "noor@example.net", first_name: "Noor" });
  await browser.request("GET", `/oauth_callback?${query}`);
  return (await browser.answer("GET", `/client/${path}/${response.id}`)).body.response;
}

test.each(["sign_ups", "sign_ins"] as const)(
  "a sign-up by Google that began with %s and is finished later links the account",
  async (path) => {
    await control.settings.set({ hasSocial: true, hasLegalConsent: true, username: "required" });
    const back = await comeByGoogle(path);
    const signUp =
      path === "sign_ups"
        ? back
        : (await answer("/client/sign_ups", { transfer: "true" })).body.response;
    expect(signUp).toMatchObject({
      missing_fields: ["username", "legal_accepted"],
      verifications: { external_account: { status: "verified", strategy: "oauth_google" } },
    });
    const resource = `/client/sign_ups/${signUp.id}`;
    await answer(resource, { username: "noor_77" }, "PATCH");
    const done = await answer(resource, { legal_accepted: "true" }, "PATCH");
    const user = await users().getUser(done.body.response.created_user_id);
    const [account] = user.externalAccounts;
    expect(account).toMatchObject({
      provider: "oauth_google",
      emailAddress: "noor@example.net",
      firstName: "Noor",
    });
    expect(user.emailAddresses[0]?.linkedTo).toEqual([
      { type: "oauth_google", id: account?.identificationId },
    ]);

    browser = new Browser(clerk, receiver.url);
    expect((await comeByGoogle("sign_ins")).created_user_id).toBeUndefined();
    const { sessions } = (await browser.answer("GET", "/client")).body.response;
    expect(sessions[0].user.id).toBe(user.id);
  },
);

test.each([
  ["restricted", "sign_up_mode_restricted"],
  ["waitlist", "sign_up_restricted_waitlist"],
] as const)(
  "in %s mode a stranger who comes by Google is told so, whichever way",
  async (signUp, code) => {
    await control.settings.set({ hasSocial: true, signUp });
    const { first_factor_verification: verification } = await comeByGoogle("sign_ins");
    expect(verification).toMatchObject({ status: "failed", error: { code } });
    const direct = await answer("/client/sign_ups", { strategy: "oauth_google", ...urls });
    expect([direct.status, direct.code]).toEqual([403, code]);
  },
);
