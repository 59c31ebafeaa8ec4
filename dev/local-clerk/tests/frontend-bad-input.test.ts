// Bad input to the Frontend API is refused with Clerk's error codes. The test fixture checks each code and its status
// against Clerk's published index of errors.

import { expect } from "vitest";
import { amara, kofi } from "../testing/seeded";
import { sharedTest as test } from "../testing/test";

test("a body that is not a form is refused, and a field that is too long or malformed is named in the error", async ({
  browser,
}) => {
  const json = { "content-type": "application/json" };
  const sent = await browser.fetch("POST", "/client/sign_ins", { identifier: kofi.email }, json);
  expect([sent.status, (await sent.json()).errors[0].code]).toEqual([
    415,
    "unsupported_content_type",
  ]);
  const long = await browser.post("/client/sign_ins", { identifier: "x".repeat(2_001) });
  expect(long.body.errors[0]).toMatchObject({
    code: "form_param_max_length_exceeded",
    meta: { param_name: "identifier" },
  });
  const form = { email_address: "m@example.com", unsafe_metadata: "{" };
  const metadata = await browser.post("/client/sign_ups", form);
  expect(metadata.body.errors[0]).toMatchObject({
    code: "form_param_format_invalid",
    meta: { param_name: "unsafe_metadata" },
  });
});

test.for([
  ["/client/sign_ins", "multipart/form-data; boundary=a", 415, "unsupported_content_type"],
  ["/me/profile_image", "multipart/form-data; boundary=a", 400, "request_body_invalid"],
  ["/me/profile_image", "multipart/form-data", 400, "request_body_invalid"],
] as const)(
  "a multipart form to %s as %s is refused",
  async ([path, type, status, code], { browser }) => {
    await browser.signIn(kofi.email);
    const refused = await browser.call("POST", path, { x: "1" }, { "content-type": type });
    expect([refused.status, refused.code]).toEqual([status, code]);
  },
);

test("a name over 256 characters and metadata over 8 KB are refused", async ({ browser }) => {
  const fits = { first_name: "x".repeat(256), unsafe_metadata: `{"a":"${"x".repeat(8_184)}"}` };
  const larger = { unsafe_metadata: `{"a":"${"x".repeat(8_185)}"}` };
  const tooLong = "form_param_max_length_exceeded";
  await browser.signIn(kofi.email);
  expect((await browser.patch("/me", fits)).status).toBe(200);
  expect((await browser.patch("/me", larger)).code).toBe("form_param_format_invalid");
  for (const field of ["first_name", "last_name"]) {
    const form = { [field]: "x".repeat(257) };
    expect((await browser.patch("/me", form)).code).toBe(tooLong);
    expect((await browser.post("/client/sign_ups", form)).code).toBe(tooLong);
  }
  const organization = await browser.post("/organizations", { name: "x".repeat(257) });
  expect([organization.status, organization.code]).toEqual([422, tooLong]);
  const form = { email_address: "m@example.com", unsafe_metadata: fits.unsafe_metadata };
  expect((await browser.post("/client/sign_ups", form)).status).toBe(200);
});

test("operations on unknown ids and on ids of another browser return 404", async ({
  site,
  browser,
}) => {
  const stranger = site.newBrowser();
  const started = await stranger.post("/client/sign_ins", { identifier: amara.email });
  const entry = await stranger.post("/client/sign_ups", { email_address: "e@x.example" });
  const theirs = (await stranger.signIn(amara.email)).body.response.created_session_id;
  await browser.signIn(kofi.email);
  for (const path of [
    "/client/sign_ins/sia_none/attempt_first_factor",
    `/client/sign_ins/${started.body.response.id}/attempt_first_factor`,
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
    const refused = await browser.post(path, { code: "123456" });
    expect([path, refused.status, refused.code]).toEqual([path, 404, "resource_not_found"]);
  }
  const named = await browser.get(`/me?_clerk_session_id=${theirs}`);
  expect([named.status, named.code]).toEqual([401, "authentication_invalid"]);
  const gone = await browser.get("/organizations/org_none");
  expect([gone.status, gone.code]).toEqual([404, "organization_not_found_or_unauthorized"]);
  expect((await stranger.get("/me")).status).toBe(200);
});

test("a request from another origin is refused, and a request without an origin may only read", async ({
  site,
  browser,
}) => {
  for (const origin of ["http://evil.example", "null", `${site.appUrl}.evil.example`]) {
    for (const method of ["GET", "POST"]) {
      const refused = await browser.fetch(method, "/client", {}, { origin });
      expect([refused.status, (await refused.json()).errors[0].code]).toEqual([
        400,
        "origin_invalid",
      ]);
    }
  }
  expect((await browser.get("/client")).status).toBe(200);
});

test("in single-session mode a signed-in browser can neither sign in nor sign up", async ({
  clerk,
  browser,
}) => {
  const single = { "x-local-clerk-settings": JSON.stringify({ sessions: "single" }) };
  await browser.signIn(kofi.email);
  for (const [path, form] of [
    ["/client/sign_ins", { identifier: amara.email, password: clerk.password }],
    ["/client/sign_ups", { email_address: "second@example.com" }],
  ] as const) {
    const refused = await browser.call("POST", path, { ...form }, single);
    expect([refused.status, refused.code]).toEqual([400, "session_exists"]);
    expect(refused.body.meta.client.sessions).toHaveLength(1);
  }
});

test("a mailed code signs in once, and fails after five wrong attempts", async ({
  site,
  browser,
}) => {
  const started = await browser.post("/client/sign_ins", { identifier: kofi.email });
  const path = `/client/sign_ins/${started.body.response.id}`;
  const prepare = () => browser.post(`${path}/prepare_first_factor`, { strategy: "email_code" });
  const attempt = (code: string) =>
    browser.post(`${path}/attempt_first_factor`, { strategy: "email_code", code });
  const mailed = async () => await site.newestCode(kofi.email);
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
