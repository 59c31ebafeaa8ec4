// Replaces all addresses or all numbers of a user by one address or number, as a support team does through the Backend API.

import { expect } from "vitest";
import { amara, kofi } from "../testing/seeded";
import { test } from "../testing/test";

test("a replacement address becomes the user's only address, verified and primary, and the old address is notified on request", async ({
  control,
  backend,
}) => {
  await backend.emailAddresses.createEmailAddress({
    userId: kofi.id,
    emailAddress: "k2@example.com",
  });
  const notices = async () => {
    const mails = await control.outbox.to(kofi.email);
    return mails.filter(({ subject }) => /primary email address has changed/.test(subject));
  };
  const silent = await backend.users.replaceUserEmailAddress(kofi.id, {
    emailAddress: "k3@example.com",
  });
  expect(silent.verification).toMatchObject({ status: "verified", strategy: "admin" });
  const user = await backend.users.getUser(kofi.id);
  expect(user.emailAddresses.map((each) => each.emailAddress)).toEqual(["k3@example.com"]);
  expect(user.primaryEmailAddressId).toBe(silent.id);
  expect(await notices()).toEqual([]);
  const notified = { emailAddress: kofi.email, notifyPrimaryEmailAddressChanged: true };
  await backend.users.replaceUserEmailAddress(kofi.id, notified);
  expect((await control.outbox.latest("k3@example.com"))?.subject).toMatch(/has changed/);
  const again = await backend.users.replaceUserEmailAddress(kofi.id, notified);
  expect((await backend.users.getUser(kofi.id)).primaryEmailAddressId).toBe(again.id);
  expect(await notices()).toEqual([]);
});

test("an address linked to a connected account is neither replaced nor deleted", async ({
  site,
  control,
  backend,
}) => {
  await control.settings.set({ hasSocial: true });
  const browser = site.newBrowser();
  const form = { strategy: "oauth_google", redirect_url: "/sso-callback" };
  const { body } = await browser.post("/client/sign_ins", form);
  const verification = body.response.first_factor_verification;
  const page = new URL(verification.external_verification_redirect_url);
  const state = page.searchParams.get("state") ?? "";
  const query = new URLSearchParams({ state, email: kofi.email });
  await browser.fetch("GET", `/oauth_callback?${query}`);
  const refusal = { status: 400, errors: [{ code: "delete_linked_identification_disallowed" }] };
  const given = { emailAddress: "k2@example.com" };
  await expect(backend.users.replaceUserEmailAddress(kofi.id, given)).rejects.toMatchObject(
    refusal,
  );
  await backend.emailAddresses.createEmailAddress({ userId: kofi.id, ...given, verified: true });
  const [linked] = (await backend.users.getUser(kofi.id)).emailAddresses;
  const removal = backend.emailAddresses.deleteEmailAddress(linked?.id ?? "");
  await expect(removal).rejects.toMatchObject(refusal);
});

test("a replacement address can be reserved or unverified, and another user's address is refused", async ({
  backend,
}) => {
  for (const [status, reserved] of [
    ["reserved", true],
    ["unverified", false],
  ] as const) {
    const given = { emailAddress: `${status}@example.com`, identificationStatus: status };
    await backend.users.replaceUserEmailAddress(kofi.id, given);
    const { raw } = await backend.users.getUser(kofi.id);
    expect(raw?.email_addresses).toMatchObject([{ reserved, verification: null }]);
  }
  const taken = { emailAddress: amara.email };
  await expect(backend.users.replaceUserEmailAddress(kofi.id, taken)).rejects.toMatchObject({
    status: 422,
    errors: [{ code: "form_identifier_exists", meta: { paramName: "email_address" } }],
  });
  expect((await backend.users.getUser(kofi.id)).emailAddresses).toHaveLength(1);
});

test("a replacement number becomes the user's only number, and is not a second factor", async ({
  backend,
}) => {
  const number = { phoneNumber: "+447700900101", verified: true, userId: kofi.id };
  const { id } = await backend.phoneNumbers.createPhoneNumber(number);
  await backend.phoneNumbers.updatePhoneNumber(id, { reservedForSecondFactor: true });
  expect((await backend.users.getUser(kofi.id)).twoFactorEnabled).toBe(true);
  const same = await backend.users.replaceUserPhoneNumber(kofi.id, {
    phoneNumber: "+447700900101",
  });
  expect(same).toMatchObject({ id, reservedForSecondFactor: false });
  expect((await backend.users.getUser(kofi.id)).twoFactorEnabled).toBe(false);
  await backend.phoneNumbers.updatePhoneNumber(id, { reservedForSecondFactor: true });
  const given = { phoneNumber: "+447700900102" };
  const made = await backend.users.replaceUserPhoneNumber(kofi.id, given);
  expect(made).toMatchObject({ phoneNumber: "+447700900102", reservedForSecondFactor: false });
  const user = await backend.users.getUser(kofi.id);
  expect(user.phoneNumbers.map((each) => each.phoneNumber)).toEqual(["+447700900102"]);
  expect([user.primaryPhoneNumberId, user.twoFactorEnabled]).toEqual([made.id, false]);
  const other = amara.id;
  await expect(backend.users.replaceUserPhoneNumber(other, given)).rejects.toMatchObject({
    errors: [{ code: "form_identifier_exists", meta: { paramName: "phone_number" } }],
  });
});
