// Sign-ins of a locked account, and sign-ins that are completed twice.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { kofi } from "../testing/seeded";
import type { Site } from "../testing/site";
import { test } from "../testing/test";

async function open(browser: Browser) {
  const { body } = await browser.post("/client/sign_ins", { identifier: kofi.email });
  const path = `/client/sign_ins/${body.response.id}`;
  return (password: string) =>
    browser.post(`${path}/attempt_first_factor`, { strategy: "password", password });
}

const person = async (site: Site) => (await site.callBackend("GET", `/users/${kofi.id}`)).body;
const lock = (site: Site, isLocked: boolean) =>
  site.callBackend("POST", `/users/${kofi.id}/${isLocked ? "lock" : "unlock"}`);

const sessions = async (browser: Browser) => (await browser.get("/client")).body.response.sessions;

test("attempts of a sign-in that was started before the lock are refused, and do not extend the lock", async ({
  site,
  clerk,
  control,
  browser,
}) => {
  await control.settings.set({ lockAfter: 2, lockMs: 60_000 });
  const attempt = await open(browser);
  await attempt("wrong-wrong");
  await attempt("wrong-wrong");
  await control.clock.advance(30_000);
  for (const password of ["wrong-wrong", clerk.password]) {
    expect((await attempt(password)).code).toBe("user_locked");
  }
  expect((await person(site)).lockout_expires_in_seconds).toBeLessThanOrEqual(30);
});

test("concurrent wrong passwords cannot exceed the allowed number of attempts", async ({
  control,
  browser,
}) => {
  await control.settings.set({ lockAfter: 2, lockMs: 60_000 });
  const attempt = await open(browser);
  const tries = [1, 2, 3, 4].map(() => attempt("wrong-wrong"));
  const codes = (await Promise.all(tries)).map(({ code }) => code).sort();
  const wrong = "form_password_incorrect";
  expect(codes).toEqual([wrong, wrong, "user_locked", "user_locked"]);
});

test("after a lock has expired, failed attempts are counted from zero again", async ({
  site,
  clerk,
  control,
  browser,
}) => {
  await control.settings.set({ lockAfter: 2, lockMs: 60_000 });
  const attempt = await open(browser);
  await attempt("wrong-wrong");
  await attempt("wrong-wrong");
  await control.clock.advance(60_000);
  expect(await person(site)).toMatchObject({ locked: false, verification_attempts_remaining: 2 });
  expect((await attempt("wrong-wrong")).code).toBe("form_password_incorrect");
  expect(await person(site)).toMatchObject({ locked: false, verification_attempts_remaining: 1 });
  expect((await attempt(clerk.password)).body.response.status).toBe("complete");
});

test.for([
  ["multi", "identifier_already_signed_in"],
  ["single", "session_exists"],
] as const)(
  "with %s sessions, a sign-in can be completed only once",
  async ([mode, code], { clerk, control, browser }) => {
    await control.settings.set({ sessions: mode });
    const attempt = await open(browser);
    const both = await Promise.all([attempt(clerk.password), attempt(clerk.password)]);
    expect(both.map((each) => each.code).sort()).toEqual([code, undefined]);
    expect((await attempt(clerk.password)).code).toBe(code);
    const [session, ...more] = await sessions(browser);
    expect(more).toEqual([]);
    await browser.post(`/client/sessions/${session.id}/remove`);
    for (const password of [clerk.password, "wrong-wrong"]) {
      expect((await attempt(password)).code).toBe("client_state_invalid");
    }
  },
);

test("while an account is locked, no code is mailed, no link signs in and no password can be reset", async ({
  site,
  clerk,
  control,
  browser,
}) => {
  await control.settings.set({ emailVerification: "both" });
  const started = await browser.post("/client/sign_ins", { identifier: kofi.email });
  const path = `/client/sign_ins/${started.body.response.id}`;
  const prepare = `${path}/prepare_first_factor`;
  const link = { strategy: "email_link", redirect_url: "/sign-in/verify" };
  await browser.post(prepare, link);
  const mailed = await site.newestLink(kofi.email);
  await lock(site, true);
  const opened = await browser.fetch("GET", `/verify${mailed.search}`);
  expect(opened.headers.get("location")).toContain("/sign-in/verify?__clerk_status=failed");
  expect((await browser.post(prepare, link)).code).toBe("user_locked");
  const guess = { strategy: "email_code", code: "123456" };
  const attempt = `${path}/attempt_first_factor`;
  expect((await browser.post(attempt, guess)).code).toBe("user_locked");
  await lock(site, false);
  const strategy = "reset_password_email_code";
  await browser.post(prepare, { strategy });
  const code = await site.newestCode(kofi.email);
  await browser.post(attempt, { strategy, code });
  await lock(site, true);
  const password = "another-Harbour-42";
  const reset = await browser.post(`${path}/reset_password`, { password });
  expect(reset.code).toBe("user_locked");
  await lock(site, false);
  expect((await (await open(browser))(clerk.password)).body.response.status).toBe("complete");
});

test("too many wrong passwords lock the account until the lock expires", async ({
  control,
  browser,
}) => {
  await control.settings.set({ lockAfter: 2, lockMs: 60_000 });
  const wrong = { identifier: kofi.email, strategy: "password", password: "wrong-wrong" };
  for (let tries = 0; tries < 2; tries += 1) await browser.post("/client/sign_ins", wrong);
  const locked = await browser.signIn(kofi.email);
  expect(locked.body.errors[0]).toMatchObject({
    code: "user_locked",
    meta: { lockout_expires_in_seconds: 60 },
  });
  await control.clock.advance(60_000);
  expect((await browser.signIn(kofi.email)).body.response.status).toBe("complete");
});
