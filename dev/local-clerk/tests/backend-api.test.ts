// The Backend API through Clerk's server SDK: users, organizations, sessions and tokens.

import { expect } from "vitest";
import { freya, ines, kofi, meiLin } from "../testing/seeded";
import { backendClient } from "../testing/site";
import { test } from "../testing/test";

test("users are listed newest first, and can be paged, counted, filtered and searched", async ({
  backend,
}) => {
  const { data, totalCount } = await backend.users.getUserList({ limit: 2, offset: 1 });
  expect(totalCount).toBe(7);
  expect(data.map((user) => user.firstName)).toEqual(["Freya", "Yusuf"]);
  const byName = await backend.users.getUserList({ orderBy: "+first_name", limit: 1 });
  expect(byName.data[0]?.firstName).toBe("Amara");
  const byMail = await backend.users.getUserList({ emailAddress: [kofi.email] });
  expect(byMail.data.map((user) => user.id)).toEqual([kofi.id]);
  expect((await backend.users.getUserList({ query: "CHEN" })).totalCount).toBe(1);
  const ids = byMail.data.map((user) => user.id);
  expect((await backend.users.getUserList({ userId: ids })).totalCount).toBe(1);
  await expect(backend.users.getUserList({ web3Wallet: ["1"] })).rejects.toMatchObject({
    status: 501,
  });
});

test("a user can be created, updated, banned and deleted, and metadata is merged", async ({
  site,
  backend,
}) => {
  const created = await backend.users.createUser({
    emailAddress: ["new@example.com"],
    firstName: "New",
    password: "long-enough-1",
    publicMetadata: { plan: { name: "free", seats: 1 } },
  });
  expect(created.primaryEmailAddress?.verification?.status).toBe("verified");
  const merged = await backend.users.updateUserMetadata(created.id, {
    publicMetadata: { plan: { seats: 2, name: null } },
  });
  expect(merged.publicMetadata).toEqual({ plan: { seats: 2 } });
  const renamed = await backend.users.updateUser(created.id, { lastName: "Person" });
  expect(renamed.fullName).toBe("New Person");
  expect(renamed.updatedAt).toBeGreaterThan(merged.updatedAt);
  expect((await backend.users.banUser(created.id)).banned).toBe(true);
  const browser = site.newBrowser();
  const form = { identifier: "new@example.com", password: "long-enough-1" };
  const refused = await browser.fetch("POST", "/client/sign_ins", form);
  expect((await refused.json()).errors[0].code).toBe("user_banned");
  await backend.users.deleteUser(created.id);
  await expect(backend.users.getUser(created.id)).rejects.toMatchObject({
    status: 404,
    errors: [{ code: "resource_not_found" }],
  });
  const taken = { emailAddress: [ines.email] };
  await expect(backend.users.createUser(taken)).rejects.toMatchObject({
    status: 422,
    errors: [{ code: "form_identifier_exists" }],
  });
});

test("organizations and memberships can be created, listed, updated and deleted", async ({
  backend,
}) => {
  const userId = kofi.id;
  const made = await backend.organizations.createOrganization({
    name: "Acme Été",
    createdBy: userId,
  });
  expect(made.slug).toBe("acme-e-te");
  const [own] = (await backend.users.getOrganizationMembershipList({ userId })).data;
  expect([own?.role, own?.organization.id]).toEqual(["org:admin", made.id]);
  const other = freya.id;
  const joined = { organizationId: made.id, userId: other };
  await backend.organizations.createOrganizationMembership({ ...joined, role: "org:member" });
  await backend.organizations.updateOrganizationMembership({ ...joined, role: "org:admin" });
  const list = await backend.organizations.getOrganizationMembershipList({
    organizationId: made.id,
    userId: [other],
  });
  expect(list.data[0]?.role).toBe("org:admin");
  await backend.organizations.deleteOrganizationMembership(joined);
  const whole = await backend.organizations.getInstanceOrganizationMembershipList({ limit: 100 });
  expect(whole.totalCount).toBe(7);
  const found = await backend.organizations.getOrganization({ slug: made.slug ?? "" });
  expect(found.id).toBe(made.id);
  await backend.organizations.deleteOrganization(made.id);
  expect((await backend.organizations.getOrganizationList()).totalCount).toBe(2);
});

test("a sign-in token creates a session once, and the session can be listed and revoked", async ({
  site,
  backend,
}) => {
  const userId = meiLin.id;
  const { token } = await backend.signInTokens.createSignInToken({ userId, expiresInSeconds: 60 });
  const browser = site.newBrowser();
  const form = { strategy: "ticket", ticket: token };
  const signed = await (await browser.fetch("POST", "/client/sign_ins", form)).json();
  const sessionId = signed.response.created_session_id;
  expect((await backend.sessions.getSessionList({ userId })).data.map((each) => each.id)).toEqual([
    sessionId,
  ]);
  expect((await backend.sessions.revokeSession(sessionId)).status).toBe("revoked");
  const me = await browser.fetch("GET", "/me");
  expect(me.status).toBe(401);
  const again = await (await browser.fetch("POST", "/client/sign_ins", form)).json();
  expect(again.errors[0].code).toBe("sign_in_token_already_used_code");
});

test("a wrong secret key is refused with Clerk's error, and an operation that is not implemented returns 501", async ({
  clerk,
  backend,
}) => {
  await expect(backendClient(clerk, "sk_live_wrong").users.getCount()).rejects.toMatchObject({
    status: 401,
    errors: [{ code: "clerk_key_invalid" }],
  });
  await expect(backend.billing.getPlanList()).rejects.toMatchObject({
    status: 501,
    errors: [{ code: "not_implemented_locally" }],
  });
});

test("the SDK verifies a session token with the published keys and with the PEM key", async ({
  site,
  clerk,
  backend,
}) => {
  const browser = site.newBrowser();
  const form = { identifier: ines.email, password: clerk.password };
  const signed = await (await browser.fetch("POST", "/client/sign_ins", form)).json();
  const path = `/client/sessions/${signed.response.created_session_id}/tokens`;
  const { jwt } = await (await browser.fetch("POST", path)).json();
  const request = new Request(site.appUrl, { headers: { authorization: `Bearer ${jwt}` } });
  for (const options of [{}, { jwtKey: clerk.keys.jwtKey }]) {
    const state = await backend.authenticateRequest(request, options);
    expect(state.toAuth()).toMatchObject({
      userId: ines.id,
    });
  }
});
