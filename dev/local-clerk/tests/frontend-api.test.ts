// The Frontend API as Clerk's components use it: sign-up, sign-in, session tokens, organizations, handshake, scripts.

import { createPublicKey, verify } from "node:crypto";
import { expect } from "vitest";
import type { LocalClerk } from "../start";
import type { Browser } from "../testing/browser";
import { amara, ines, kofi, tomasz } from "../testing/seeded";
import type { Site } from "../testing/site";
import { test } from "../testing/test";
import { waitUntil } from "../testing/wait-until";

async function signUp(site: Site, browser: Browser, email: string) {
  const form = { email_address: email, password: "correct-horse-77", first_name: "Nadia" };
  const { body } = await browser.post("/client/sign_ups", form);
  const path = `/client/sign_ups/${body.response.id}`;
  await browser.post(`${path}/prepare_verification`, { strategy: "email_code" });
  const code = await site.newestCode(email);
  const attempt = { strategy: "email_code", code };
  const done = await browser.post(`${path}/attempt_verification`, attempt);
  return done.body.response;
}

async function signIn(
  clerk: LocalClerk,
  browser: Browser,
  identifier: string,
  password = clerk.password,
) {
  return browser.post("/client/sign_ins", { identifier, password, strategy: "password" });
}

function claims(clerk: LocalClerk, jwt: string) {
  const [header = "", payload = "", signature = ""] = jwt.split(".");
  const key = createPublicKey(clerk.keys.jwtKey);
  const bytes = Buffer.from(`${header}.${payload}`);
  expect(verify("RSA-SHA256", bytes, key, Buffer.from(signature, "base64url"))).toBe(true);
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
}

test("a request path with a trailing slash gets the same response as the path without it", async ({
  signedIn,
}) => {
  const browser = await signedIn(ines.email);
  const form = { email_address: "second.ines@example.com" };
  const { status, body } = await browser.post("/me/email_addresses/", form);
  expect(status).toBe(200);
  expect(body.response).toMatchObject({ email_address: form.email_address });
});

test("a sign-up sends a code only after prepare_verification, and only that code completes it", async ({
  site,
  control,
  browser,
}) => {
  const email = "nadia@example.com";
  const form = { email_address: email, password: "correct-horse-77" };
  const started = await browser.post("/client/sign_ups", form);
  expect(started.body.response).toMatchObject({
    status: "missing_requirements",
    missing_fields: [],
    unverified_fields: ["email_address"],
    verifications: {
      email_address: { status: "unverified", strategy: null, next_action: "needs_prepare" },
    },
  });
  const outbox = control.outbox;
  expect(await outbox.to(email)).toEqual([]);
  const path = `/client/sign_ups/${started.body.response.id}`;
  const prepared = await browser.post(`${path}/prepare_verification`, { strategy: "email_code" });
  expect(prepared.body.response.verifications.email_address).toMatchObject({
    strategy: "email_code",
    next_action: "needs_attempt",
  });
  const code = await site.newestCode(email);
  expect(code).toMatch(/^\d{6}$/);
  const wrongCode = code === "000000" ? "000001" : "000000";
  const wrong = await browser.post(`${path}/attempt_verification`, { code: wrongCode });
  expect(wrong.status).toBe(422);
  expect(wrong.body.errors).toMatchObject([
    { code: "form_code_incorrect", meta: { param_name: "code" } },
  ]);
  const done = await browser.post(`${path}/attempt_verification`, { code });
  expect(done.body.response.status).toBe("complete");
  expect(done.body.client.sessions).toMatchObject([{ id: done.body.response.created_session_id }]);
  const used = await browser.post(`${path}/attempt_verification`, { code });
  expect(used.body.errors[0].code).toBe("verification_already_verified");
});

test("a code expires after ten minutes", async ({ site, clock, browser }) => {
  const form = { email_address: "late@example.com", password: "correct-horse-77" };
  const { body } = await browser.post("/client/sign_ups", form);
  const path = `/client/sign_ups/${body.response.id}`;
  await browser.post(`${path}/prepare_verification`, { strategy: "email_code" });
  clock.advance(10 * 60_000);
  const code = await site.newestCode("late@example.com");
  const late = await browser.post(`${path}/attempt_verification`, { code });
  expect([late.status, late.body.errors[0].code]).toEqual([400, "verification_expired"]);
});

test.for([
  [{ identifier: "nobody@example.com" }, 422, "form_identifier_not_found"],
  [{ identifier: ines.email, password: "wrong-wrong" }, 422, "form_password_incorrect"],
  [{ identifier: ines.email, strategy: "oauth_none" }, 501, "not_implemented_locally"],
  [{ strategy: "ticket", ticket: "made-up" }, 400, "ticket_invalid_code"],
] as const)(
  "signing in with %o is refused with Clerk's error code",
  async ([form, status, code], { browser }) => {
    const refused = await browser.post("/client/sign_ins", form);
    expect([refused.status, refused.body.errors[0].code]).toEqual([status, code]);
    expect(refused.body.clerk_trace_id).toEqual(expect.any(String));
  },
);

test.for([
  [{ email_address: "not-an-address", password: "long-enough-1" }, "form_param_format_invalid"],
  [{ email_address: ines.email, password: "long-enough-1" }, "form_identifier_exists"],
  [{ email_address: "x@example.com", password: "short" }, "form_password_length_too_short"],
] as const)(
  "signing up with %o is refused with Clerk's error code",
  async ([form, code], { browser }) => {
    const refused = await browser.post("/client/sign_ups", form);
    expect([refused.status, refused.body.errors[0].code]).toEqual([422, code]);
  },
);

test("in one browser, the same user cannot sign in twice, and another user gets a second session", async ({
  clerk,
  browser,
}) => {
  await signIn(clerk, browser, ines.email);
  const again = await signIn(clerk, browser, ines.email);
  expect(again.body.errors[0]).toMatchObject({
    code: "identifier_already_signed_in",
    meta: { session_id: expect.stringMatching(/^sess_/) },
  });
  const other = await signIn(clerk, browser, kofi.email);
  expect(other.body.client.sessions).toHaveLength(2);
  const out = await browser.delete("/client/sessions");
  expect(out.body.response.sessions).toEqual([]);
  expect(browser.cookie("__client_uat")).toBe("0");
});

test("a session token contains Clerk's claims, including the active organization", async ({
  site,
  clerk,
  browser,
}) => {
  const signed = await signIn(clerk, browser, amara.email);
  const session = signed.body.response.created_session_id;
  const memberships = await browser.get("/me/organization_memberships?paginated=true");
  const [{ organization }] = memberships.body.response.data;
  await browser.post(`/client/sessions/${session}/touch`, {
    active_organization_id: organization.id,
  });
  const { body } = await browser.post(`/client/sessions/${session}/tokens`);
  const token = claims(clerk, body.jwt);
  expect(token).toMatchObject({
    azp: site.appUrl,
    iss: expect.stringMatching(/^https:\/\/clerk-[0-9a-f]{12}\.rollcall\.localhost$/),
    sid: session,
    sts: "active",
    v: 2,
    fva: [0, -1],
    o: { id: organization.id, rol: "admin", slg: "northwind-press" },
  });
  expect(token.exp - token.iat).toBe(60);
  expect(token.iat).toBeGreaterThanOrEqual(Number(browser.cookie("__client_uat")));
  const none = await browser.post(`/client/sessions/${session}/tokens`, { organization_id: "" });
  expect(claims(clerk, none.body.jwt).o).toBeUndefined();
  const foreign = await browser.post(`/client/sessions/${session}/touch`, {
    active_organization_id: "org_of_others",
  });
  expect(foreign.body.errors[0].code).toBe("organization_not_found_or_unauthorized");
});

test("a request with another origin, without an origin, or by a proxy without the secret key is refused", async ({
  site,
  clerk,
  browser,
}) => {
  const from = (headers: Record<string, string>) =>
    browser.fetch("POST", "/client/sign_ins", {}, headers).then((response) => response.json());
  expect((await from({ origin: "http://evil.example" })).errors[0].code).toBe("origin_invalid");
  const bare = await fetch(`${clerk.url}/fapi/v1/client/sign_ins`, { method: "POST" });
  expect((await bare.json()).errors[0].code).toBe("origin_missing");
  const proxied = await from({ "clerk-proxy-url": site.appUrl, "clerk-secret-key": "sk_live_no" });
  expect(proxied.errors[0].code).toBe("proxy_request_invalid_secret_key");
});

test("requesting a token for a session of another browser returns 404", async ({
  site,
  clerk,
  browser,
}) => {
  const signed = await signIn(clerk, browser, ines.email);
  const session = signed.body.response.created_session_id;
  const thief = site.newBrowser();
  await signIn(clerk, thief, kofi.email);
  const stolen = await thief.post(`/client/sessions/${session}/tokens`);
  expect([stolen.status, stolen.body.errors[0].code]).toEqual([404, "resource_not_found"]);
});

test("a member cannot perform an admin's operations, and the last admin can neither leave nor be demoted", async ({
  site,
  clerk,
  browser,
}) => {
  await signIn(clerk, browser, tomasz.email);
  const [{ organization }] = (await browser.get("/me/organization_memberships")).body.response;
  const path = `/organizations/${organization.id}`;
  const renamed = await browser.patch(path, { name: "Mine" });
  expect([renamed.status, renamed.body.errors[0].code]).toEqual([
    403,
    "missing_organization_permission",
  ]);
  const admin = site.newBrowser();
  const signed = await signIn(clerk, admin, amara.email);
  const [{ user }] = signed.body.client.sessions;
  const left = await admin.delete(`/me/organization_memberships/${organization.id}`);
  expect(left.body.errors[0].code).toBe("organization_minimum_permissions_needed");
  const demoted = await admin.patch(`${path}/memberships/${user.id}`, { role: "org:member" });
  expect(demoted.body.errors[0].code).toBe("organization_minimum_permissions_needed");
  const taken = await admin.post("/organizations", { name: "X", slug: "northwind-press" });
  expect(taken.body.errors[0]).toMatchObject({
    code: "form_identifier_exists",
    meta: { param_name: "slug" },
  });
});

test("a bulk invitation returns a plain list instead of a page, and an invitation can be revoked", async ({
  clerk,
  browser,
}) => {
  await signIn(clerk, browser, amara.email);
  const [{ organization }] = (await browser.get("/me/organization_memberships")).body.response;
  const path = `/organizations/${organization.id}/invitations`;
  const bulk = await browser.post(`${path}/bulk`, { email_address: "one@example.com" });
  expect(bulk.body.response).toMatchObject([{ email_address: "one@example.com" }]);
  const twice = await browser.post(path, { email_address: "one@example.com" });
  expect(twice.body.errors[0].code).toBe("duplicate_record");
  const [{ id }] = bulk.body.response;
  const revoked = await browser.post(`${path}/${id}/revoke`);
  expect(revoked.body.response.status).toBe("revoked");
  expect((await browser.get(path)).body.response).toEqual({ data: [], total_count: 0 });
});

test("a handshake stores its cookies under a nonce, and refuses a redirect URL outside the app", async ({
  site,
  clerk,
  browser,
}) => {
  await signIn(clerk, browser, ines.email);
  const query = (target: string) =>
    `/client/handshake?format=nonce&redirect_url=${encodeURIComponent(target)}`;
  const response = await browser.fetch("GET", query(`${site.appUrl}/admin?x=1`));
  expect(response.status).toBe(307);
  expect(response.headers.get("location")).toBe(`${site.appUrl}/admin?x=1`);
  const nonce = browser.cookie("__clerk_handshake_nonce");
  const payload = await fetch(`${clerk.url}/bapi/v1/clients/handshake_payload?nonce=${nonce}`, {
    headers: { authorization: `Bearer ${clerk.keys.secretKey}` },
  });
  const { directives } = await payload.json();
  const session = directives.find((each: string) => each.startsWith("__session="));
  expect(claims(clerk, /=([^;]+)/.exec(session)?.[1] ?? "").azp).toBe(site.appUrl);
  const foreign = await browser.fetch("GET", query("http://evil.example/"));
  expect(foreign.status).toBe(422);
});

test("sign-in, sign-up and profile refuse OAuth when no provider is enabled", async ({
  clerk,
  browser,
}) => {
  const form = { strategy: "oauth_google", redirect_url: "/home" };
  const refused = [
    await browser.post("/client/sign_ins", form),
    await browser.post("/client/sign_ups", form),
  ];
  await signIn(clerk, browser, ines.email);
  refused.push(await browser.post("/me/external_accounts", form));
  for (const { status, body } of refused) {
    expect([status, body.errors[0].code]).toEqual([400, "oauth_provider_not_enabled"]);
  }
});

test("an operation that is not implemented returns 501 with the operation's name", async ({
  clerk,
  browser,
}) => {
  await signIn(clerk, browser, ines.email);
  const passkeys = await browser.post("/me/passkeys");
  expect(passkeys.status).toBe(501);
  expect(passkeys.body.errors[0]).toMatchObject({
    code: "not_implemented_locally",
    message: expect.stringContaining("POST /v1/me/passkeys"),
  });
});

test("a sign-up sends webhooks with Clerk's envelope and times in milliseconds", async ({
  site,
  browser,
}) => {
  await waitUntil(() => site.receiver.received.length >= 15);
  site.receiver.received.length = 0;
  const person = await signUp(site, browser, "nadia@example.com");
  await waitUntil(() => site.receiver.received.length >= 4);
  const events = site.receiver.received.map((each) => JSON.parse(each.body));
  const types = events.map((event) => event.type);
  expect(types).toEqual(
    expect.arrayContaining(["email.created", "user.created", "session.created", "user.updated"]),
  );
  const created = events.find((event) => event.type === "user.created");
  expect(created).toMatchObject({
    object: "event",
    instance_id: expect.stringMatching(/^ins_/),
    event_attributes: { http_request: { client_ip: "127.0.0.1" } },
    data: { id: person.created_user_id, object: "user", first_name: "Nadia" },
  });
  expect(created.timestamp).toBeGreaterThan(1_600_000_000_000);
  expect(created.data.updated_at).toBeGreaterThan(1_600_000_000_000);
});

test("Clerk's scripts are served from the installed packages, and no other file is readable", async ({
  clerk,
}) => {
  const get = (path: string) => fetch(`${clerk.url}/fapi/npm/${path}`);
  const script = await get("@clerk/clerk-js@6/dist/clerk.browser.js");
  expect(script.headers.get("content-type")).toMatch(/^text\/javascript/);
  for (const path of [
    "@clerk/clerk-js@6/dist/..%2fpackage.json",
    "@clerk/clerk-js@6/dist/..%2f..%2fbackend/dist/index.js",
    "@clerk/clerk-js@5/dist/clerk.browser.js",
    "@clerk/backend@3/dist/index.js",
  ]) {
    expect((await get(path)).status).toBe(404);
  }
});
