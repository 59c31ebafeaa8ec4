// Being asked again who one is, before what cannot be taken back.

import { afterEach, beforeEach, expect, test } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { MovableClock } from "../clock";
import type { controlClient } from "../control/client";
import type { LocalClerk } from "../start";
import { Browser, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let clock: MovableClock;
let control: ReturnType<typeof controlClient>;
let browser: Browser;

beforeEach(async () => {
  clock = new MovableClock();
  ({ clerk, control, receiver, close } = await openSite(clock));
  browser = new Browser(clerk, receiver.url);
});
afterEach(() => close());

const answer = (method: string, path: string, form?: Record<string, string>) =>
  browser.answer(method, path, form);

const signIn = (identifier = kofi) =>
  answer("POST", "/client/sign_ins", {
    identifier,
    password: clerk.password,
    strategy: "password",
  });

const newest = async (to: string) => (await control.outbox.latest(to))?.code ?? "";

test("what cannot be taken back asks again after ten minutes, and goes on once it is proved", async () => {
  await control.settings.set({ needsReverification: true });
  const { body } = await signIn();
  const path = `/client/sessions/${body.response.created_session_id}/verify`;
  const add = (email_address: string) => answer("POST", "/me/email_addresses", { email_address });
  expect((await add("first@example.com")).status).toBe(200);
  const missing = await answer("POST", `${path}/attempt_first_factor`, { strategy: "password" });
  expect(missing.code).toBe("session_reverification_missing");
  clock.advance(10 * 60_000);
  const refused = await add("second@example.com");
  expect(refused).toMatchObject({ status: 403, code: "session_reverification_required" });
  expect((await answer("DELETE", "/me")).status).toBe(403);
  const begun = await answer("POST", path, { level: "first_factor" });
  expect(begun.body.response.status).toBe("needs_first_factor");
  const attempt = (password: string) =>
    answer("POST", `${path}/attempt_first_factor`, { strategy: "password", password });
  expect((await attempt("not-the-password")).code).toBe("form_password_incorrect");
  expect((await attempt(clerk.password)).body.response.status).toBe("complete");
  expect((await add("second@example.com")).status).toBe(200);
});

test("whoever has a second factor is asked for that one too", async () => {
  await control.settings.set({ needsReverification: true, hasSecondFactor: true });
  const { body } = await signIn();
  const { secret } = (await answer("POST", "/me/totp")).body.response;
  const code = () => totpCode(secret, clock.now());
  await answer("POST", "/me/totp/attempt_verification", { code: code() });
  const add = () => answer("POST", "/me/email_addresses", { email_address: "a@example.com" });
  expect((await add()).code).toBe("session_reverification_required");
  const path = `/client/sessions/${body.response.created_session_id}/verify`;
  await answer("POST", path, { level: "multi_factor" });
  const second = () =>
    answer("POST", `${path}/attempt_second_factor`, { strategy: "totp", code: code() });
  expect((await second()).code).toBe("verification_missing");
  expect((await add()).code).toBe("session_reverification_required");
  const byMail = { strategy: "email_code" };
  await answer("POST", `${path}/prepare_first_factor`, byMail);
  const first = { ...byMail, code: await newest(kofi) };
  const half = await answer("POST", `${path}/attempt_first_factor`, first);
  expect(half.body.response.status).toBe("needs_second_factor");
  expect((await add()).code).toBe("session_reverification_required");
  const whole = await second();
  expect(whole.body.response.status).toBe("complete");
  expect((await add()).status).toBe(200);
});
