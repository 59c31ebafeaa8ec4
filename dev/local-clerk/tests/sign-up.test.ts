// Sign-ups with a username, with required names, and with requirements that are met after OAuth.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { kofi } from "../testing/seeded";
import type { Site } from "../testing/site";
import { test } from "../testing/test";
import { waitUntil } from "../testing/wait-until";

const password = "correct-horse-77";
const urls = { redirect_url: "/sso-callback", action_complete_redirect_url: "/home" };

const eventOf = (site: Site, type: string, userId: string) =>
  waitUntil(() =>
    site.receiver.received
      .map(({ body }) => JSON.parse(body))
      .find((event) => event.type === type && event.data.id === userId),
  );

test("with email addresses off, users sign up and sign in with a username and a password", async ({
  site,
  control,
  browser,
}) => {
  await control.settings.set({ email: "off", username: "required" });
  const started = await browser.post("/client/sign_ups", { password });
  expect(started.body.response.missing_fields).toEqual(["username"]);
  const path = `/client/sign_ups/${started.body.response.id}`;
  const { response } = (await browser.patch(path, { username: "noor_77" })).body;
  expect(response).toMatchObject({ status: "complete", unverified_fields: [], missing_fields: [] });
  const { body } = await browser.get("/client");
  expect(body.response.last_authentication_strategy).toBe("password");
  const { data } = await eventOf(site, "user.created", response.created_user_id);
  expect(data).toMatchObject({
    username: "noor_77",
    email_addresses: [],
    primary_email_address_id: null,
  });

  const other = site.newBrowser();
  const again = await other.post("/client/sign_ins", { identifier: "noor_77", password });
  expect(again.body.response).toMatchObject({
    status: "complete",
    supported_identifiers: ["username"],
  });
  const { user_settings: settings, auth_config: config } = (await other.get("/environment")).body;
  expect(settings.attributes.username).toMatchObject({ enabled: true, required: true });
  expect(settings.attributes.email_address).toMatchObject({ enabled: false, first_factors: [] });
  expect(config).toMatchObject({ email_address: "off", username: "required" });
});

test.for([
  ["abc", "form_username_invalid_length"],
  ["a".repeat(65), "form_username_invalid_length"],
  ["no or", "form_username_invalid_character"],
  ["20250101", "form_username_needs_non_number_char"],
  ["taken_name", "form_identifier_exists"],
] as const)(
  "the username %s is refused by sign-up, by profile and by Backend API",
  async ([username, code], { clerk, control, backend, browser }) => {
    await control.settings.set({ username: "optional" });
    await backend.users.createUser({ username: "taken_name", password });
    const form = { email_address: "new@example.com", password, username };
    const refused = await browser.post("/client/sign_ups", form);
    expect([refused.status, refused.code]).toEqual([422, code]);
    expect(refused.body.errors[0].meta).toEqual({ param_name: "username" });
    const identifier = kofi.email;
    await browser.post("/client/sign_ins", { identifier, password: clerk.password });
    expect((await browser.patch("/me", { username })).code).toBe(code);
    await expect(backend.users.createUser({ username, password })).rejects.toMatchObject({
      errors: [{ code }],
    });
  },
);

test("of two sign-ups with the same username, the second one to complete is refused", async ({
  site,
  control,
  browser,
}) => {
  await control.settings.set({ username: "optional", hasLegalConsent: true });
  await control.settings.set({ email: "optional" });
  const form = { username: "both_of_us", password };
  const first = (await browser.post("/client/sign_ups", form)).body.response;
  await site.newBrowser().post("/client/sign_ups", { ...form, legal_accepted: "true" });
  const late = await browser.patch(`/client/sign_ups/${first.id}`, { legal_accepted: "true" });
  expect(late.code).toBe("form_identifier_exists");
});

test("a sign-up with a field that the settings turn off is refused; required names are listed as missing fields", async ({
  control,
  browser,
}) => {
  const named = { email_address: "new@example.com", password, username: "noor_77" };
  expect((await browser.post("/client/sign_ups", named)).code).toBe("form_param_unknown");
  await control.settings.set({ username: "optional" });
  const nameless = await browser.post("/client/sign_ups", { password, username: "noor_77" });
  expect(nameless.body.response.missing_fields).toEqual(["email_address"]);
  await control.settings.set({ email: "off", username: "required", names: "required" });
  const refused = await browser.post("/client/sign_ups", named);
  expect([refused.code, refused.body.errors[0].meta.param_name]).toEqual([
    "form_param_unknown",
    "email_address",
  ]);
  const { response } = (await browser.post("/client/sign_ups", { password, username: "noor_77" }))
    .body;
  expect(response.missing_fields).toEqual(["first_name", "last_name"]);
  const name = { first_name: "Noor", last_name: "Haddad" };
  const done = await browser.patch(`/client/sign_ups/${response.id}`, name);
  expect(done.body.response.status).toBe("complete");
});

/**
 * Starts an OAuth flow with Google and completes it at Google as the person Noor. Resolves to the sign-in or sign-up afterwards.
 */
async function returnFromGoogle(browser: Browser, path: "sign_ins" | "sign_ups") {
  const { id, url } = await browser.startOauth(path);
  await browser.finishOauth(url, { email: "noor@example.net", first_name: "Noor" });
  return (await browser.get(`/client/${path}/${id}`)).body.response;
}

test.for(["sign_ups", "sign_ins"] as const)(
  "a Google sign-up that starts at %s and gets its missing fields later creates a user with the connected account",
  async (path, { site, control, backend, browser }) => {
    await control.settings.set({ hasSocial: true, hasLegalConsent: true, username: "required" });
    const back = await returnFromGoogle(browser, path);
    const signUp =
      path === "sign_ups"
        ? back
        : (await browser.post("/client/sign_ups", { transfer: "true" })).body.response;
    expect(signUp).toMatchObject({
      missing_fields: ["username", "legal_accepted"],
      verifications: { external_account: { status: "verified", strategy: "oauth_google" } },
    });
    const resource = `/client/sign_ups/${signUp.id}`;
    await browser.patch(resource, { username: "noor_77" });
    const done = await browser.patch(resource, { legal_accepted: "true" });
    const user = await backend.users.getUser(done.body.response.created_user_id);
    const [account] = user.externalAccounts;
    expect(account).toMatchObject({
      provider: "oauth_google",
      emailAddress: "noor@example.net",
      firstName: "Noor",
    });
    expect(user.emailAddresses[0]?.linkedTo).toEqual([
      { type: "oauth_google", id: account?.identificationId },
    ]);

    const other = site.newBrowser();
    expect((await returnFromGoogle(other, "sign_ins")).created_user_id).toBeUndefined();
    const { sessions } = (await other.get("/client")).body.response;
    expect(sessions[0].user.id).toBe(user.id);
  },
);

test.for([
  ["restricted", "sign_up_mode_restricted"],
  ["waitlist", "sign_up_restricted_waitlist"],
] as const)(
  "in %s mode, a Google account without a user is refused by sign-in and by sign-up",
  async ([signUp, code], { control, browser }) => {
    await control.settings.set({ hasSocial: true, signUp });
    const { first_factor_verification: verification } = await returnFromGoogle(browser, "sign_ins");
    expect(verification).toMatchObject({ status: "failed", error: { code } });
    const direct = await browser.post("/client/sign_ups", { strategy: "oauth_google", ...urls });
    expect([direct.status, direct.code]).toEqual([403, code]);
  },
);
