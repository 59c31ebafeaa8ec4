// What nobody should send from a browser: refused in Clerk's own words. That every code is one that Clerk publishes, with
// its status, is seen to by the contract watch.

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { controlClient } from "../control/client";
import type { LocalClerk } from "../start";
import { Browser, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
const amara = "amara.okafor@example.com";
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let browser: Browser;

beforeAll(async () => {
  ({ clerk, receiver, close } = await openSite());
});
beforeEach(() => {
  browser = new Browser(clerk, receiver.url);
});
afterAll(() => close());

const answer = (method: string, path: string, form?: Record<string, string>, by = browser) =>
  by.answer(method, path, form);

const signIn = (identifier: string, by = browser) =>
  answer("POST", "/client/sign_ins", { identifier, password: clerk.password }, by);

test("a browser sends forms, and nothing else; a field that is too long or malformed is named", async () => {
  const json = { "content-type": "application/json" };
  const sent = await browser.request("POST", "/client/sign_ins", { identifier: kofi }, json);
  expect([sent.status, (await sent.json()).errors[0].code]).toEqual([
    415,
    "unsupported_content_type",
  ]);
  const long = await answer("POST", "/client/sign_ins", { identifier: "x".repeat(2_001) });
  expect(long.body.errors[0]).toMatchObject({
    code: "form_param_max_length_exceeded",
    meta: { param_name: "identifier" },
  });
  const form = { email_address: "m@example.com", unsafe_metadata: "{" };
  const metadata = await answer("POST", "/client/sign_ups", form);
  expect(metadata.body.errors[0]).toMatchObject({
    code: "form_param_format_invalid",
    meta: { param_name: "unsafe_metadata" },
  });
});

test.each([
  ["/client/sign_ins", "multipart/form-data; boundary=a", 415, "unsupported_content_type"],
  ["/me/profile_image", "multipart/form-data; boundary=a", 400, "request_body_invalid"],
  ["/me/profile_image", "multipart/form-data", 400, "request_body_invalid"],
])("a form of parts to %s as %s is refused", async (path, type, status, code) => {
  await signIn(kofi);
  const refused = await browser.answer("POST", path, { x: "1" }, { "content-type": type });
  expect([refused.status, refused.code]).toEqual([status, code]);
});

test("a name has 256 letters at most, metadata 8 KB", async () => {
  const fits = { first_name: "x".repeat(256), unsafe_metadata: `{"a":"${"x".repeat(8_184)}"}` };
  const larger = { unsafe_metadata: `{"a":"${"x".repeat(8_185)}"}` };
  const tooLong = "form_param_max_length_exceeded";
  await signIn(kofi);
  expect((await answer("PATCH", "/me", fits)).status).toBe(200);
  expect((await answer("PATCH", "/me", larger)).code).toBe("form_param_format_invalid");
  for (const field of ["first_name", "last_name"]) {
    const form = { [field]: "x".repeat(257) };
    expect((await answer("PATCH", "/me", form)).code).toBe(tooLong);
    expect((await answer("POST", "/client/sign_ups", form)).code).toBe(tooLong);
  }
  const organization = await answer("POST", "/organizations", { name: "x".repeat(257) });
  expect([organization.status, organization.code]).toEqual([422, tooLong]);
  const form = { email_address: "m@example.com", unsafe_metadata: fits.unsafe_metadata };
  expect((await answer("POST", "/client/sign_ups", form)).status).toBe(200);
});

test("unknown ids are not found, and those of another browser neither", async () => {
  const stranger = new Browser(clerk, receiver.url);
  const begun = await answer("POST", "/client/sign_ins", { identifier: amara }, stranger);
  const entry = await answer(
    "POST",
    "/client/sign_ups",
    { email_address: "e@x.example" },
    stranger,
  );
  const theirs = (await signIn(amara, stranger)).body.response.created_session_id;
  await signIn(kofi);
  for (const path of [
    "/client/sign_ins/sia_none/attempt_first_factor",
    `/client/sign_ins/${begun.body.response.id}/attempt_first_factor`,
    "/client/sign_ups/sua_none/attempt_verification",
    `/client/sign_ups/${entry.body.response.id}/attempt_verification`,
    "/client/sessions/sess_none/touch",
    `/client/sessions/${theirs}/touch`,
    `/client/sessions/${theirs}/tokens`,
    `/client/sessions/${theirs}/end`,
    `/client/sessions/${theirs}/remove`,
    `/client/sessions/${theirs}/verify`,
    `/me/sessions/${theirs}/revoke`,
    "/me/email_addresses/idn_none/prepare_verification",
  ]) {
    const refused = await answer("POST", path, { code: "123456" });
    expect([path, refused.status, refused.code]).toEqual([path, 404, "resource_not_found"]);
  }
  const named = await answer("GET", `/me?_clerk_session_id=${theirs}`);
  expect([named.status, named.code]).toEqual([401, "authentication_invalid"]);
  const gone = await answer("GET", "/organizations/org_none");
  expect([gone.status, gone.code]).toEqual([404, "organization_not_found_or_unauthorized"]);
  expect((await answer("GET", "/me", undefined, stranger)).status).toBe(200);
});

test("a page of another origin is refused, reading too; one that does not say is let read only", async () => {
  for (const origin of ["http://evil.example", "null", `${receiver.url}.evil.example`]) {
    for (const method of ["GET", "POST"]) {
      const refused = await browser.request(method, "/client", {}, { origin });
      expect([refused.status, (await refused.json()).errors[0].code]).toEqual([
        400,
        "origin_invalid",
      ]);
    }
  }
  expect((await answer("GET", "/client")).status).toBe(200);
});

test("where a browser has one account, whoever has it can neither sign in nor up beside it", async () => {
  const single = { "x-local-clerk-settings": JSON.stringify({ sessions: "single" }) };
  await signIn(kofi);
  for (const [path, form] of [
    ["/client/sign_ins", { identifier: amara, password: clerk.password }],
    ["/client/sign_ups", { email_address: "second@example.com" }],
  ] as const) {
    const refused = await browser.answer("POST", path, { ...form }, single);
    expect([refused.status, refused.code]).toEqual([400, "session_exists"]);
    expect(refused.body.meta.client.sessions).toHaveLength(1);
  }
});

test("a mailed code signs in once, and is over after too many guesses", async () => {
  const begun = await answer("POST", "/client/sign_ins", { identifier: kofi });
  const path = `/client/sign_ins/${begun.body.response.id}`;
  const prepare = () => answer("POST", `${path}/prepare_first_factor`, { strategy: "email_code" });
  const attempt = (code: string) =>
    answer("POST", `${path}/attempt_first_factor`, { strategy: "email_code", code });
  const mailed = async () => (await controlClient(clerk.url).outbox.latest(kofi))?.code ?? "";
  await prepare();
  for (let tries = 1; tries < 5; tries += 1) {
    expect((await attempt("wrong")).code).toBe("form_code_incorrect");
  }
  for (const guess of ["wrong", await mailed()]) {
    expect((await attempt(guess)).code).toBe("verification_failed");
  }
  await prepare();
  const code = await mailed();
  expect((await attempt(code)).body.response.status).toBe("complete");
  expect((await attempt(code)).code).toBe("verification_already_verified");
});
