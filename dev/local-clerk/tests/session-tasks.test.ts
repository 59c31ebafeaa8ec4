// Session tasks: what a user must do before a session becomes active.

import { expect } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { decodeUnverified } from "../testing/claims";
import { openGenuineClient } from "../testing/genuine-client";
import { amara, ines, kofi, northwind } from "../testing/seeded";
import { test } from "../testing/test";

test("with a required organization, a session and its token are pending until the user has joined and chosen an organization", async ({
  site,
  control,
  backend,
  browser,
}) => {
  await control.settings.set({ needsOrganization: true });
  const { body } = await browser.signIn(kofi.email);
  const path = `/client/sessions/${body.response.created_session_id}`;
  const session = (await browser.get(path)).body.response;
  expect(session).toMatchObject({ status: "pending", tasks: [{ key: "choose-organization" }] });
  const status = async () => {
    const { jwt } = (await browser.post(`${path}/tokens`)).body;
    return decodeUnverified(jwt).sts;
  };
  expect(await status()).toBe("pending");
  const membership = { organizationId: northwind.id, userId: kofi.id, role: "org:member" };
  await backend.organizations.createOrganizationMembership(membership);
  const organization = { active_organization_id: northwind.id };
  const chosen = await browser.post(`${path}/touch`, organization);
  expect(chosen.body.response).toMatchObject({ status: "active", tasks: null });
  expect(await status()).toBe("active");
  const types = site.eventTypes;
  // Clerk emits session.created only once the session is active.
  expect(types.indexOf("session.pending")).toBeLessThan(types.indexOf("session.created"));
  expect(types).toContain("session.pending");
});

test("with a required second factor, a session is pending until the user has set one up", async ({
  site,
  clerk,
  clock,
  control,
}) => {
  await control.settings.set({ needsSecondFactor: true });
  const page = await openGenuineClient(site);
  await page.signIn(amara.email, clerk.password);
  const { session } = page.clerk;
  expect(session?.status).toBe("pending");
  expect(session?.currentTask).toMatchObject({ key: "setup-mfa" });
  const { secret } = (await page.clerk.client?.sessions[0]?.user?.createTOTP()) ?? {};
  const code = totpCode(secret ?? "", clock.now());
  await page.clerk.client?.sessions[0]?.user?.verifyTOTP({ code });
  const [active] = page.clerk.client?.sessions ?? [];
  expect([active?.status, active?.currentTask]).toEqual(["active", undefined]);
  const { body } = await site.newBrowser().get("/environment");
  expect(body.user_settings.sign_in.second_factor.required).toBe(true);
  expect(body.user_settings.attributes.authenticator_app.enabled).toBe(true);
});

test("a user with a compromised password signs in to a pending session, which becomes active with a new password and without the old password", async ({
  site,
  backend,
  browser,
}) => {
  const earlier = await site.signedIn(kofi.email);
  const path = `/users/${kofi.id}/password`;
  const body = { revoke_all_sessions: true };
  expect((await site.callBackend("POST", `${path}/set_compromised`, body)).status).toBe(200);
  expect((await earlier.get("/me")).status).toBe(401);
  const signedIn = await browser.signIn(kofi.email);
  const [session] = signedIn.body.client.sessions;
  expect(session).toMatchObject({ status: "pending", tasks: [{ key: "reset-password" }] });
  const short = await browser.post("/me/change_password", { new_password: "short" });
  expect(short.code).toBe("form_password_length_too_short");
  const changed = await browser.post("/me/change_password", { new_password: "another-Harbour-52" });
  expect(changed.body.client.sessions[0]).toMatchObject({ status: "active", tasks: null });
  const next = (await site.newBrowser().signIn(kofi.email, "another-Harbour-52")).body;
  expect(next.client.sessions[0].status).toBe("active");
  expect((await backend.users.getUser(kofi.id)).passwordEnabled).toBe(true);
});

test("several session tasks are in Clerk's order; unsetting compromised removes its task; a user without a password cannot be set compromised", async ({
  site,
  control,
  backend,
}) => {
  const set = (what: string) =>
    site.callBackend("POST", `/users/${kofi.id}/password/${what}_compromised`, {});
  await set("set");
  const tasks = async () =>
    (await site.newBrowser().signIn(kofi.email)).body.client.sessions[0].tasks;
  await control.settings.set({ needsSecondFactor: true, needsOrganization: true });
  expect(await tasks()).toEqual([
    { key: "choose-organization" },
    { key: "reset-password" },
    { key: "setup-mfa" },
  ]);
  await control.settings.set({ needsSecondFactor: false, needsOrganization: false });
  expect((await set("unset")).status).toBe(200);
  expect(await tasks()).toBeNull();
  const { id } = await backend.users.createUser({
    emailAddress: ["none@example.com"],
    skipPasswordRequirement: true,
  });
  const refused = await site.callBackend("POST", `/users/${id}/password/set_compromised`, {});
  expect([refused.status, refused.code]).toEqual([400, "no_password_set"]);
});

test("an impersonated session is active immediately, even if the user would have a session task", async ({
  control,
  backend,
  browser,
}) => {
  await control.settings.set({ needsSecondFactor: true });
  const actor = { sub: ines.id };
  const given = { userId: kofi.id, actor, expiresInSeconds: 60 };
  const { token } = await backend.actorTokens.create(given);
  const form = { strategy: "ticket", ticket: token ?? "" };
  const { body } = await browser.post("/client/sign_ins", form);
  expect(body.client.sessions[0]).toMatchObject({ status: "active", actor });
});
