// Reverification: sensitive operations need a recent verification of the user.

import { expect } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { kofi } from "../testing/seeded";
import { test } from "../testing/test";

test("a sensitive operation is refused ten minutes after the last verification, and allowed after a new verification", async ({
  clerk,
  control,
  clock,
  browser,
}) => {
  await control.settings.set({ needsReverification: true });
  const { body } = await browser.signIn(kofi.email);
  const path = `/client/sessions/${body.response.created_session_id}/verify`;
  const add = (email_address: string) => browser.post("/me/email_addresses", { email_address });
  expect((await add("first@example.com")).status).toBe(200);
  const missing = await browser.post(`${path}/attempt_first_factor`, { strategy: "password" });
  expect(missing.code).toBe("session_reverification_missing");
  clock.advance(10 * 60_000);
  const refused = await add("second@example.com");
  expect(refused).toMatchObject({ status: 403, code: "session_reverification_required" });
  expect((await browser.delete("/me")).status).toBe(403);
  const started = await browser.post(path, { level: "first_factor" });
  expect(started.body.response.status).toBe("needs_first_factor");
  const attempt = (password: string) =>
    browser.post(`${path}/attempt_first_factor`, { strategy: "password", password });
  expect((await attempt("not-the-password")).code).toBe("form_password_incorrect");
  expect((await attempt(clerk.password)).body.response.status).toBe("complete");
  expect((await add("second@example.com")).status).toBe(200);
});

test("a user with a second factor must verify both factors", async ({
  site,
  control,
  clock,
  browser,
}) => {
  await control.settings.set({ needsReverification: true, hasSecondFactor: true });
  const { body } = await browser.signIn(kofi.email);
  const { secret } = (await browser.post("/me/totp")).body.response;
  const code = () => totpCode(secret, clock.now());
  await browser.post("/me/totp/attempt_verification", { code: code() });
  const add = () => browser.post("/me/email_addresses", { email_address: "a@example.com" });
  expect((await add()).code).toBe("session_reverification_required");
  const path = `/client/sessions/${body.response.created_session_id}/verify`;
  await browser.post(path, { level: "multi_factor" });
  const second = () =>
    browser.post(`${path}/attempt_second_factor`, { strategy: "totp", code: code() });
  expect((await second()).code).toBe("verification_missing");
  expect((await add()).code).toBe("session_reverification_required");
  const byMail = { strategy: "email_code" };
  await browser.post(`${path}/prepare_first_factor`, byMail);
  const first = { ...byMail, code: await site.newestCode(kofi.email) };
  const half = await browser.post(`${path}/attempt_first_factor`, first);
  expect(half.body.response.status).toBe("needs_second_factor");
  expect((await add()).code).toBe("session_reverification_required");
  const whole = await second();
  expect(whole.body.response.status).toBe("complete");
  expect((await add()).status).toBe(200);
});

test.for([
  ["with", true],
  ["without", false],
] as const)(
  "%s needsReverification, sensitive operations are refused while a reverification is incomplete, and the factors keep their ages",
  async ([_, needsReverification], { clerk, control, clock, browser }) => {
    await control.settings.set({ needsReverification, phone: "optional" });
    const id = (await browser.signIn(kofi.email)).body.response.created_session_id;
    const session = `/client/sessions/${id}`;
    const ages = async () => (await browser.get(session)).body.response.factor_verification_age;
    clock.advance(120_000);
    await browser.post(`${session}/verify`, { level: "first_factor" });
    const sensitive = [
      () => browser.post("/me/email_addresses", { email_address: "a@example.com" }),
      () => browser.post("/me/phone_numbers", { phone_number: "+447700900143" }),
      () => browser.post("/me/totp"),
      () => browser.post("/me/change_password", { new_password: "another-Harbour-52" }),
      () => browser.delete("/me"),
    ];
    for (const attempt of sensitive) {
      expect(await attempt()).toMatchObject({
        status: 403,
        code: "session_reverification_required",
      });
    }
    expect(await ages()).toEqual([2, -1]);
    const proof = { strategy: "password", password: clerk.password };
    await browser.post(`${session}/verify/attempt_first_factor`, proof);
    expect(await ages()).toEqual([0, -1]);
    expect((await browser.delete("/me")).status).toBe(200);
  },
);

test("verifying only the first of two factors does not change the factors' ages", async ({
  clerk,
  control,
  clock,
  browser,
}) => {
  await control.settings.set({ hasSecondFactor: true });
  const id = (await browser.signIn(kofi.email)).body.response.created_session_id;
  const { secret } = (await browser.post("/me/totp")).body.response;
  const code = () => totpCode(secret, clock.now());
  await browser.post("/me/totp/attempt_verification", { code: code() });
  const session = `/client/sessions/${id}`;
  const ages = async () => (await browser.get(session)).body.response.factor_verification_age;
  clock.advance(180_000);
  await browser.post(`${session}/verify`, { level: "multi_factor" });
  const proof = { strategy: "password", password: clerk.password };
  await browser.post(`${session}/verify/attempt_first_factor`, proof);
  expect(await ages()).toEqual([3, -1]);
  const second = { strategy: "totp", code: code() };
  await browser.post(`${session}/verify/attempt_second_factor`, second);
  expect(await ages()).toEqual([0, 0]);
});
