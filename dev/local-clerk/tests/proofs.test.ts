// Links and text messages: each with its failures.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { decodeUnverified } from "../testing/claims";
import { amara, kofi, northwind } from "../testing/seeded";
import type { Site } from "../testing/site";
import { test } from "../testing/test";

const number = "+12025550143";

/** Where the newest mailed link leads, in some browser. */
async function follow(site: Site, browser: Browser, to: string, by = browser) {
  const link = await site.newestLink(to);
  const response = await by.fetch("GET", `/verify${link.search}`);
  const target = new URL(response.headers.get("location") ?? "");
  return {
    path: target.pathname,
    status: target.searchParams.get("__clerk_status"),
    sessionId: target.searchParams.get("__clerk_created_session"),
  };
}
const eventTypes = async (control: Site["control"]) =>
  (await control.webhooks.messages()).map(({ type }) => type);

test("a mailed link ends a sign-up, in another browser too, and only once", async ({
  site,
  control,
  browser,
}) => {
  await control.settings.set({ emailVerification: "link" });
  const email = "linked@example.com";
  const form = { email_address: email, password: "correct-horse-77" };
  const { body } = await browser.post("/client/sign_ups", form);
  const path = `/client/sign_ups/${body.response.id}`;
  expect(body.response.verifications.email_address.supported_strategies).toEqual(["email_link"]);
  const byCode = await browser.post(`${path}/prepare_verification`, { strategy: "email_code" });
  expect(byCode.code).toBe("strategy_for_user_invalid");
  const foreign = { strategy: "email_link", redirect_url: "http://evil.example/" };
  expect((await browser.post(`${path}/prepare_verification`, foreign)).code).toBe(
    "invalid_redirect_url",
  );
  const own = { strategy: "email_link", redirect_url: "/sign-up/verify" };
  const prepared = await browser.post(`${path}/prepare_verification`, own);
  expect(prepared.body.response.verifications.email_address.strategy).toBe("email_link");
  const guess = await browser.post(`${path}/attempt_verification`, { code: "123456" });
  expect(guess.code).toBe("strategy_for_user_invalid");
  const elsewhere = await follow(site, browser, email, site.newBrowser());
  expect(elsewhere).toMatchObject({ path: "/sign-up/verify", status: "verified" });
  const done = await browser.get(path);
  expect(done.body.response).toMatchObject({
    status: "complete",
    created_session_id: elsewhere.sessionId,
  });
  expect((await follow(site, browser, email)).status).toBe("failed");
  const nonsense = await browser.fetch("GET", "/verify?token=sign_up.sua_none.x");
  expect(nonsense.headers.get("location")).toContain("__clerk_status=failed");
});

test("a mailed link signs in; one that is late has expired; a wrong secret opens nothing", async ({
  site,
  control,
  clock,
  browser,
}) => {
  await control.settings.set({ emailVerification: "both" });
  const begun = await browser.post("/client/sign_ins", { identifier: kofi.email });
  const { id, supported_first_factors: factors } = begun.body.response;
  const strategies = factors.map(({ strategy }: { strategy: string }) => strategy);
  expect(strategies).toEqual(expect.arrayContaining(["email_link", "email_code"]));
  const form = { strategy: "email_link", redirect_url: "/sign-in/verify" };
  const prepare = `/client/sign_ins/${id}/prepare_first_factor`;
  await browser.post(prepare, form);
  const wrong = await browser.fetch("GET", `/verify?token=sign_in.${id}.guessed`);
  expect(wrong.headers.get("location")).toContain("/sign-in/verify?__clerk_status=failed");
  clock.advance(601_000);
  expect((await follow(site, browser, kofi.email)).status).toBe("expired");
  await browser.post(prepare, form);
  const opened = await follow(site, browser, kofi.email);
  expect(opened.status).toBe("verified");
  const { body } = await browser.get("/client");
  expect(body.response.last_active_session_id).toBe(opened.sessionId);
});

test("signs up by a number and a text message, then in by it; taken, malformed and wrong are refused", async ({
  site,
  control,
  browser,
}) => {
  await control.settings.set({ phone: "optional" });
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
  expect(await eventTypes(control)).toContain("sms.created");
  expect(await control.outbox.latest(number)).toMatchObject({ channel: "sms" });

  const other = site.newBrowser();
  const again = await other.post("/client/sign_ups", form);
  expect(again.code).toBe("form_identifier_exists");
  const begun = await other.post("/client/sign_ins", { identifier: number });
  const attempt = `/client/sign_ins/${begun.body.response.id}`;
  await other.post(`${attempt}/prepare_first_factor`, { strategy: "phone_code" });
  const proof = { strategy: "phone_code", code: await site.newestCode(number) };
  const signedIn = await other.post(`${attempt}/attempt_first_factor`, proof);
  expect(signedIn.body.response.status).toBe("complete");
});

test("a number is added, made the second factor and asked for; another person's is not found", async ({
  site,
  clerk,
  control,
  browser,
}) => {
  await control.settings.set({ phone: "optional", hasSecondFactor: true });
  await browser.signIn(kofi.email);
  const added = await browser.post("/me/phone_numbers", { phone_number: number });
  const path = `/me/phone_numbers/${added.body.response.id}`;
  const early = await browser.patch(path, { reserved_for_second_factor: "true" });
  expect(early.code).toBe("strategy_for_user_invalid");
  await browser.post(`${path}/prepare_verification`, { strategy: "phone_code" });
  await browser.post(`${path}/attempt_verification`, { code: await site.newestCode(number) });
  const reserved = await browser.patch(path, { reserved_for_second_factor: "true" });
  expect(reserved.body.response.backup_codes).toHaveLength(10);

  const other = site.newBrowser();
  await other.signIn(amara.email);
  expect((await other.get(path)).code).toBe("resource_not_found");

  const phone = site.newBrowser();
  const { body } = await phone.signIn(kofi.email);
  expect(body.response.status).toBe("needs_second_factor");
  const attempt = `/client/sign_ins/${body.response.id}`;
  const before = { strategy: "phone_code", code: "123456" };
  expect((await phone.post(`${attempt}/attempt_second_factor`, before)).code).toBe(
    "verification_missing",
  );
  await phone.post(`${attempt}/prepare_second_factor`, { strategy: "phone_code" });
  const code = await site.newestCode(number);
  const done = await phone.post(`${attempt}/attempt_second_factor`, { ...before, code });
  expect(done.body.response.status).toBe("complete");
  expect((await phone.get("/me/phone_numbers")).body).toMatchObject([{ phone_number: number }]);
  expect((await phone.get(path)).body.response.reserved_for_second_factor).toBe(true);

  const again = `/client/sessions/${done.body.response.created_session_id}/verify`;
  await phone.post(again, { level: "multi_factor" });
  const { password } = clerk;
  await phone.post(`${again}/attempt_first_factor`, { strategy: "password", password });
  await phone.post(`${again}/prepare_second_factor`, { strategy: "phone_code" });
  const fresh = { ...before, code: await site.newestCode(number) };
  const proved = await phone.post(`${again}/attempt_second_factor`, fresh);
  expect(proved.body.response.status).toBe("complete");
  await phone.delete(path);
  expect((await phone.get("/me")).body.response.phone_numbers).toEqual([]);
});

test("numbers that are switched off are not implemented, nor offered", async ({ browser }) => {
  await browser.signIn(kofi.email);
  expect((await browser.post("/me/phone_numbers", { phone_number: number })).status).toBe(501);
  const environment = await browser.get("/environment");
  expect(environment.body.user_settings.attributes.phone_number.enabled).toBe(false);
});

test("a session is pending until an organization is chosen, and its token says so", async ({
  control,
  browser,
}) => {
  await control.settings.set({ needsOrganization: true });
  const { body } = await browser.signIn(amara.email);
  const path = `/client/sessions/${body.response.created_session_id}`;
  const session = (await browser.get(path)).body.response;
  expect(session).toMatchObject({ status: "pending", tasks: [{ key: "choose-organization" }] });
  const status = async () => {
    const { jwt } = (await browser.post(`${path}/tokens`)).body;
    return decodeUnverified(jwt).sts;
  };
  expect(await status()).toBe("pending");
  const organization = { active_organization_id: northwind.id };
  const chosen = await browser.post(`${path}/touch`, organization);
  expect(chosen.body.response).toMatchObject({ status: "active", tasks: null });
  expect(await status()).toBe("active");
  const types = await eventTypes(control);
  expect(types.indexOf("session.created")).toBeLessThan(types.indexOf("session.pending"));
  expect(types).toContain("session.created");
});

test("a browser may find the settings set differently, alone", async ({ browser }) => {
  const own = { "x-local-clerk-settings": JSON.stringify({ signUp: "waitlist" }) };
  const mode = async (headers = {}) => {
    const response = await browser.fetch("GET", "/environment", undefined, headers);
    return (await response.json()).user_settings.sign_up.mode;
  };
  expect(await mode(own)).toBe("waitlist");
  expect(await mode()).toBe("public");
  const nonsense = { "x-local-clerk-settings": JSON.stringify({ signUp: "closed" }) };
  expect((await browser.fetch("GET", "/environment", undefined, nonsense)).status).toBe(422);
});
