// Second factors of one person: which is the default, and what goes with the last of them.

import { afterEach, beforeEach, expect, test } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { MovableClock } from "../clock";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import { Browser, backendOf, openSite, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
let close: Site["close"];
let clerk: LocalClerk;
let clock: MovableClock;
let browser: Browser;
let numbers: string[];

beforeEach(async () => {
  clock = new MovableClock();
  const site = await openSite(clock);
  ({ clerk, close } = site);
  await site.control.settings.set({ phone: "optional", hasSecondFactor: true });
  browser = new Browser(clerk, site.receiver.url);
  await answer("POST", "/client/sign_ins", { identifier: kofi, password: clerk.password });
  const { phoneNumbers } = backendOf(clerk);
  const userId = derivedId("user", kofi);
  numbers = [];
  for (const phoneNumber of ["+12025550143", "+12025550144"]) {
    const made = await phoneNumbers.createPhoneNumber({ userId, phoneNumber, verified: true });
    numbers.push(`/me/phone_numbers/${made.id}`);
  }
});
afterEach(() => close());

const answer = (method: string, path: string, form?: Record<string, string>) =>
  browser.answer(method, path, form);

const asFactor = (isFactor: boolean) => ({
  reserved_for_second_factor: String(isFactor),
  default_second_factor: String(isFactor),
});

async function addTotp() {
  const { secret } = (await answer("POST", "/me/totp")).body.response;
  const code = totpCode(secret, clock.now());
  await answer("POST", "/me/totp/attempt_verification", { code });
}

async function factors() {
  const { response } = (await answer("GET", "/me")).body;
  return {
    on: response.two_factor_enabled,
    codes: response.backup_code_enabled,
    since: response.mfa_enabled_at !== null,
    defaults: response.phone_numbers.map(
      (each: { default_second_factor: boolean }) => each.default_second_factor,
    ),
  };
}

const none = { on: false, codes: false, since: false };
const some = { on: true, codes: true, since: true };

test("one number is the default, and none that is no second factor any more", async () => {
  for (const number of numbers) await answer("PATCH", number, asFactor(true));
  expect((await factors()).defaults).toEqual([false, true]);
  const off = { reserved_for_second_factor: "false" };
  await answer("PATCH", numbers[1] ?? "", off);
  expect(await factors()).toEqual({ ...some, defaults: [false, false] });
});

test("the backup codes stay as long as there is another second factor", async () => {
  await answer("PATCH", numbers[0] ?? "", asFactor(true));
  await addTotp();
  await answer("DELETE", "/me/totp");
  expect(await factors()).toMatchObject(some);
  await answer("DELETE", numbers[0] ?? "");
  expect(await factors()).toMatchObject(none);
});

test("with the last second factor they go, whichever it was", async () => {
  await addTotp();
  await answer("PATCH", numbers[0] ?? "", asFactor(true));
  await answer("PATCH", numbers[0] ?? "", asFactor(false));
  expect(await factors()).toMatchObject(some);
  await answer("DELETE", "/me/totp");
  expect(await factors()).toMatchObject(none);
  await answer("PATCH", numbers[0] ?? "", asFactor(true));
  expect(await factors()).toMatchObject(some);
  await answer("PATCH", numbers[0] ?? "", asFactor(false));
  expect(await factors()).toMatchObject(none);
});
