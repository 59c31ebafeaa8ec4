// Links and text messages: each with its failures.

import { afterEach, beforeEach, expect, test } from "vitest";
import { MovableClock } from "../clock";
import type { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import { Browser, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
const number = "+12025550143";
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

const answer = (method: string, path: string, form?: Record<string, string>, by = browser) =>
  by.answer(method, path, form);

const signIn = (identifier = kofi) =>
  answer("POST", "/client/sign_ins", {
    identifier,
    password: clerk.password,
    strategy: "password",
  });

/** Where the newest mailed link leads, in some browser. */
async function follow(to: string, by = browser) {
  const link = new URL((await control.outbox.latest(to))?.link ?? "");
  const response = await by.request("GET", `/verify${link.search}`);
  const target = new URL(response.headers.get("location") ?? "");
  return {
    path: target.pathname,
    status: target.searchParams.get("__clerk_status"),
    sessionId: target.searchParams.get("__clerk_created_session"),
  };
}

const newest = async (to: string) => (await control.outbox.latest(to))?.code ?? "";
const eventTypes = async () => (await control.webhooks.messages()).map(({ type }) => type);

test("a mailed link ends a sign-up, in another browser too, and only once", async () => {
  await control.settings.set({ emailVerification: "link" });
  const email = "linked@example.com";
  const form = { email_address: email, password: "correct-horse-77" };
  const { body } = await answer("POST", "/client/sign_ups", form);
  const path = `/client/sign_ups/${body.response.id}`;
  expect(body.response.verifications.email_address.supported_strategies).toEqual(["email_link"]);
  const byCode = await answer("POST", `${path}/prepare_verification`, { strategy: "email_code" });
  expect(byCode.code).toBe("strategy_for_user_invalid");
  const foreign = { strategy: "email_link", redirect_url: "http://evil.example/" };
  expect((await answer("POST", `${path}/prepare_verification`, foreign)).code).toBe(
    "invalid_redirect_url",
  );
  const own = { strategy: "email_link", redirect_url: "/sign-up/verify" };
  const prepared = await answer("POST", `${path}/prepare_verification`, own);
  expect(prepared.body.response.verifications.email_address.strategy).toBe("email_link");
  const guess = await answer("POST", `${path}/attempt_verification`, { code: "123456" });
  expect(guess.code).toBe("strategy_for_user_invalid");
  const elsewhere = await follow(email, new Browser(clerk, receiver.url));
  expect(elsewhere).toMatchObject({ path: "/sign-up/verify", status: "verified" });
  const done = await answer("GET", path);
  expect(done.body.response).toMatchObject({
    status: "complete",
    created_session_id: elsewhere.sessionId,
  });
  expect((await follow(email)).status).toBe("failed");
  const nonsense = await browser.request("GET", "/verify?token=sign_up.sua_none.x");
  expect(nonsense.headers.get("location")).toContain("__clerk_status=failed");
});

test("a mailed link signs in; one that is late has expired; a wrong secret opens nothing", async () => {
  await control.settings.set({ emailVerification: "both" });
  const begun = await answer("POST", "/client/sign_ins", { identifier: kofi });
  const { id, supported_first_factors: factors } = begun.body.response;
  const strategies = factors.map(({ strategy }: { strategy: string }) => strategy);
  expect(strategies).toEqual(expect.arrayContaining(["email_link", "email_code"]));
  const form = { strategy: "email_link", redirect_url: "/sign-in/verify" };
  const prepare = `/client/sign_ins/${id}/prepare_first_factor`;
  await answer("POST", prepare, form);
  const wrong = await browser.request("GET", `/verify?token=sign_in.${id}.guessed`);
  expect(wrong.headers.get("location")).toContain("/sign-in/verify?__clerk_status=failed");
  clock.advance(601_000);
  expect((await follow(kofi)).status).toBe("expired");
  await answer("POST", prepare, form);
  const opened = await follow(kofi);
  expect(opened.status).toBe("verified");
  const { body } = await answer("GET", "/client");
  expect(body.response.last_active_session_id).toBe(opened.sessionId);
});

test("signs up by a number and a text message, then in by it; taken, malformed and wrong are refused", async () => {
  await control.settings.set({ phone: "optional" });
  const form = { phone_number: number, password: "correct-horse-77" };
  const malformed = await answer("POST", "/client/sign_ups", { ...form, phone_number: "12" });
  expect(malformed.code).toBe("form_param_format_invalid");
  const { body } = await answer("POST", "/client/sign_ups", form);
  expect(body.response.unverified_fields).toEqual(["phone_number"]);
  const path = `/client/sign_ups/${body.response.id}`;
  await answer("POST", `${path}/prepare_verification`, { strategy: "phone_code" });
  const code = await newest(number);
  const wrong = { strategy: "phone_code", code: code === "000000" ? "111111" : "000000" };
  expect((await answer("POST", `${path}/attempt_verification`, wrong)).code).toBe(
    "form_code_incorrect",
  );
  const right = { strategy: "phone_code", code };
  const done = await answer("POST", `${path}/attempt_verification`, right);
  expect(done.body.response).toMatchObject({ status: "complete", phone_number: number });
  expect(await eventTypes()).toContain("sms.created");
  expect(await control.outbox.latest(number)).toMatchObject({ channel: "sms" });

  const other = new Browser(clerk, receiver.url);
  const again = await answer("POST", "/client/sign_ups", form, other);
  expect(again.code).toBe("form_identifier_exists");
  const begun = await answer("POST", "/client/sign_ins", { identifier: number }, other);
  const attempt = `/client/sign_ins/${begun.body.response.id}`;
  await answer("POST", `${attempt}/prepare_first_factor`, { strategy: "phone_code" }, other);
  const proof = { strategy: "phone_code", code: await newest(number) };
  const signedIn = await answer("POST", `${attempt}/attempt_first_factor`, proof, other);
  expect(signedIn.body.response.status).toBe("complete");
});

test("a number is added, made the second factor and asked for; another person's is not found", async () => {
  await control.settings.set({ phone: "optional", hasSecondFactor: true });
  await signIn();
  const added = await answer("POST", "/me/phone_numbers", { phone_number: number });
  const path = `/me/phone_numbers/${added.body.response.id}`;
  const early = await answer("PATCH", path, { reserved_for_second_factor: "true" });
  expect(early.code).toBe("strategy_for_user_invalid");
  await answer("POST", `${path}/prepare_verification`, { strategy: "phone_code" });
  await answer("POST", `${path}/attempt_verification`, { code: await newest(number) });
  const reserved = await answer("PATCH", path, { reserved_for_second_factor: "true" });
  expect(reserved.body.response.backup_codes).toHaveLength(10);

  const other = new Browser(clerk, receiver.url);
  await answer(
    "POST",
    "/client/sign_ins",
    { identifier: "amara.okafor@example.com", password: clerk.password, strategy: "password" },
    other,
  );
  expect((await answer("GET", path, undefined, other)).code).toBe("resource_not_found");

  browser = new Browser(clerk, receiver.url);
  const { body } = await signIn();
  expect(body.response.status).toBe("needs_second_factor");
  const attempt = `/client/sign_ins/${body.response.id}`;
  const before = { strategy: "phone_code", code: "123456" };
  expect((await answer("POST", `${attempt}/attempt_second_factor`, before)).code).toBe(
    "verification_missing",
  );
  await answer("POST", `${attempt}/prepare_second_factor`, { strategy: "phone_code" });
  const code = await newest(number);
  const done = await answer("POST", `${attempt}/attempt_second_factor`, { ...before, code });
  expect(done.body.response.status).toBe("complete");
  expect((await answer("GET", "/me/phone_numbers")).body).toMatchObject([{ phone_number: number }]);
  expect((await answer("GET", path)).body.response.reserved_for_second_factor).toBe(true);

  const again = `/client/sessions/${done.body.response.created_session_id}/verify`;
  await answer("POST", again, { level: "multi_factor" });
  const { password } = clerk;
  await answer("POST", `${again}/attempt_first_factor`, { strategy: "password", password });
  await answer("POST", `${again}/prepare_second_factor`, { strategy: "phone_code" });
  const fresh = { ...before, code: await newest(number) };
  const proved = await answer("POST", `${again}/attempt_second_factor`, fresh);
  expect(proved.body.response.status).toBe("complete");
  await answer("DELETE", path);
  expect((await answer("GET", "/me")).body.response.phone_numbers).toEqual([]);
});

test("numbers that are switched off are not implemented, nor offered", async () => {
  await signIn();
  expect((await answer("POST", "/me/phone_numbers", { phone_number: number })).status).toBe(501);
  const environment = await answer("GET", "/environment");
  expect(environment.body.user_settings.attributes.phone_number.enabled).toBe(false);
});

test("a session is pending until an organization is chosen, and its token says so", async () => {
  await control.settings.set({ needsOrganization: true });
  const { body } = await answer("POST", "/client/sign_ins", {
    identifier: "amara.okafor@example.com",
    password: clerk.password,
    strategy: "password",
  });
  const path = `/client/sessions/${body.response.created_session_id}`;
  const session = (await answer("GET", path)).body.response;
  expect(session).toMatchObject({ status: "pending", tasks: [{ key: "choose-organization" }] });
  const status = async () => {
    const { jwt } = (await answer("POST", `${path}/tokens`)).body;
    return JSON.parse(Buffer.from(jwt.split(".")[1], "base64url").toString()).sts;
  };
  expect(await status()).toBe("pending");
  const organization = { active_organization_id: derivedId("org", "northwind-press") };
  const chosen = await answer("POST", `${path}/touch`, organization);
  expect(chosen.body.response).toMatchObject({ status: "active", tasks: null });
  expect(await status()).toBe("active");
  const types = await eventTypes();
  expect(types.indexOf("session.created")).toBeLessThan(types.indexOf("session.pending"));
  expect(types).toContain("session.created");
});

test("a browser may find the settings set differently, alone", async () => {
  const own = { "x-local-clerk-settings": JSON.stringify({ signUp: "waitlist" }) };
  const mode = async (headers = {}) => {
    const response = await browser.request("GET", "/environment", undefined, headers);
    return (await response.json()).user_settings.sign_up.mode;
  };
  expect(await mode(own)).toBe("waitlist");
  expect(await mode()).toBe("public");
  const nonsense = { "x-local-clerk-settings": JSON.stringify({ signUp: "closed" }) };
  expect((await browser.request("GET", "/environment", undefined, nonsense)).status).toBe(422);
});
