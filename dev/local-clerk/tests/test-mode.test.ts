// Test mode: test addresses and test numbers accept the code 424242, and no message is sent to them.

import { expect } from "vitest";
import { openGenuineClient } from "../testing/genuine-client";
import { amara, kofi, northwind } from "../testing/seeded";
import { test } from "../testing/test";

const code = "424242";
const password = "correct-horse-77";

test("a test address and a test number sign up with the code 424242, and no message is sent to them", async ({
  site,
  control,
}) => {
  await control.settings.set({ phone: "required" });
  const page = await openGenuineClient(site);
  const signUp = page.newSignUp();
  const emailAddress = "jane+clerk_test@example.com";
  await signUp.password({ emailAddress, phoneNumber: "+1 (202) 555-0143", password });
  await signUp.verifications.sendEmailCode();
  expect((await signUp.verifications.verifyEmailCode({ code: "424241" })).error).not.toBeNull();
  expect((await signUp.verifications.verifyEmailCode({ code })).error).toBeNull();
  await signUp.verifications.sendPhoneCode();
  await signUp.verifications.verifyPhoneCode({ code });
  expect(signUp.status).toBe("complete");
  expect(await control.outbox.all()).toEqual([]);
  expect(site.eventTypes).not.toContain("email.created");
  expect(site.eventTypes).not.toContain("sms.created");
});

test("a test address accepts the code 424242 for sign-in, password reset, an added address and an organization's domain", async ({
  control,
  backend,
  browser,
  site,
}) => {
  const address = "jane+clerk_test_2@example.com";
  await backend.users.createUser({ emailAddress: [address], password });
  for (const strategy of ["email_code", "reset_password_email_code"]) {
    const guest = site.newBrowser();
    const { body } = await guest.post("/client/sign_ins", { identifier: address, strategy });
    const path = `/client/sign_ins/${body.response.id}/attempt_first_factor`;
    expect((await guest.post(path, { strategy, code })).status).toBe(200);
  }
  await browser.signIn(kofi.email);
  const added = await browser.post("/me/email_addresses", {
    email_address: "kofi+clerk_test@example.com",
  });
  const path = `/me/email_addresses/${added.body.response.id}`;
  await browser.post(`${path}/prepare_verification`, { strategy: "email_code" });
  const verified = await browser.post(`${path}/attempt_verification`, { code });
  expect(verified.body.response.verification.status).toBe("verified");

  await control.settings.set({ hasOrganizationDomains: true });
  const admin = await site.signedIn(amara.email);
  const domains = `/organizations/${northwind.id}/domains`;
  const { id } = (await admin.post(domains, { name: "tides.example" })).body.response;
  const affiliation_email_address = "amara+clerk_test@tides.example";
  const prepare = `${domains}/${id}/prepare_affiliation_verification`;
  await admin.post(prepare, { affiliation_email_address });
  const attempt = `${domains}/${id}/attempt_affiliation_verification`;
  expect((await admin.post(attempt, { code })).status).toBe(200);
  expect(await control.outbox.all()).toEqual([]);
});

test("with test mode off, and for every other recipient, codes are random and sent", async ({
  control,
  browser,
}) => {
  const sent = async (email_address: string) => {
    await browser.startSignUp({ email_address, password });
    return (await control.outbox.latest(email_address))?.code;
  };
  for (const ordinary of ["clerk_test@example.com", "a+clerk@example.com"]) {
    expect(await sent(ordinary)).toMatch(/^\d{6}$/);
  }
  await control.settings.set({ hasTestMode: false });
  expect(await sent("jane+clerk_test@example.com")).toMatch(/^\d{6}$/);
  expect((await browser.get("/environment")).body.auth_config.test_mode).toBe(false);
});
