// What a sign-in refuses: a locked account, and being finished twice.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import { Browser, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let control: ReturnType<typeof controlClient>;
let browser: Browser;

beforeEach(async () => {
  ({ clerk, control, receiver, close } = await openSite());
  browser = new Browser(clerk, receiver.url);
});
afterEach(() => close());

async function open() {
  const { body } = await browser.answer("POST", "/client/sign_ins", { identifier: kofi });
  const path = `/client/sign_ins/${body.response.id}`;
  return (password: string) =>
    browser.answer("POST", `${path}/attempt_first_factor`, { strategy: "password", password });
}

async function backend(method: "GET" | "POST", action = "") {
  const path = `/v1/users/${derivedId("user", kofi)}${action}`;
  const headers = { authorization: `Bearer ${clerk.keys.secretKey}` };
  return (await fetch(`${clerk.env.CLERK_API_URL}${path}`, { method, headers })).json();
}

const person = () => backend("GET");
const lock = (isLocked: boolean) => backend("POST", isLocked ? "/lock" : "/unlock");

const sessions = async () => (await browser.answer("GET", "/client")).body.response.sessions;

test("a sign-in that was open before the lock is refused by it, and does not prolong it", async () => {
  await control.settings.set({ lockAfter: 2, lockMs: 60_000 });
  const attempt = await open();
  await attempt("wrong-wrong");
  await attempt("wrong-wrong");
  await control.clock.advance(30_000);
  for (const password of ["wrong-wrong", clerk.password]) {
    expect((await attempt(password)).code).toBe("user_locked");
  }
  expect((await person()).lockout_expires_in_seconds).toBeLessThanOrEqual(30);
});

test("wrong passwords sent at once do not get round the lock", async () => {
  await control.settings.set({ lockAfter: 2, lockMs: 60_000 });
  const attempt = await open();
  const tries = [1, 2, 3, 4].map(() => attempt("wrong-wrong"));
  const codes = (await Promise.all(tries)).map(({ code }) => code).sort();
  const wrong = "form_password_incorrect";
  expect(codes).toEqual([wrong, wrong, "user_locked", "user_locked"]);
});

test("once the lock has run out, the attempts are counted anew", async () => {
  await control.settings.set({ lockAfter: 2, lockMs: 60_000 });
  const attempt = await open();
  await attempt("wrong-wrong");
  await attempt("wrong-wrong");
  await control.clock.advance(60_000);
  expect(await person()).toMatchObject({ locked: false, verification_attempts_remaining: 2 });
  expect((await attempt("wrong-wrong")).code).toBe("form_password_incorrect");
  expect(await person()).toMatchObject({ locked: false, verification_attempts_remaining: 1 });
  expect((await attempt(clerk.password)).body.response.status).toBe("complete");
});

test.each([
  ["multi", "identifier_already_signed_in"],
  ["single", "session_exists"],
] as const)("a sign-in is finished once, with %s sessions", async (mode, code) => {
  await control.settings.set({ sessions: mode });
  const attempt = await open();
  const both = await Promise.all([attempt(clerk.password), attempt(clerk.password)]);
  expect(both.map((each) => each.code).sort()).toEqual([code, undefined]);
  expect((await attempt(clerk.password)).code).toBe(code);
  const [session, ...more] = await sessions();
  expect(more).toEqual([]);
  await browser.answer("POST", `/client/sessions/${session.id}/remove`);
  for (const password of [clerk.password, "wrong-wrong"]) {
    expect((await attempt(password)).code).toBe("client_state_invalid");
  }
});

test("while an account is locked nothing is mailed, no link opens and no password changes", async () => {
  await control.settings.set({ emailVerification: "both" });
  const begun = await browser.answer("POST", "/client/sign_ins", { identifier: kofi });
  const path = `/client/sign_ins/${begun.body.response.id}`;
  const prepare = `${path}/prepare_first_factor`;
  const link = { strategy: "email_link", redirect_url: "/sign-in/verify" };
  await browser.answer("POST", prepare, link);
  const mailed = new URL((await control.outbox.latest(kofi))?.link ?? "");
  await lock(true);
  const opened = await browser.request("GET", `/verify${mailed.search}`);
  expect(opened.headers.get("location")).toContain("/sign-in/verify?__clerk_status=failed");
  expect((await browser.answer("POST", prepare, link)).code).toBe("user_locked");
  const guess = { strategy: "email_code", code: "123456" };
  const attempt = `${path}/attempt_first_factor`;
  expect((await browser.answer("POST", attempt, guess)).code).toBe("user_locked");
  await lock(false);
  const strategy = "reset_password_email_code";
  await browser.answer("POST", prepare, { strategy });
  const code = (await control.outbox.latest(kofi))?.code ?? "";
  await browser.answer("POST", attempt, { strategy, code });
  await lock(true);
  const password = "another-Harbour-42";
  const reset = await browser.answer("POST", `${path}/reset_password`, { password });
  expect(reset.code).toBe("user_locked");
  await lock(false);
  expect((await (await open())(clerk.password)).body.response.status).toBe("complete");
});
