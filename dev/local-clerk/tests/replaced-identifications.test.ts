// All addresses or numbers of a person replaced by one, as support does it, through Clerk's client.

import { afterEach, beforeEach, expect, test } from "vitest";
import { derivedId } from "../ids";
import { type Backend, Browser, backendOf, openSite, type Site } from "../testing/site";

const kofi = derivedId("user", "kofi.mensah@example.com");
let site: Site;
let client: Backend;

beforeEach(async () => {
  site = await openSite();
  client = backendOf(site.clerk);
});
afterEach(() => site.close());

test("one verified address takes the place of all; the one before is told when that is asked for", async () => {
  await client.emailAddresses.createEmailAddress({ userId: kofi, emailAddress: "k2@example.com" });
  const changed = async () => {
    const mails = await site.control.outbox.to("kofi.mensah@example.com");
    return mails.filter(({ subject }) => /primary email address has changed/.test(subject));
  };
  const silent = await client.users.replaceUserEmailAddress(kofi, {
    emailAddress: "k3@example.com",
  });
  expect(silent.verification).toMatchObject({ status: "verified", strategy: "admin" });
  const user = await client.users.getUser(kofi);
  expect(user.emailAddresses.map((each) => each.emailAddress)).toEqual(["k3@example.com"]);
  expect(user.primaryEmailAddressId).toBe(silent.id);
  expect(await changed()).toEqual([]);
  const told = { emailAddress: "kofi.mensah@example.com", notifyPrimaryEmailAddressChanged: true };
  await client.users.replaceUserEmailAddress(kofi, told);
  expect((await site.control.outbox.latest("k3@example.com"))?.subject).toMatch(/has changed/);
  const again = await client.users.replaceUserEmailAddress(kofi, told);
  expect((await client.users.getUser(kofi)).primaryEmailAddressId).toBe(again.id);
  expect(await changed()).toEqual([]);
});

test("an address that a connected account brought is not replaced or removed before that account is gone", async () => {
  await site.control.settings.set({ hasSocial: true });
  const browser = new Browser(site.clerk, site.receiver.url);
  const form = { strategy: "oauth_google", redirect_url: "/sso-callback" };
  const { body } = await browser.answer("POST", "/client/sign_ins", form);
  const verification = body.response.first_factor_verification;
  const page = new URL(verification.external_verification_redirect_url);
  const state = page.searchParams.get("state") ?? "";
  const query = new URLSearchParams({ state, email: "kofi.mensah@example.com" });
  await browser.request("GET", `/oauth_callback?${query}`);
  const refusal = { status: 400, errors: [{ code: "delete_linked_identification_disallowed" }] };
  const given = { emailAddress: "k2@example.com" };
  await expect(client.users.replaceUserEmailAddress(kofi, given)).rejects.toMatchObject(refusal);
  await client.emailAddresses.createEmailAddress({ userId: kofi, ...given, verified: true });
  const [brought] = (await client.users.getUser(kofi)).emailAddresses;
  const removal = client.emailAddresses.deleteEmailAddress(brought?.id ?? "");
  await expect(removal).rejects.toMatchObject(refusal);
});

test("a replacement may be reserved or unverified; somebody else's is refused", async () => {
  for (const [status, reserved] of [
    ["reserved", true],
    ["unverified", false],
  ] as const) {
    const given = { emailAddress: `${status}@example.com`, identificationStatus: status };
    await client.users.replaceUserEmailAddress(kofi, given);
    const { raw } = await client.users.getUser(kofi);
    expect(raw?.email_addresses).toMatchObject([{ reserved, verification: null }]);
  }
  const taken = { emailAddress: "amara.okafor@example.com" };
  await expect(client.users.replaceUserEmailAddress(kofi, taken)).rejects.toMatchObject({
    status: 422,
    errors: [{ code: "form_identifier_exists", meta: { paramName: "email_address" } }],
  });
  expect((await client.users.getUser(kofi)).emailAddresses).toHaveLength(1);
});

test("one number takes the place of all, and a second factor by the old one ends", async () => {
  const number = { phoneNumber: "+12025550101", verified: true, userId: kofi };
  const { id } = await client.phoneNumbers.createPhoneNumber(number);
  await client.phoneNumbers.updatePhoneNumber(id, { reservedForSecondFactor: true });
  expect((await client.users.getUser(kofi)).twoFactorEnabled).toBe(true);
  const same = await client.users.replaceUserPhoneNumber(kofi, { phoneNumber: "+12025550101" });
  expect(same).toMatchObject({ id, reservedForSecondFactor: false });
  expect((await client.users.getUser(kofi)).twoFactorEnabled).toBe(false);
  await client.phoneNumbers.updatePhoneNumber(id, { reservedForSecondFactor: true });
  const given = { phoneNumber: "+12025550102" };
  const made = await client.users.replaceUserPhoneNumber(kofi, given);
  expect(made).toMatchObject({ phoneNumber: "+12025550102", reservedForSecondFactor: false });
  const user = await client.users.getUser(kofi);
  expect(user.phoneNumbers.map((each) => each.phoneNumber)).toEqual(["+12025550102"]);
  expect([user.primaryPhoneNumberId, user.twoFactorEnabled]).toEqual([made.id, false]);
  const other = derivedId("user", "amara.okafor@example.com");
  await expect(client.users.replaceUserPhoneNumber(other, given)).rejects.toMatchObject({
    errors: [{ code: "form_identifier_exists", meta: { paramName: "phone_number" } }],
  });
});
