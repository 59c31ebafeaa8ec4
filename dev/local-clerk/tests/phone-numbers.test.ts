// Phone numbers: signing up and in by text message, and a number as the second factor.

import { expect } from "vitest";
import { amara, kofi } from "../testing/seeded";
import { test } from "../testing/test";

const number = "+447700900143";

test("a user signs up and in by text message; a taken or malformed number and a wrong code are refused", async ({
  site,
  control,
  browser,
}) => {
  await control.settings.set({ email: "optional", phone: "optional" });
  const form = { phone_number: number, password: "correct-horse-77" };
  const malformed = await browser.post("/client/sign_ups", { ...form, phone_number: "12" });
  expect(malformed.code).toBe("form_param_format_invalid");
  const { body } = await browser.post("/client/sign_ups", form);
  expect(body.response.unverified_fields).toEqual(["phone_number"]);
  const path = `/client/sign_ups/${body.response.id}`;
  await browser.post(`${path}/prepare_verification`, { strategy: "phone_code" });
  const code = await site.newestCode(number);
  const wrong = { strategy: "phone_code", code: code === "000000" ? "111111" : "000000" };
  expect((await browser.post(`${path}/attempt_verification`, wrong)).code).toBe(
    "form_code_incorrect",
  );
  const right = { strategy: "phone_code", code };
  const done = await browser.post(`${path}/attempt_verification`, right);
  expect(done.body.response).toMatchObject({ status: "complete", phone_number: number });
  expect(site.eventTypes).toContain("sms.created");
  expect(await control.outbox.latest(number)).toMatchObject({ channel: "sms" });

  const other = site.newBrowser();
  const again = await other.post("/client/sign_ups", form);
  expect(again.code).toBe("form_identifier_exists");
  const started = await other.post("/client/sign_ins", { identifier: number });
  const attempt = `/client/sign_ins/${started.body.response.id}`;
  await other.post(`${attempt}/prepare_first_factor`, { strategy: "phone_code" });
  const proof = { strategy: "phone_code", code: await site.newestCode(number) };
  const signedIn = await other.post(`${attempt}/attempt_first_factor`, proof);
  expect(signedIn.body.response.status).toBe("complete");
});

test("a verified number can become the second factor, which sign-in and reverification then require", async ({
  site,
  clerk,
  control,
  browser,
}) => {
  await control.settings.set({ phone: "optional", hasSecondFactor: true });
  await browser.signIn(kofi.email);
  const added = await browser.post("/me/phone_numbers", { phone_number: number });
  const path = `/me/phone_numbers/${added.body.response.id}`;
  const unverified = await browser.patch(path, { reserved_for_second_factor: "true" });
  expect(unverified.code).toBe("strategy_for_user_invalid");
  await browser.post(`${path}/prepare_verification`, { strategy: "phone_code" });
  await browser.post(`${path}/attempt_verification`, { code: await site.newestCode(number) });
  const reserved = await browser.patch(path, { reserved_for_second_factor: "true" });
  expect(reserved.body.response.backup_codes).toHaveLength(10);

  const other = site.newBrowser();
  await other.signIn(amara.email);
  expect((await other.get(path)).code).toBe("resource_not_found");

  const factorBrowser = site.newBrowser();
  const { body } = await factorBrowser.signIn(kofi.email);
  expect(body.response.status).toBe("needs_second_factor");
  const attempt = `/client/sign_ins/${body.response.id}`;
  const guess = { strategy: "phone_code", code: "123456" };
  expect((await factorBrowser.post(`${attempt}/attempt_second_factor`, guess)).code).toBe(
    "verification_missing",
  );
  await factorBrowser.post(`${attempt}/prepare_second_factor`, { strategy: "phone_code" });
  const code = await site.newestCode(number);
  const done = await factorBrowser.post(`${attempt}/attempt_second_factor`, { ...guess, code });
  expect(done.body.response.status).toBe("complete");
  expect((await factorBrowser.get("/me/phone_numbers")).body).toMatchObject([
    { phone_number: number },
  ]);
  expect((await factorBrowser.get(path)).body.response.reserved_for_second_factor).toBe(true);

  const again = `/client/sessions/${done.body.response.created_session_id}/verify`;
  await factorBrowser.post(again, { level: "multi_factor" });
  const { password } = clerk;
  await factorBrowser.post(`${again}/attempt_first_factor`, { strategy: "password", password });
  await factorBrowser.post(`${again}/prepare_second_factor`, { strategy: "phone_code" });
  const second = { ...guess, code: await site.newestCode(number) };
  const reverified = await factorBrowser.post(`${again}/attempt_second_factor`, second);
  expect(reverified.body.response.status).toBe("complete");
  await factorBrowser.delete(path);
  expect((await factorBrowser.get("/me")).body.response.phone_numbers).toEqual([]);
});

test("with phone numbers off, adding a phone number returns 501, and the environment lists phone numbers as disabled", async ({
  browser,
}) => {
  await browser.signIn(kofi.email);
  expect((await browser.post("/me/phone_numbers", { phone_number: number })).status).toBe(501);
  const environment = await browser.get("/environment");
  expect(environment.body.user_settings.attributes.phone_number.enabled).toBe(false);
});
