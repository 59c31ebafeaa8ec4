// The custom-flow API of clerk-js, with which teams build their own sign-in and sign-up pages.

import { expect } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { openGenuineClient } from "../testing/genuine-client";
import { kofi } from "../testing/seeded";
import type { Site } from "../testing/site";
import { test } from "../testing/test";

const password = "correct-horse-77";
const emailAddress = "nadia@example.com";
const phoneNumber = "+447700900143";

async function created(site: Site, more: { phoneNumber?: string[] } = {}) {
  return site.backend.users.createUser({ emailAddress: [emailAddress], password, ...more });
}

test("signUp.password starts or continues a sign-up, emailCode verifies its address, and finalize activates its session", async ({
  site,
  control,
}) => {
  await control.settings.set({ names: "required" });
  const page = await openGenuineClient(site);
  const signUp = page.newSignUp();
  expect((await signUp.create({ firstName: "Nadia", lastName: "Haddad" })).error).toBeNull();
  expect(signUp.missingFields).toEqual(["email_address", "password"]);
  expect((await signUp.password({ emailAddress, password })).error).toBeNull();
  expect(page.calls.at(-1)).toMatch(/^PATCH .* 200$/);
  expect(signUp.unverifiedFields).toEqual(["email_address"]);
  await signUp.verifications.sendEmailCode();
  const code = await site.newestCode(emailAddress);
  expect((await signUp.verifications.verifyEmailCode({ code })).error).toBeNull();
  expect(signUp.status).toBe("complete");
  await signUp.finalize();
  expect(page.clerk.user?.firstName).toBe("Nadia");
});

test("signUp.password starts a sign-up without an address, and signUp.update and a text message complete it", async ({
  site,
  control,
}) => {
  await control.settings.set({ email: "off", phone: "required", hasLegalConsent: true });
  const page = await openGenuineClient(site);
  const signUp = page.newSignUp();
  expect((await signUp.password({ phoneNumber, password })).error).toBeNull();
  expect(page.calls.at(-1)).toBe("POST /v1/client/sign_ups 200");
  await signUp.update({ legalAccepted: true, unsafeMetadata: { plan: "pro" } });
  await signUp.verifications.sendPhoneCode({ channel: "sms" });
  await signUp.verifications.verifyPhoneCode({ code: await site.newestCode(phoneNumber) });
  expect(signUp.status).toBe("complete");
  await signUp.finalize();
  expect(page.clerk.user?.unsafeMetadata).toEqual({ plan: "pro" });
});

test("a sign-up created with a code or link strategy sends the code or link immediately; an unknown strategy returns 501", async ({
  site,
  control,
  browser,
}) => {
  const start = (strategy: string) =>
    browser.post("/client/sign_ups", { email_address: emailAddress, password, strategy });
  const { response } = (await start("email_code")).body;
  expect(response.verifications.email_address.next_action).toBe("needs_attempt");
  const code = await site.newestCode(emailAddress);
  const attempt = `/client/sign_ups/${response.id}/attempt_verification`;
  await control.settings.set({ emailVerification: "link" });
  expect((await start("email_link")).code).toBe("form_param_missing");
  expect((await start("enterprise_sso")).status).toBe(501);
  const done = await browser.post(attempt, { strategy: "email_code", code });
  expect(done.body.response.status).toBe("complete");
});

test("after an emailLink is opened, the page that waits for it completes the sign-up or sign-in", async ({
  site,
  control,
}) => {
  await control.settings.set({ emailVerification: "link" });
  const page = await openGenuineClient(site);
  const verificationUrl = `${site.appUrl}/verified`;
  const open = async () => fetch(await ownLink(site), { redirect: "manual" });
  const signUp = page.newSignUp();
  await signUp.password({ emailAddress, password });
  await signUp.verifications.sendEmailLink({ verificationUrl });
  await open();
  expect((await signUp.verifications.waitForEmailLinkVerification()).error).toBeNull();
  await signUp.finalize();
  await page.signOut();
  const signIn = page.newSignIn();
  expect((await signIn.emailLink.sendLink({ emailAddress, verificationUrl })).error).toBeNull();
  await open();
  expect((await signIn.emailLink.waitForVerification()).error).toBeNull();
  expect(signIn.status).toBe("complete");
  await signIn.finalize();
  expect(page.clerk.user?.primaryEmailAddress?.emailAddress).toBe(emailAddress);
});

/** Resolves to the link in the newest mail to `emailAddress`, with the local Clerk's own port instead of the app's proxy. */
async function ownLink(site: Site): Promise<string> {
  const link = await site.newestLink(emailAddress);
  return link.href.replace(`${site.appUrl}/__clerk`, `${site.clerk.url}/fapi`);
}

test("a user signs in with emailCode after a separate create call, and with phoneCode alone", async ({
  site,
  control,
}) => {
  await control.settings.set({ phone: "optional" });
  await created(site, { phoneNumber: [phoneNumber] });
  const page = await openGenuineClient(site);
  const byMail = page.newSignIn();
  expect((await byMail.create({ identifier: emailAddress })).error).toBeNull();
  expect((await byMail.emailCode.sendCode()).error).toBeNull();
  await byMail.emailCode.verifyCode({ code: await site.newestCode(emailAddress) });
  await byMail.finalize();
  await page.signOut();
  const byText = page.newSignIn();
  expect((await byText.phoneCode.sendCode({ phoneNumber })).error).toBeNull();
  await byText.phoneCode.verifyCode({ code: await site.newestCode(phoneNumber) });
  await byText.finalize();
  expect(page.clerk.user?.primaryPhoneNumber?.phoneNumber).toBe(phoneNumber);
});

test("signIn.password returns Clerk's errors, and resetPassword sets a new password after a code by mail or text message", async ({
  site,
  control,
  backend,
}) => {
  await control.settings.set({ phone: "optional" });
  const user = await created(site, { phoneNumber: [phoneNumber] });
  const page = await openGenuineClient(site);
  const signIn = page.newSignIn();
  const wrong = await signIn.password({ emailAddress, password: "not-the-password" });
  expect(wrong.error).toMatchObject({ errors: [{ code: "form_password_incorrect" }] });
  await signIn.create({ identifier: emailAddress });
  await signIn.resetPasswordEmailCode.sendCode();
  const code = await site.newestCode(emailAddress);
  await signIn.resetPasswordEmailCode.verifyCode({ code });
  expect(signIn.status).toBe("needs_new_password");
  await signIn.resetPasswordEmailCode.submitPassword({ password: "another-Harbour-52" });
  await signIn.finalize();
  await page.signOut();
  const byText = page.newSignIn();
  await byText.resetPasswordPhoneCode.sendCode({ phoneNumber });
  await byText.resetPasswordPhoneCode.verifyCode({ code: await site.newestCode(phoneNumber) });
  await byText.resetPasswordPhoneCode.submitPassword({ password: "third-Harbour-52" });
  expect(byText.status).toBe("complete");
  const given = { userId: user.id, password: "third-Harbour-52" };
  expect((await backend.users.verifyPassword(given)).verified).toBe(true);
});

test("signIn.mfa verifies a code of an authenticator app, a backup code and a code by text message", async ({
  site,
  control,
  clock,
  backend,
}) => {
  await control.settings.set({ phone: "optional", hasSecondFactor: true });
  const user = await created(site);
  const page = await openGenuineClient(site);
  await page.signIn(emailAddress, password);
  const totp = await page.clerk.user?.createTOTP();
  const code = () => totpCode(totp?.secret ?? "", clock.now());
  const { backupCodes } = (await page.clerk.user?.verifyTOTP({ code: code() })) ?? {};
  const number = { userId: user.id, phoneNumber, verified: true, reservedForSecondFactor: true };
  await backend.phoneNumbers.createPhoneNumber(number);
  const start = async () => {
    await page.signOut();
    const signIn = page.newSignIn();
    await signIn.password({ emailAddress, password });
    expect(signIn.status).toBe("needs_second_factor");
    return signIn;
  };
  const byApp = await start();
  await byApp.mfa.verifyTOTP({ code: code() });
  await byApp.finalize();
  const byBackupCode = await start();
  await byBackupCode.mfa.verifyBackupCode({ code: backupCodes?.[0] ?? "" });
  await byBackupCode.finalize();
  const byText = await start();
  await byText.mfa.sendPhoneCode();
  await byText.mfa.verifyPhoneCode({ code: await site.newestCode(phoneNumber) });
  await byText.finalize();
  expect(page.clerk.user?.id).toBe(user.id);
});

test("the ticket method signs in with a sign-in token, and signs up with an invitation", async ({
  site,
  backend,
}) => {
  const page = await openGenuineClient(site);
  const given = { userId: kofi.id, expiresInSeconds: 60 };
  const { token } = await backend.signInTokens.createSignInToken(given);
  const signIn = page.newSignIn();
  expect((await signIn.ticket({ ticket: token })).error).toBeNull();
  await signIn.finalize();
  expect(page.clerk.user?.id).toBe(kofi.id);
  await page.signOut();
  const { url } = await backend.invitations.createInvitation({ emailAddress });
  const ticket = new URL(url ?? "").searchParams.get("ticket") ?? "";
  const signUp = page.newSignUp();
  expect((await signUp.ticket({ ticket })).error).toBeNull();
  await signUp.password({ password });
  expect(signUp.status).toBe("complete");
  await signUp.finalize();
  expect(page.clerk.user?.primaryEmailAddress?.emailAddress).toBe(emailAddress);
});

test("a sign-up or sign-in that has started can continue with an OAuth provider", async ({
  site,
  control,
  browser,
}) => {
  await control.settings.set({ hasSocial: true, hasLegalConsent: true });
  const urls = { redirect_url: "/sso-callback", action_complete_redirect_url: "/home" };
  const strategy = "oauth_google";
  const { response } = (await browser.post("/client/sign_ups", { first_name: "Nadia" })).body;
  const path = `/client/sign_ups/${response.id}`;
  const more = { strategy, legal_accepted: "true", ...urls };
  const begun = (await browser.patch(path, more)).body.response;
  expect(begun.id).toBe(response.id);
  const { external_account: external } = begun.verifications;
  const as = { email: emailAddress, first_name: "N", last_name: "Haddad" };
  expect(await browser.finishOauth(external.external_verification_redirect_url, as)).toBe("/home");
  const user = (await browser.get("/me")).body.response;
  expect([user.first_name, user.last_name]).toEqual(["Nadia", "Haddad"]);
  const other = site.newBrowser();
  const signIn = (await other.post("/client/sign_ins", { identifier: emailAddress })).body.response;
  const prepare = `/client/sign_ins/${signIn.id}/prepare_first_factor`;
  const prepared = (await other.post(prepare, { strategy, ...urls })).body.response;
  const url = prepared.first_factor_verification.external_verification_redirect_url;
  expect(await other.finishOauth(url, as)).toBe("/home");
  expect((await other.get("/me")).body.response.id).toBe(user.id);
});

test("signUpIfMissing returns the same for an address with and without an account, until the code is verified", async ({
  site,
}) => {
  const { id } = await created(site);
  const page = await openGenuineClient(site);
  const start = async (identifier: string) => {
    const signIn = page.newSignIn();
    expect((await signIn.create({ identifier, signUpIfMissing: true })).error).toBeNull();
    expect((await signIn.emailCode.sendCode()).error).toBeNull();
    const { status, supportedFirstFactors, userData } = signIn;
    const factors = supportedFirstFactors.map(({ strategy }) => strategy);
    return { signIn, shown: { status, factors, userData } };
  };
  const unknown = await start("new@example.com");
  const wrong = await unknown.signIn.emailCode.verifyCode({ code: "000000" });
  expect(wrong.error).toMatchObject({ errors: [{ code: "form_code_incorrect" }] });
  const code = await site.newestCode("new@example.com");
  const { error } = await unknown.signIn.emailCode.verifyCode({ code });
  expect(error).toMatchObject({ errors: [{ code: "sign_up_if_missing_transfer" }] });
  expect(page.clerk.client?.signIn.firstFactorVerification.status).toBe("transferable");
  const signUp = page.newSignUp();
  expect((await signUp.create({ transfer: true })).error).toBeNull();
  expect(signUp.emailAddress).toBe("new@example.com");
  expect([signUp.unverifiedFields, signUp.missingFields]).toEqual([[], ["password"]]);
  await signUp.password({ password });
  expect(signUp.status).toBe("complete");

  await page.signOut();
  const known = await start(emailAddress);
  expect(known.shown).toEqual(unknown.shown);
  await known.signIn.emailCode.verifyCode({ code: await site.newestCode(emailAddress) });
  await known.signIn.finalize();
  expect(page.clerk.user?.id).toBe(id);
});

test("signUpIfMissing by link: the waiting page transfers the sign-in of an unknown address to a sign-up", async ({
  site,
  control,
}) => {
  await control.settings.set({ emailVerification: "link", password: "optional" });
  const page = await openGenuineClient(site);
  const signIn = page.newSignIn();
  await signIn.create({ identifier: emailAddress, signUpIfMissing: true });
  const verificationUrl = `${site.appUrl}/verified`;
  expect((await signIn.emailLink.sendLink({ verificationUrl })).error).toBeNull();
  const opened = await fetch(await ownLink(site), { redirect: "manual" });
  expect(opened.headers.get("location")).toContain("__clerk_status=verified");
  expect((await signIn.emailLink.waitForVerification()).error).toBeNull();
  expect(signIn.isTransferable).toBe(true);
  const signUp = page.newSignUp();
  await signUp.create({ transfer: true });
  expect(signUp.status).toBe("complete");
  expect((await page.newSignUp().create({ transfer: true })).error).toMatchObject({
    errors: [{ code: "account_transfer_invalid" }],
  });
});

test("signUpIfMissing is refused where only invited people may sign up, and for an identifier that is not an address", async ({
  control,
  browser,
}) => {
  const start = (identifier: string) =>
    browser.post("/client/sign_ins", { identifier, sign_up_if_missing: "true" });
  expect((await start("nadia")).code).toBe("form_param_format_invalid");
  await control.settings.set({ signUp: "restricted" });
  expect((await start(emailAddress)).code).toBe("sign_up_mode_restricted");
});
