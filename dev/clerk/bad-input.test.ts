// What nobody should send: refused in Clerk's own words. That every code is one that Clerk publishes, with its status,
// is seen to by the contract watch.

import { randomUUID } from "node:crypto";
import { createClerkClient } from "@clerk/backend";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { MovableClock } from "./clock";
import { controlClient } from "./control-client";
import { derivedId } from "./ids";
import type { LocalClerk } from "./start";
import { Browser, openSite, type Receiver, type Site } from "./test-support";

const kofi = "kofi.mensah@example.com";
const amara = "amara.okafor@example.com";
const northwind = derivedId("org", "northwind-press");
const kofisId = derivedId("user", kofi);
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let clock: MovableClock;
let client: ReturnType<typeof createClerkClient>;
let browser: Browser;

beforeAll(async () => {
  clock = new MovableClock();
  ({ clerk, receiver, close } = await openSite(clock));
  const { secretKey } = clerk.keys;
  client = createClerkClient({ secretKey, apiUrl: clerk.env.CLERK_API_URL });
});
beforeEach(() => {
  browser = new Browser(clerk, receiver.url);
});
afterAll(() => close());

const answer = (method: string, path: string, form?: Record<string, string>, by = browser) =>
  by.answer(method, path, form);

async function ask(method: string, path: string, body?: string) {
  const authorization = `Bearer ${clerk.keys.secretKey}`;
  const headers = { authorization, "content-type": "application/json" };
  const init = { method, headers, ...(body === undefined ? {} : { body }) };
  const response = await fetch(`${clerk.url}/bapi/v1${path}`, init);
  const sent = await response.json();
  return { status: response.status, body: sent, code: sent.errors?.[0]?.code };
}

const signIn = (identifier: string, by = browser) =>
  answer("POST", "/client/sign_ins", { identifier, password: clerk.password }, by);

test.each([
  ["not JSON", "{", 400, "request_body_invalid"],
  ["a number", "7", 422, "form_param_format_invalid"],
  ["a list", "[]", 422, "form_param_format_invalid"],
  ["a name that is no text", '{"first_name":7}', 422, "form_param_format_invalid"],
  ["metadata that is no object", '{"public_metadata":[]}', 422, "form_param_format_invalid"],
  ["a malformed address", '{"email_address":["x"]}', 422, "form_param_format_invalid"],
  ["a malformed number", '{"phone_number":["12"]}', 422, "form_param_format_invalid"],
  ["a time that is none", '{"created_at":"yesterday"}', 422, "form_param_format_invalid"],
  ["nothing to be known by", "{}", 422, "form_param_missing"],
  ["a field that is not here", '{"password_digest":"x"}', 501, "not_implemented_locally"],
])("a person made of %s is refused", async (_, body, status, code) => {
  const before = await client.users.getCount();
  const refused = await ask("POST", "/users", body);
  expect([refused.status, refused.code]).toEqual([status, code]);
  expect(refused.body.clerk_trace_id).toEqual(expect.any(String));
  expect(await client.users.getCount()).toBe(before);
});

test.each([
  "limit=0",
  "limit=501",
  "limit=ten",
  "offset=-1",
  "order_by=shoe_size",
  "created_at_after=yesterday",
])("a list with %s is refused", async (query) => {
  const refused = await ask("GET", `/users?${query}`);
  expect([refused.status, refused.code]).toEqual([422, "form_param_format_invalid"]);
});

test.each([
  ["GET", "/users/user_none"],
  ["PATCH", "/users/user_none"],
  ["PATCH", "/users/user_none/metadata"],
  ["DELETE", "/users/user_none"],
  ["POST", "/users/user_none/ban"],
  ["POST", "/users/user_none/lock"],
  ["POST", "/users/user_none/verify_password"],
  ["GET", "/users/user_none/organization_memberships"],
  ["GET", "/organizations/org_none"],
  ["PATCH", "/organizations/org_none"],
  ["DELETE", "/organizations/org_none"],
  ["GET", "/organizations/org_none/memberships"],
  ["PATCH", `/organizations/${northwind}/memberships/user_none/metadata`],
  ["DELETE", `/organizations/${northwind}/memberships/user_none`],
  ["GET", `/organizations/${northwind}/invitations/orginv_none`],
  ["POST", `/organizations/${northwind}/invitations/orginv_none/revoke`],
  ["PATCH", `/organizations/${northwind}/domains/orgdmn_none`],
  ["DELETE", `/organizations/${northwind}/domains/orgdmn_none`],
  ["POST", "/invitations/inv_none/revoke"],
  ["POST", "/waitlist_entries/wle_none/invite"],
  ["GET", "/sessions/sess_none"],
  ["POST", "/sessions/sess_none/revoke"],
  ["POST", "/sessions/sess_none/tokens"],
  ["GET", "/clients/client_none"],
  ["GET", "/jwt_templates/jtmp_none"],
  ["DELETE", "/jwt_templates/jtmp_none"],
  ["GET", "/organization_roles/role_none"],
  ["DELETE", "/organization_permissions/perm_none"],
  ["POST", "/sign_in_tokens/sit_none/revoke"],
  ["POST", "/actor_tokens/act_none/revoke"],
  ["GET", "/email_addresses/idn_none"],
  ["DELETE", "/phone_numbers/idn_none"],
  ["DELETE", "/redirect_urls/ru_none"],
  ["GET", "/clients/handshake_payload?nonce=none"],
])("%s %s is not found", async (method, path) => {
  const body = path.endsWith("verify_password") ? '{"password":"x"}' : "{}";
  const refused = await ask(method, path, method === "GET" ? undefined : body);
  expect([refused.status, refused.code]).toEqual([404, "resource_not_found"]);
});

test("what belongs to somebody else, or to nobody, becomes nobody's primary address or organization", async () => {
  const other = await client.users.getUser(derivedId("user", amara));
  const body = JSON.stringify({ primary_email_address_id: other.primaryEmailAddressId });
  expect((await ask("PATCH", `/users/${kofisId}`, body)).code).toBe("resource_not_found");
  const phone = await ask("PATCH", `/users/${kofisId}`, '{"primary_phone_number_id":"idn_none"}');
  expect(phone.code).toBe("resource_not_found");
  const user = await client.users.getUser(kofisId);
  expect(user.emailAddresses.map(({ id }) => id)).toContain(user.primaryEmailAddressId);
  const joined = { user_id: kofisId, active_organization_id: northwind };
  expect((await ask("POST", "/sessions", JSON.stringify(joined))).code).toBe(
    "organization_not_found_or_unauthorized",
  );
  const role = { organizationId: northwind, userId: kofisId, role: "org:captain" };
  await expect(client.organizations.createOrganizationMembership(role)).rejects.toMatchObject({
    status: 404,
    errors: [{ code: "resource_not_found" }],
  });
});

test("a browser sends forms, and nothing else; a field that is too long or malformed is named", async () => {
  const json = { "content-type": "application/json" };
  const sent = await browser.request("POST", "/client/sign_ins", { identifier: kofi }, json);
  expect([sent.status, (await sent.json()).errors[0].code]).toEqual([
    415,
    "unsupported_content_type",
  ]);
  const long = await answer("POST", "/client/sign_ins", { identifier: "x".repeat(2_001) });
  expect(long.body.errors[0]).toMatchObject({
    code: "form_param_format_invalid",
    meta: { param_name: "identifier" },
  });
  const form = { email_address: "m@example.com", unsafe_metadata: "{" };
  const metadata = await answer("POST", "/client/sign_ups", form);
  expect(metadata.body.errors[0]).toMatchObject({
    code: "form_param_format_invalid",
    meta: { param_name: "unsafe_metadata" },
  });
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

test("tickets of every kind: used, revoked, too old, made up, or for another door", async () => {
  const open = async (ticket: string, door = "sign_ins") => {
    const form = { strategy: "ticket", ticket, password: "correct-horse-77" };
    const by = new Browser(clerk, receiver.url);
    return (await answer("POST", `/client/${door}`, form, by)).code;
  };
  const given = { userId: kofisId, expiresInSeconds: 60 };
  const { signInTokens, actorTokens, invitations, organizations } = client;
  const signInToken = () => signInTokens.createSignInToken(given);
  const actorToken = async () => {
    const { id, token } = await actorTokens.create({ ...given, actor: { sub: "support" } });
    return { id, token: token ?? "" };
  };
  const newAddress = () => `guest-${randomUUID().slice(0, 8)}@example.com`;
  const ticketIn = (url: string | null | undefined) =>
    new URL(url ?? "").searchParams.get("ticket") ?? "";
  const invitation = async () => {
    const { id, url } = await invitations.createInvitation({ emailAddress: newAddress() });
    return { id, token: ticketIn(url) };
  };
  const membership = async () => {
    const emailAddress = newAddress();
    const wanted = { organizationId: northwind, emailAddress, role: "org:member" };
    const { id } = await organizations.createOrganizationInvitation(wanted);
    return {
      id,
      token: ticketIn((await controlClient(clerk.url).outbox.latest(emailAddress))?.link),
    };
  };
  const kinds = [
    {
      make: signInToken,
      revoke: (id: string) => signInTokens.revokeSignInToken(id),
      door: "sign_ins",
      codes: ["sign_in_token_already_used_code", "sign_in_token_revoked_code"],
    },
    {
      make: actorToken,
      revoke: (id: string) => actorTokens.revoke(id),
      door: "sign_ins",
      codes: ["actor_token_already_used_code", "actor_token_revoked_code"],
    },
    {
      make: invitation,
      revoke: (id: string) => invitations.revokeInvitation(id),
      door: "sign_ups",
      codes: ["invitation_already_accepted", "revoked_invitation"],
    },
    {
      make: membership,
      revoke: (invitationId: string) =>
        organizations.revokeOrganizationInvitation({ organizationId: northwind, invitationId }),
      door: "sign_ups",
      codes: ["organization_invitation_already_accepted", "organization_invitation_revoked_code"],
    },
  ];
  for (const { make, revoke, door, codes } of kinds) {
    const [used, revoked] = [await make(), await make()];
    expect(await open(used.token, door)).toBeUndefined();
    await revoke(revoked.id);
    expect([await open(used.token, door), await open(revoked.token, door)]).toEqual(codes);
  }
  expect(await open((await signInToken()).token, "sign_ups")).toBe(
    "sign_in_token_not_in_sign_in_code",
  );
  expect(await open((await actorToken()).token, "sign_ups")).toBe(
    "actor_token_not_in_sign_in_code",
  );
  expect(await open("made-up")).toBe("ticket_invalid_code");
  const late = [await signInToken(), await membership()];
  const orphan = await organizations.createOrganization({ name: "Orphan", createdBy: kofisId });
  const address = newAddress();
  const wanted = { organizationId: orphan.id, emailAddress: address, role: "org:member" };
  await organizations.createOrganizationInvitation(wanted);
  const link = (await controlClient(clerk.url).outbox.latest(address))?.link;
  await organizations.deleteOrganization(orphan.id);
  expect(await open(ticketIn(link), "sign_ups")).toBe(
    "organization_invitation_to_deleted_organization",
  );
  clock.advance(366 * 86_400_000);
  expect(await open(late[0]?.token ?? "")).toBe("ticket_expired_code");
  expect(await open(late[1]?.token ?? "", "sign_ups")).toBe("ticket_expired_code");
});

test("a lever that is pulled with nonsense, or by a page without an origin, moves nothing", async () => {
  const pull = async (path: string, body: string, headers = {}) => {
    const url = `${clerk.url}/__clerk/dev${path}`;
    const response = await fetch(url, { method: "POST", body, headers });
    return [response.status, (await response.json()).errors[0].code];
  };
  for (const path of ["/settings", "/clock/advance", "/users", "/faults", "/webhooks/dials"]) {
    expect([path, ...(await pull(path, "{"))]).toEqual([path, 400, "request_body_invalid"]);
  }
  for (const [path, body] of [
    ["/settings", '{"signUp":"closed"}'],
    ["/settings", '{"colour":"red"}'],
    ["/clock/advance", '{"ms":-1}'],
    ["/users", '{"emailAddress":"x"}'],
    ["/faults", '[{"api":"sql"}]'],
    ["/webhooks/dials", '{"drop":2}'],
    ["/payments", '{"userId":"user_none","event":"stolen"}'],
  ] as const) {
    const expected = [path, 422, "form_param_format_invalid"];
    expect([path, ...(await pull(path, body))]).toEqual(expected);
  }
  expect(await pull("/reset", "{}", { origin: "null" })).toEqual([403, "origin_invalid"]);
  const settings = { "x-local-clerk-settings": "{" };
  const page = await browser.request("GET", "/environment", undefined, settings);
  expect([page.status, (await page.json()).errors[0].code]).toEqual([400, "request_body_invalid"]);
});
