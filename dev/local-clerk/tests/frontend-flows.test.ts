// The flows of the Frontend API beyond a code and a password, each with its failures; that answers have
// the published shapes is seen to by the contract watch.

import { expect } from "vitest";
import { amara, ines, kofi } from "../testing/seeded";
import { test } from "../testing/test";

test("another address: added, verified, made primary; the old one goes, the last one stays", async ({
  site,
  browser,
}) => {
  await browser.signIn(kofi.email);
  const base = "/me/email_addresses";
  const { body } = await browser.post(base, { email_address: "new@example.org" });
  const { id } = body.response;
  await browser.post(`${base}/${id}/prepare_verification`, { strategy: "email_code" });
  const code = await site.newestCode("new@example.org");
  await browser.post(`${base}/${id}/attempt_verification`, { code });
  await browser.get(`${base}/${id}`);
  await browser.patch("/me", { primary_email_address_id: id });
  const [old] = (await browser.get(base)).body;
  await browser.delete(`${base}/${old.id}`);
  const last = await browser.delete(`${base}/${id}`);
  expect(last.body.errors[0].code).toBe("identification_deletion_failed");
  const taken = await browser.post(base, { email_address: amara.email });
  expect(taken.body.errors[0].code).toBe("form_identifier_exists");
});

test("too many wrong passwords lock the account for a while", async ({ control, browser }) => {
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

test("restricted, waitlist, block list, legal consent", async ({ control, backend, browser }) => {
  const form = { email_address: "x@example.com", password: "correct-horse-77" };
  const codeOf = async () => (await browser.post("/client/sign_ups", form)).body.errors[0].code;
  await control.settings.set({ signUp: "restricted" });
  expect(await codeOf()).toBe("sign_up_mode_restricted");
  await control.settings.set({ signUp: "waitlist" });
  expect(await codeOf()).toBe("sign_up_restricted_waitlist");
  const { body } = await browser.post("/waitlist", { email_address: "x@example.com" });
  expect(body.id).toMatch(/^wle_/);
  await control.settings.set({ signUp: "public", hasBlocklist: true });
  await backend.blocklistIdentifiers.createBlocklistIdentifier({ identifier: "*@example.com" });
  expect(await codeOf()).toBe("not_allowed_access");
  await control.settings.set({ hasBlocklist: false, hasLegalConsent: true });
  const asked = await browser.post("/client/sign_ups", form);
  expect(asked.body.response.missing_fields).toEqual(["legal_accepted"]);
  const path = `/client/sign_ups/${asked.body.response.id}`;
  const agreed = await browser.patch(path, { legal_accepted: "true" });
  expect(agreed.body.response.missing_fields).toEqual([]);
});

test("acting for somebody: the token says who is behind it, and leaves no trace in their record", async ({
  backend,
  browser,
}) => {
  const actor = { sub: ines.id };
  const userId = kofi.id;
  const { token } = await backend.actorTokens.create({ userId, actor, expiresInSeconds: 60 });
  const { body } = await browser.post("/client/sign_ins", {
    strategy: "ticket",
    ticket: token ?? "",
  });
  const [session] = body.client.sessions;
  expect(session.actor).toEqual(actor);
  const [, payload = ""] = session.last_active_token.jwt.split(".");
  expect(JSON.parse(Buffer.from(payload, "base64url").toString()).act).toEqual(actor);
  expect((await backend.users.getUser(userId)).lastSignInAt).toBeNull();
});

test("beside whoever acts for somebody nobody else is signed in", async ({ backend, browser }) => {
  const actor = { sub: ines.id };
  const userId = kofi.id;
  const { token } = await backend.actorTokens.create({ userId, actor, expiresInSeconds: 60 });
  await browser.post("/client/sign_ins", { strategy: "ticket", ticket: token ?? "" });
  const refused = await browser.signIn(amara.email);
  expect([refused.status, refused.code]).toEqual([409, "session_creation_not_allowed"]);
  expect(refused.body.meta.client.sessions).toHaveLength(1);
});
