// The operations of the Frontend API that no story asks for, each at least once, so that the contract
// watch sees them answer.

import { afterAll, beforeAll, expect, test } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import { Browser, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
const freya = "freya.lindqvist@example.com";
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let browser: Browser;

beforeAll(async () => {
  ({ clerk, receiver, close } = await openSite());
  browser = new Browser(clerk, receiver.url);
});
afterAll(() => close());

const answer = (method: string, path: string, form?: Record<string, string>, by = browser) =>
  by.answer(method, path, form);

/** A picture as the browser sends it: a form with a file. */
async function upload(method: "POST" | "PUT", path: string, session: string) {
  const body = new FormData();
  body.set("file", new File([Buffer.from("89504e47", "hex")], "a.png", { type: "image/png" }));
  const search = `_method=${method}&_clerk_session_id=${session}`;
  const response = await fetch(`${clerk.url}/fapi/v1${path}?${search}`, {
    method: "POST",
    headers: { origin: receiver.url, cookie: `__client=${browser.cookie("__client")}` },
    body,
  });
  return response.json();
}

async function backend(path: string, body: object) {
  const response = await fetch(`${clerk.env.CLERK_API_URL}/v1${path}`, {
    method: "POST",
    headers: { authorization: `Bearer ${clerk.keys.secretKey}` },
    body: JSON.stringify(body),
  });
  return response.json();
}

async function code(email: string) {
  return (await controlClient(clerk.url).outbox.latest(email))?.code ?? "";
}

test("the browser: made, asked, a password reset by mail, its sessions ended", async () => {
  expect((await answer("GET", "/environment")).status).toBe(200);
  expect((await answer("GET", "/health")).body).toEqual({ status: "healthy" });
  const jwks = await fetch(`${clerk.url}/fapi/.well-known/jwks.json`);
  expect((await jwks.json()).keys).toHaveLength(1);
  expect((await answer("GET", "/client")).body.response).toBeNull();
  await answer("POST", "/client");
  await answer("PUT", "/client");
  expect((await answer("GET", "/client")).body.response.object).toBe("client");
  const { body } = await answer("POST", "/client/sign_ins", { identifier: kofi });
  const path = `/client/sign_ins/${body.response.id}`;
  const [, , reset] = body.response.supported_first_factors;
  await answer("POST", `${path}/prepare_first_factor`, {
    strategy: "reset_password_email_code",
    email_address_id: reset.email_address_id,
  });
  const factor = { strategy: "reset_password_email_code", code: await code(kofi) };
  const asked = await answer("POST", `${path}/attempt_first_factor`, factor);
  expect(asked.body.response.status).toBe("needs_new_password");
  const weak = await answer("POST", `${path}/reset_password`, { password: "short-1" });
  expect(weak.body.errors[0].code).toBe("form_password_length_too_short");
  const done = await answer("POST", `${path}/reset_password`, { password: "a-new-Harbour-42" });
  const session = `/client/sessions/${done.body.response.created_session_id}`;
  await answer("GET", session);
  const template = await backend("/jwt_templates", { name: "mine", claims: { me: "{{user.id}}" } });
  expect(template.name).toBe("mine");
  const minted = await answer("POST", `${session}/tokens/mine`);
  expect(minted.body.jwt).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect((await answer("POST", `${session}/tokens/none`)).status).toBe(404);
  await answer("POST", `${session}/end`);
  const second = await answer("POST", "/client/sign_ins", {
    identifier: kofi,
    password: "a-new-Harbour-42",
  });
  await answer("POST", `/client/sessions/${second.body.response.created_session_id}/remove`);
  expect((await answer("DELETE", "/client")).status).toBe(200);
  const started = await answer("POST", "/client/sign_ups", { email_address: "s@example.com" });
  expect((await answer("GET", `/client/sign_ups/${started.body.response.id}`)).status).toBe(200);
});

test("oneself: devices, password, picture, second factor, organizations; and gone", async () => {
  const signIn = { identifier: freya, password: clerk.password };
  const first = await answer("POST", "/client/sign_ins", signIn);
  const own = first.body.response.created_session_id;
  const elsewhere = new Browser(clerk, receiver.url);
  const other = await answer("POST", "/client/sign_ins", signIn, elsewhere);
  expect((await answer("GET", "/me/sessions")).body).toHaveLength(2);
  expect((await answer("GET", "/me/sessions/active")).body).toHaveLength(2);
  const revoked = await answer(
    "POST",
    `/me/sessions/${other.body.response.created_session_id}/revoke`,
  );
  expect(revoked.body.response.status).toBe("revoked");
  const wrong = { current_password: "no", new_password: "a-new-Harbour-43" };
  const refused = await answer("POST", "/me/change_password", wrong);
  expect(refused.body.errors[0].meta.param_name).toBe("current_password");
  const right = { ...wrong, current_password: clerk.password };
  expect((await answer("POST", "/me/change_password", right)).status).toBe(200);
  const image = await upload("POST", "/me/profile_image", own);
  expect(image.response.public_url).toContain("/images/img_");
  await answer("DELETE", "/me/profile_image");
  const totp = await answer("POST", "/me/totp");
  const now = totpCode(totp.body.response.secret, Date.now());
  await answer("POST", "/me/totp/attempt_verification", { code: now });
  const userId = derivedId("user", freya);
  const verified = await backend(`/users/${userId}/verify_totp`, { code: now });
  expect(verified).toEqual({ verified: true, code_type: "totp" });
  const harbour = derivedId("org", "harbour-cycling-club");
  expect((await answer("DELETE", `/me/organization_memberships/${harbour}`)).status).toBe(200);
  for (const current_password of ["not-the-password", ""]) {
    const kept = await answer("POST", "/me/remove_password", { current_password });
    expect([kept.status, kept.code]).toEqual([422, "form_password_incorrect"]);
  }
  const removal = { current_password: right.new_password };
  const removed = await answer("POST", "/me/remove_password", removal);
  expect(removed.body.response.password_enabled).toBe(false);
  expect((await answer("POST", "/me/remove_password", removal)).code).toBe("no_password_set");
  expect((await answer("DELETE", "/me")).body.response.deleted).toBe(true);
});

test("an organization: made, changed, pictured, members, invitations, deleted", async () => {
  const signIn = { identifier: "ines.duarte@example.com", password: clerk.password };
  const { body: signed } = await answer("POST", "/client/sign_ins", signIn);
  const made = await answer("POST", "/organizations", { name: "Tide Tables" });
  const base = `/organizations/${made.body.response.id}`;
  await answer("GET", base);
  const taken = await answer("PATCH", base, { slug: "northwind-press" });
  expect(taken.body.errors[0].code).toBe("form_identifier_exists");
  await answer("PATCH", base, { name: "Tide and Time" });
  const logo = await upload("PUT", `${base}/logo`, signed.response.created_session_id);
  expect(logo.response.has_image).toBe(true);
  await answer("DELETE", `${base}/logo`);
  const member = derivedId("user", kofi);
  await answer("POST", `${base}/memberships`, { user_id: member, role: "org:member" });
  await answer("PATCH", `${base}/memberships/${member}`, { role: "org:admin" });
  await answer("GET", `${base}/memberships?paginated=true`);
  await answer("DELETE", `${base}/memberships/${member}`);
  await answer("GET", `${base}/roles`);
  await answer("GET", `${base}/domains`);
  await answer("GET", `${base}/invitations`);
  await answer("GET", `${base}/membership_requests`);
  expect((await answer("DELETE", base)).body.response.deleted).toBe(true);
});
