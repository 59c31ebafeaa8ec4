// Calls each operation of the Frontend API that no other test calls, so that the contract watch checks its response.

import { expect } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { freya, harbour, ines, kofi } from "../testing/seeded";
import { sharedTest as test } from "../testing/test";

const png = new File([Buffer.from("89504e47", "hex")], "a.png", { type: "image/png" });

test("every Frontend API operation on the client, a password reset and sessions succeeds with the published response shape", async ({
  site,
  clerk,
  browser,
}) => {
  expect((await browser.get("/environment")).status).toBe(200);
  expect((await browser.get("/health")).body).toEqual({ status: "healthy" });
  const jwks = await fetch(`${clerk.url}/fapi/.well-known/jwks.json`);
  expect((await jwks.json()).keys).toHaveLength(1);
  expect((await browser.get("/client")).body.response).toBeNull();
  await browser.post("/client");
  await browser.call("PUT", "/client");
  expect((await browser.get("/client")).body.response.object).toBe("client");
  const { body } = await browser.post("/client/sign_ins", { identifier: kofi.email });
  const path = `/client/sign_ins/${body.response.id}`;
  const [, , reset] = body.response.supported_first_factors;
  await browser.post(`${path}/prepare_first_factor`, {
    strategy: "reset_password_email_code",
    email_address_id: reset.email_address_id,
  });
  const factor = { strategy: "reset_password_email_code", code: await site.newestCode(kofi.email) };
  const verified = await browser.post(`${path}/attempt_first_factor`, factor);
  expect(verified.body.response.status).toBe("needs_new_password");
  const weak = await browser.post(`${path}/reset_password`, { password: "short-1" });
  expect(weak.body.errors[0].code).toBe("form_password_length_too_short");
  const done = await browser.post(`${path}/reset_password`, { password: "a-new-Harbour-42" });
  const session = `/client/sessions/${done.body.response.created_session_id}`;
  await browser.get(session);
  const template = await site
    .callBackend("POST", "/jwt_templates", { name: "mine", claims: { me: "{{user.id}}" } })
    .then(({ body }) => body);
  expect(template.name).toBe("mine");
  const minted = await browser.post(`${session}/tokens/mine`);
  expect(minted.body.jwt).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  expect((await browser.post(`${session}/tokens/none`)).status).toBe(404);
  await browser.post(`${session}/end`);
  const second = await browser.post("/client/sign_ins", {
    identifier: kofi.email,
    password: "a-new-Harbour-42",
  });
  await browser.post(`/client/sessions/${second.body.response.created_session_id}/remove`);
  expect((await browser.delete("/client")).status).toBe(200);
  const started = await browser.post("/client/sign_ups", { email_address: "s@example.com" });
  expect((await browser.get(`/client/sign_ups/${started.body.response.id}`)).status).toBe(200);
});

test("every Frontend API operation on the signed-in user, up to deletion, succeeds with the published response shape", async ({
  site,
  clerk,
  browser,
}) => {
  const signIn = { identifier: freya.email, password: clerk.password };
  const first = await browser.post("/client/sign_ins", signIn);
  const own = first.body.response.created_session_id;
  const otherBrowser = site.newBrowser();
  const other = await otherBrowser.post("/client/sign_ins", signIn);
  expect((await browser.get("/me/sessions")).body).toHaveLength(2);
  expect((await browser.get("/me/sessions/active")).body).toHaveLength(2);
  const revoked = await browser.post(
    `/me/sessions/${other.body.response.created_session_id}/revoke`,
  );
  expect(revoked.body.response.status).toBe("revoked");
  const wrong = { current_password: "no", new_password: "a-new-Harbour-43" };
  const refused = await browser.post("/me/change_password", wrong);
  expect(refused.body.errors[0].meta.param_name).toBe("current_password");
  const right = { ...wrong, current_password: clerk.password };
  expect((await browser.post("/me/change_password", right)).status).toBe(200);
  const image = await browser.upload("POST", "/me/profile_image", own, png);
  expect(image.body.response.public_url).toContain("/images/img_");
  await browser.delete("/me/profile_image");
  const totp = await browser.post("/me/totp");
  const now = totpCode(totp.body.response.secret, Date.now());
  await browser.post("/me/totp/attempt_verification", { code: now });
  const userId = freya.id;
  const verified = await site
    .callBackend("POST", `/users/${userId}/verify_totp`, { code: now })
    .then(({ body }) => body);
  expect(verified).toEqual({ verified: true, code_type: "totp" });
  expect((await browser.delete(`/me/organization_memberships/${harbour.id}`)).status).toBe(200);
  for (const current_password of ["not-the-password", ""]) {
    const kept = await browser.post("/me/remove_password", { current_password });
    expect([kept.status, kept.code]).toEqual([422, "form_password_incorrect"]);
  }
  const removal = { current_password: right.new_password };
  const removed = await browser.post("/me/remove_password", removal);
  expect(removed.body.response.password_enabled).toBe(false);
  expect((await browser.post("/me/remove_password", removal)).code).toBe("no_password_set");
  expect((await browser.delete("/me")).body.response.deleted).toBe(true);
});

test("every Frontend API operation on an organization, up to deletion, succeeds with the published response shape", async ({
  clerk,
  browser,
}) => {
  const signIn = { identifier: ines.email, password: clerk.password };
  const { body: signed } = await browser.post("/client/sign_ins", signIn);
  const made = await browser.post("/organizations", { name: "Tide Tables" });
  const base = `/organizations/${made.body.response.id}`;
  await browser.get(base);
  const taken = await browser.patch(base, { slug: "northwind-press" });
  expect(taken.body.errors[0].code).toBe("form_identifier_exists");
  await browser.patch(base, { name: "Tide and Time" });
  const logo = await browser.upload("PUT", `${base}/logo`, signed.response.created_session_id, png);
  expect(logo.body.response.has_image).toBe(true);
  await browser.delete(`${base}/logo`);
  const member = kofi.id;
  await browser.post(`${base}/memberships`, { user_id: member, role: "org:member" });
  await browser.patch(`${base}/memberships/${member}`, { role: "org:admin" });
  await browser.get(`${base}/memberships?paginated=true`);
  await browser.delete(`${base}/memberships/${member}`);
  await browser.get(`${base}/roles`);
  await browser.get(`${base}/domains`);
  await browser.get(`${base}/invitations`);
  await browser.get(`${base}/membership_requests`);
  expect((await browser.delete(base)).body.response.deleted).toBe(true);
});
