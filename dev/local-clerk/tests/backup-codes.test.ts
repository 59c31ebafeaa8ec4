// A backup code that the app's server has checked is spent.

import { expect, test } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { derivedId } from "../ids";
import { Browser, backendOf, openSite } from "../testing/site";

test("a backup code is verified once by the Backend API; the authenticator's goes on", async () => {
  const { clerk, control, receiver, told, close } = await openSite();
  const { users, signInTokens } = backendOf(clerk);
  const userId = derivedId("user", "kofi.mensah@example.com");
  await control.settings.set({ hasSecondFactor: true });
  const { token } = await signInTokens.createSignInToken({ userId, expiresInSeconds: 60 });
  const browser = new Browser(clerk, receiver.url);
  await browser.answer("POST", "/client/sign_ins", { strategy: "ticket", ticket: token });
  const { secret } = (await browser.answer("POST", "/me/totp")).body.response;
  const totp = () => totpCode(secret, Date.now());
  const attempt = { code: totp() };
  const { body } = await browser.answer("POST", "/me/totp/attempt_verification", attempt);
  const [code] = body.response.backup_codes;
  const before = told.length;
  expect(await users.verifyTOTP({ userId, code })).toEqual({
    verified: true,
    code_type: "backup_code",
  });
  expect(told.slice(before)).toEqual(["user.updated"]);
  await expect(users.verifyTOTP({ userId, code })).rejects.toMatchObject({
    errors: [{ code: "totp_incorrect_code" }],
  });
  expect(await users.verifyTOTP({ userId, code: totp() })).toMatchObject({ code_type: "totp" });
  await close();
});
