// Calls every operation of the Backend API at least once, through Clerk's SDK where the SDK has the operation. The contract watch
// checks that each response has the published shape.

import { expect } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { derivedId } from "../ids";
import { decodeUnverified } from "../testing/claims";
import { ines, kofi, meiLin, northwind, tomasz } from "../testing/seeded";
import { sharedTest as test } from "../testing/test";

const png = () =>
  new File([Buffer.from("89504e470d0a1a0a", "hex")], "a.png", { type: "image/png" });

test("every Backend API operation on a user succeeds with the published response shape", async ({
  site,
  clerk,
  backend,
}) => {
  const { users } = backend;
  expect((await users.lockUser(kofi.id)).locked).toBe(true);
  expect((await users.unlockUser(kofi.id)).locked).toBe(false);
  expect((await users.unbanUser(kofi.id)).banned).toBe(false);
  expect((await users.getUser(kofi.id)).firstName).toBe("Kofi");
  expect(
    (await site.callBackend("POST", "/users/ban", { user_ids: [kofi.id] })).body[0].banned,
  ).toBe(true);
  expect(
    (await site.callBackend("POST", "/users/unban", { user_ids: [kofi.id] })).body[0].banned,
  ).toBe(false);
  const verified = await users.verifyPassword({ userId: kofi.id, password: clerk.password });
  expect(verified).toEqual({ verified: true });
  await expect(users.verifyPassword({ userId: kofi.id, password: "no" })).rejects.toMatchObject({
    status: 422,
    errors: [{ code: "incorrect_password" }],
  });
  await site.callBackend("PUT", `/users/${kofi.id}/metadata`, { public_metadata: { a: 1 } });
  const pictured = await users.updateUserProfileImage(kofi.id, { file: png() });
  expect(pictured.hasImage).toBe(true);
  const picture = await fetch(pictured.imageUrl.replace(/^.*\/__clerk/, `${clerk.url}/fapi`));
  expect(picture.headers.get("content-type")).toBe("image/png");
  expect((await users.deleteUserProfileImage(kofi.id)).hasImage).toBe(false);
  expect((await users.getUserOauthAccessToken(kofi.id, "google")).data).toEqual([]);
  const missing = await site.callBackend("DELETE", `/users/${kofi.id}/external_accounts/eac_1`);
  expect(missing.body.errors[0].code).toBe("resource_not_found");
  for (const factor of ["totp", "backup_code", "mfa"]) {
    expect((await site.callBackend("DELETE", `/users/${kofi.id}/${factor}`)).body).toEqual({
      user_id: kofi.id,
    });
  }
  expect(totpCode("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59_000)).toBe("287082");
  const totp = await site.callBackend("POST", `/users/${kofi.id}/verify_totp`, { code: "000000" });
  expect(totp.body.errors[0].code).toBe("totp_disabled");
  const without = await site.callBackend("POST", `/users/${kofi.id}/remove_password`, {});
  expect(without.body.password_enabled).toBe(false);
  await users.updateUser(kofi.id, { password: clerk.password, skipPasswordChecks: true });
});

test("every Backend API operation on email addresses and phone numbers succeeds with the published response shape", async ({
  backend,
}) => {
  const { emailAddresses, phoneNumbers } = backend;
  const made = { userId: kofi.id, emailAddress: "kofi@second.example", verified: true };
  const email = await emailAddresses.createEmailAddress(made);
  expect((await emailAddresses.getEmailAddress(email.id)).verification?.strategy).toBe("admin");
  await emailAddresses.updateEmailAddress(email.id, { primary: true });
  await emailAddresses.deleteEmailAddress(email.id);
  const number = { userId: kofi.id, phoneNumber: "+447700900123", verified: true };
  const phone = await phoneNumbers.createPhoneNumber(number);
  expect((await phoneNumbers.getPhoneNumber(phone.id)).phoneNumber).toBe("+447700900123");
  await phoneNumbers.updatePhoneNumber(phone.id, { primary: true });
  await phoneNumbers.deletePhoneNumber(phone.id);
  await expect(emailAddresses.createEmailAddress(made)).resolves.toBeTruthy();
  await expect(emailAddresses.createEmailAddress(made)).rejects.toMatchObject({
    errors: [{ code: "form_identifier_exists" }],
  });
});

test("every Backend API operation on invitations and the waitlist succeeds with the published response shape", async ({
  control,
  backend,
}) => {
  const { invitations, waitlistEntries } = backend;
  const made = await invitations.createInvitation({ emailAddress: "guest@example.com" });
  const mail = await control.outbox.latest("guest@example.com");
  expect(mail?.link).toBe(made.url);
  await invitations.createInvitationBulk([{ emailAddress: "two@example.com" }]);
  expect((await invitations.getInvitationList({ query: "guest" })).totalCount).toBe(1);
  expect((await invitations.revokeInvitation(made.id)).status).toBe("revoked");
  await expect(invitations.createInvitation({ emailAddress: kofi.email })).rejects.toMatchObject({
    errors: [{ code: "form_identifier_exists" }],
  });
  const entry = await waitlistEntries.create({ emailAddress: "waits@example.com" });
  await waitlistEntries.createBulk([{ emailAddress: "waits2@example.com" }]);
  expect((await waitlistEntries.invite(entry.id)).status).toBe("invited");
  expect((await waitlistEntries.list()).totalCount).toBe(2);
  expect((await waitlistEntries.reject(entry.id)).status).toBe("rejected");
  await waitlistEntries.delete(entry.id);
});

test("every Backend API operation on organizations, their invitations and domains succeeds with the published response shape", async ({
  site,
  backend,
}) => {
  const { organizations } = backend;
  await organizations.updateOrganization(northwind.id, { name: "Northwind Books" });
  await organizations.updateOrganizationMetadata(northwind.id, { publicMetadata: { a: 1 } });
  await site.callBackend("PUT", `/organizations/${northwind.id}/metadata`, {
    public_metadata: { b: 2 },
  });
  const logo = await organizations.updateOrganizationLogo(northwind.id, { file: png() });
  expect(logo.hasImage).toBe(true);
  await organizations.deleteOrganizationLogo(northwind.id);
  const member = {
    organizationId: northwind.id,
    userId: meiLin.id,
  };
  await organizations.updateOrganizationMembershipMetadata({ ...member, publicMetadata: { x: 1 } });
  const invitation = {
    organizationId: northwind.id,
    emailAddress: "new@example.com",
    role: "org:member",
  };
  const made = await organizations.createOrganizationInvitation(invitation);
  await expect(organizations.createOrganizationInvitation(invitation)).rejects.toMatchObject({
    errors: [{ code: "duplicate_record" }],
  });
  const more = [{ emailAddress: "more@example.com", role: "org:member" }];
  await organizations.createOrganizationInvitationBulk(northwind.id, more);
  const list = { organizationId: northwind.id, status: ["pending" as const] };
  expect((await organizations.getOrganizationInvitationList(list)).totalCount).toBe(2);
  const id = { organizationId: northwind.id, invitationId: made.id };
  expect((await organizations.getOrganizationInvitation(id)).emailAddress).toBe("new@example.com");
  await site.callBackend("GET", `/organizations/${northwind.id}/invitations/pending`);
  await organizations.revokeOrganizationInvitation({ ...id, requestingUserId: kofi.id });
  expect(
    (await site.callBackend("GET", "/organization_invitations?status=revoked")).body.total_count,
  ).toBe(1);
  await backend.users.getOrganizationInvitationList({ userId: kofi.id });
  const domain = await organizations.createOrganizationDomain({
    organizationId: northwind.id,
    name: "example.com",
    enrollmentMode: "automatic_suggestion",
    verified: true,
  });
  const named = { organizationId: northwind.id, domainId: domain.id };
  await organizations.updateOrganizationDomain({ ...named, verified: false });
  await site.callBackend(
    "POST",
    `/organizations/${northwind.id}/domains/${domain.id}/verify_ownership`,
  );
  const domains = await organizations.getOrganizationDomainList({ organizationId: northwind.id });
  expect(domains.totalCount).toBe(1);
  const whole = await site.callBackend("GET", "/organization_domains?query=example");
  expect(whole.body.data).toMatchObject([{ id: domain.id, total_pending_suggestions: 4 }]);
  await organizations.deleteOrganizationDomain(named);
});

test("every operation on roles and permissions succeeds with the published response shape, and session tokens contain the permissions", async ({
  site,
  backend,
}) => {
  const permission = { name: "Read invoices", key: "org:invoices:read", description: "" };
  const made = await site.callBackend("POST", "/organization_permissions", permission);
  expect(made.status).toBe(200);
  await site.callBackend("GET", `/organization_permissions/${made.body.id}`);
  await site.callBackend("PATCH", `/organization_permissions/${made.body.id}`, {
    name: "See invoices",
  });
  expect(
    (await site.callBackend("GET", "/organization_permissions?limit=50")).body.total_count,
  ).toBe(9);
  const role = { name: "Bookkeeper", key: "org:bookkeeper", description: "Keeps the books" };
  const { body } = await site.callBackend("POST", "/organization_roles", role);
  await site.callBackend("GET", `/organization_roles/${body.id}`);
  await site.callBackend("PATCH", `/organization_roles/${body.id}`, { name: "Bookkeeping" });
  await site.callBackend("POST", `/organization_roles/${body.id}/permissions/${made.body.id}`);
  expect((await site.callBackend("GET", "/organization_roles?query=book")).body.total_count).toBe(
    1,
  );
  const userId = tomasz.id;
  const where = { organizationId: northwind.id, userId };
  await backend.organizations.updateOrganizationMembership({ ...where, role: "org:bookkeeper" });
  const held = await site.callBackend("DELETE", `/organization_roles/${body.id}`);
  expect(held.body.errors[0].code).toBe("organization_role_assigned_members");
  const { token } = await backend.signInTokens.createSignInToken({ userId, expiresInSeconds: 60 });
  const browser = site.newBrowser();
  const signed = await browser.fetch("POST", "/client/sign_ins", {
    strategy: "ticket",
    ticket: token,
  });
  const id = (await signed.json()).response.created_session_id;
  await browser.fetch("POST", `/client/sessions/${id}/touch`, {
    active_organization_id: northwind.id,
  });
  const { jwt } = await backend.sessions.getToken(id);
  const claims = decodeUnverified(jwt);
  expect(claims).toMatchObject({
    fea: "o:invoices",
    o: { rol: "bookkeeper", per: "read", fpm: "1" },
  });
  await backend.organizations.updateOrganizationMembership({ ...where, role: "org:member" });
  await site.callBackend("DELETE", `/organization_roles/${body.id}/permissions/${made.body.id}`);
  await site.callBackend("DELETE", `/organization_roles/${body.id}`);
  expect(
    (await site.callBackend("DELETE", `/organization_permissions/${made.body.id}`)).body.deleted,
  ).toBe(true);
  const admin = derivedId("role", "org:admin");
  expect((await site.callBackend("DELETE", `/organization_roles/${admin}`)).status).toBe(422);
});

test("every Backend API operation on sessions, JWT templates and tickets succeeds with the published response shape", async ({
  backend,
}) => {
  const session = await backend.sessions.createSession({ userId: kofi.id });
  expect((await backend.sessions.getSession(session.id)).status).toBe("active");
  expect((await backend.clients.getClient(session.clientId)).sessionIds).toEqual([session.id]);
  const template = await backend.jwtTemplates.create({
    name: "hasura",
    claims: { who: "{{user.id}}", greeting: "Hello {{user.first_name}}", none: "{{org.id}}" },
    lifetime: 120,
  });
  await backend.jwtTemplates.update({
    templateId: template.id,
    name: "hasura",
    claims: template.claims,
  });
  expect((await backend.jwtTemplates.get(template.id)).name).toBe("hasura");
  expect((await backend.jwtTemplates.list()).totalCount).toBe(1);
  const { jwt } = await backend.sessions.getToken(session.id, "hasura");
  const claims = decodeUnverified(jwt);
  expect(claims).toMatchObject({ who: kofi.id, greeting: "Hello Kofi", none: null, sub: kofi.id });
  await backend.jwtTemplates.delete(template.id);
  const actor = { sub: ines.id };
  const acting = await backend.actorTokens.create({ userId: kofi.id, actor, expiresInSeconds: 60 });
  expect((await backend.actorTokens.revoke(acting.id)).status).toBe("revoked");
  const ticket = await backend.signInTokens.createSignInToken({
    userId: kofi.id,
    expiresInSeconds: 60,
  });
  expect((await backend.signInTokens.revokeSignInToken(ticket.id)).status).toBe("revoked");
  expect((await backend.testingTokens.createTestingToken()).token).toEqual(expect.any(String));
  await backend.sessions.revokeSession(session.id);
});

test("every Backend API operation on the instance, its restrictions and its webhooks succeeds with the published response shape", async ({
  site,
  backend,
}) => {
  expect((await backend.instance.get()).id).toMatch(/^ins_/);
  await backend.instance.updateRestrictions({ blocklist: true });
  await site.callBackend("GET", "/instance/organization_settings");
  await backend.instance.updateOrganizationSettings({ maxAllowedMemberships: 60 });
  await backend.instance.updateRestrictions({ blocklist: false });
  const blocked = await backend.blocklistIdentifiers.createBlocklistIdentifier({
    identifier: "a@b.c",
  });
  expect((await backend.blocklistIdentifiers.getBlocklistIdentifierList()).totalCount).toBe(1);
  await backend.blocklistIdentifiers.deleteBlocklistIdentifier(blocked.id);
  const allowed = await backend.allowlistIdentifiers.createAllowlistIdentifier({
    identifier: "*@example.com",
    notify: false,
  });
  await site.callBackend("GET", "/allowlist_identifiers");
  await backend.allowlistIdentifiers.deleteAllowlistIdentifier(allowed.id);
  const url = await backend.redirectUrls.createRedirectUrl({ url: "https://example.com/back" });
  expect((await backend.redirectUrls.getRedirectUrl(url.id)).url).toBe("https://example.com/back");
  await site.callBackend("GET", "/redirect_urls");
  await backend.redirectUrls.deleteRedirectUrl(url.id);
  expect((await backend.domains.list()).totalCount).toBe(1);
  expect((await backend.webhooks.createSvixApp()).svix_url).toContain("/__clerk/dev");
  expect((await backend.webhooks.generateSvixAuthURL()).svix_url).toContain("/__clerk/dev");
  expect((await site.callBackend("GET", "/jwks")).body.keys).toHaveLength(1);
});
