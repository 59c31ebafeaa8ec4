// Second factors (authenticator apps, phone numbers and backup codes): how they sign in, and how they are removed.

import { expect } from "vitest";
import { totpCode } from "../authentication/second-factors";
import type { Browser } from "../testing/browser";
import { kofi } from "../testing/seeded";
import { test as siteTest } from "../testing/test";

const test = siteTest.extend({ settings: { phone: "optional", hasSecondFactor: true } }).extend<{
  /** A browser in which Kofi is signed in. */
  profile: Browser;
  /** The API paths of Kofi's two verified phone numbers. */
  numbers: [string, string];
  /** Adds an authenticator app for Kofi. `code` returns the app's current code. */
  addAuthenticator: () => Promise<{ code: () => string; backupCodes: string[] }>;
}>({
  profile: async ({ signedIn }, use) => use(await signedIn(kofi.email)),
  numbers: async ({ backend }, use) => {
    const create = async (phoneNumber: string) => {
      const given = { userId: kofi.id, phoneNumber, verified: true };
      const { id } = await backend.phoneNumbers.createPhoneNumber(given);
      return `/me/phone_numbers/${id}`;
    };
    await use([await create("+447700900143"), await create("+447700900144")]);
  },
  addAuthenticator: ({ profile, clock }, use) =>
    use(async () => {
      const { secret } = (await profile.post("/me/totp")).body.response;
      const code = () => totpCode(secret, clock.now());
      const { body } = await profile.post("/me/totp/attempt_verification", { code: code() });
      return { code, backupCodes: body.response.backup_codes };
    }),
});

const secondFactor = (isOn: boolean) => ({
  reserved_for_second_factor: String(isOn),
  default_second_factor: String(isOn),
});

async function factorsOf(profile: Browser) {
  const { response } = (await profile.get("/me")).body;
  return {
    isOn: response.two_factor_enabled,
    hasBackupCodes: response.backup_code_enabled,
    hasStartTime: response.mfa_enabled_at !== null,
    defaults: response.phone_numbers.map(
      (each: { default_second_factor: boolean }) => each.default_second_factor,
    ),
  };
}

const off = { isOn: false, hasBackupCodes: false, hasStartTime: false };
const on = { isOn: true, hasBackupCodes: true, hasStartTime: true };

test("only one number is the default second factor; when it stops being a second factor, no number is the default", async ({
  profile,
  numbers,
}) => {
  for (const number of numbers) await profile.patch(number, secondFactor(true));
  expect((await factorsOf(profile)).defaults).toEqual([false, true]);
  await profile.patch(numbers[1], { reserved_for_second_factor: "false" });
  expect(await factorsOf(profile)).toEqual({ ...on, defaults: [false, false] });
});

test("backup codes are kept while the user has another second factor", async ({
  profile,
  numbers,
  addAuthenticator,
}) => {
  await profile.patch(numbers[0], secondFactor(true));
  await addAuthenticator();
  await profile.delete("/me/totp");
  expect(await factorsOf(profile)).toMatchObject(on);
  await profile.delete(numbers[0]);
  expect(await factorsOf(profile)).toMatchObject(off);
});

test("backup codes are deleted with the user's last second factor, whether it is a number or an authenticator", async ({
  profile,
  numbers,
  addAuthenticator,
}) => {
  await addAuthenticator();
  await profile.patch(numbers[0], secondFactor(true));
  await profile.patch(numbers[0], secondFactor(false));
  expect(await factorsOf(profile)).toMatchObject(on);
  await profile.delete("/me/totp");
  expect(await factorsOf(profile)).toMatchObject(off);
  await profile.patch(numbers[0], secondFactor(true));
  expect(await factorsOf(profile)).toMatchObject(on);
  await profile.patch(numbers[0], secondFactor(false));
  expect(await factorsOf(profile)).toMatchObject(off);
});

test("adding a second authenticator is refused while one is enabled, and so is creating backup codes without a second factor", async ({
  profile,
  backend,
  addAuthenticator,
}) => {
  expect((await profile.post("/me/backup_codes")).code).toBe("backup_codes_not_available");
  await addAuthenticator();
  expect((await profile.post("/me/totp")).code).toBe("totp_already_enabled");
  expect((await backend.users.getUser(kofi.id)).totpEnabled).toBe(true);
});

test("a sign-in needs the second factor, and each backup code works once", async ({
  site,
  profile,
  addAuthenticator,
}) => {
  const { backupCodes } = await addAuthenticator();
  const [code = ""] = backupCodes;
  const other = site.newBrowser();
  const started = await other.signIn(kofi.email);
  expect(started.body.response.status).toBe("needs_second_factor");
  const path = `/client/sign_ins/${started.body.response.id}/attempt_second_factor`;
  const wrong = await other.post(path, { strategy: "totp", code: "no" });
  expect(wrong.code).toBe("form_code_incorrect");
  const passed = await other.post(path, { strategy: "backup_code", code });
  expect(passed.body.client.sessions[0].factor_verification_age).toEqual([0, 0]);
  const third = site.newBrowser();
  const again = await third.signIn(kofi.email);
  const second = `/client/sign_ins/${again.body.response.id}/attempt_second_factor`;
  const used = await third.post(second, { strategy: "backup_code", code });
  expect(used.code).toBe("form_code_incorrect");
  expect((await profile.post("/me/backup_codes")).body.response.codes).toHaveLength(10);
  await profile.delete("/me/totp");
  const withoutFactor = await site.newBrowser().signIn(kofi.email);
  expect(withoutFactor.body.response.status).toBe("complete");
});

test("the Backend API accepts a backup code once, and a code of the authenticator afterwards", async ({
  site,
  backend,
  addAuthenticator,
}) => {
  const { code: totp, backupCodes } = await addAuthenticator();
  const [code = ""] = backupCodes;
  const userId = kofi.id;
  const verify = async () =>
    expect(await backend.users.verifyTOTP({ userId, code })).toEqual({
      verified: true,
      code_type: "backup_code",
    });
  expect(await site.eventsDuring(verify)).toEqual(["user.updated"]);
  await expect(backend.users.verifyTOTP({ userId, code })).rejects.toMatchObject({
    errors: [{ code: "totp_incorrect_code" }],
  });
  expect(await backend.users.verifyTOTP({ userId, code: totp() })).toMatchObject({
    code_type: "totp",
  });
});
