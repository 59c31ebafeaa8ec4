// Client trust: a sign-in by password in a new browser also needs a code.

import { expect } from "vitest";
import { openGenuineClient } from "../testing/genuine-client";
import { kofi } from "../testing/seeded";
import { test as siteTest } from "../testing/test";

const test = siteTest.extend({ settings: { hasClientTrust: true } });

test("signing in by password needs a mailed code in a new browser, and no code in a known browser", async ({
  site,
  clerk,
}) => {
  const page = await openGenuineClient(site);
  const signIn = page.newSignIn();
  await signIn.password({ identifier: kofi.email, password: clerk.password });
  expect(signIn.status).toBe("needs_client_trust");
  expect(signIn.supportedSecondFactors.map(({ strategy }) => strategy)).toEqual(["email_code"]);
  expect((await signIn.mfa.sendEmailCode()).error).toBeNull();
  const code = await site.newestCode(kofi.email);
  const wrong = await signIn.mfa.verifyEmailCode({ code: code === "111111" ? "222222" : "111111" });
  expect(wrong.error).toMatchObject({ errors: [{ code: "form_code_incorrect" }] });
  expect((await signIn.mfa.verifyEmailCode({ code })).error).toBeNull();
  expect(signIn.status).toBe("complete");
  await signIn.finalize();
  expect(page.clerk.session?.factorVerificationAge).toEqual([0, -1]);
  await page.signOut();
  const again = page.newSignIn();
  await again.password({ identifier: kofi.email, password: clerk.password });
  expect(again.status).toBe("complete");
});

test("a sign-in reports whether its browser is known; a mailed code alone signs in; an authenticator code does not replace the mailed code", async ({
  site,
  control,
  browser,
}) => {
  const start = async (form: Record<string, string>) =>
    (await browser.post("/client/sign_ins", form)).body.response;
  expect((await start({})).client_trust_state).toBe("pending");
  const begun = (await browser.signIn(kofi.email)).body.response;
  expect([begun.client_trust_state, begun.status]).toEqual(["new", "needs_client_trust"]);
  const attempt = `/client/sign_ins/${begun.id}/attempt_second_factor`;
  const byApp = await browser.post(attempt, { strategy: "totp", code: "123456" });
  expect(byApp.code).toBe("strategy_for_user_invalid");
  const byMail = await start({ identifier: kofi.email, strategy: "email_code" });
  const code = await site.newestCode(kofi.email);
  const first = `/client/sign_ins/${byMail.id}/attempt_first_factor`;
  const done = (await browser.post(first, { strategy: "email_code", code })).body.response;
  expect([done.status, done.client_trust_state]).toEqual(["complete", "known"]);
  await control.settings.set({ hasClientTrust: false });
  const off = (await site.newBrowser().signIn(kofi.email)).body.response;
  expect([off.status, off.client_trust_state]).toEqual(["complete", null]);
});
