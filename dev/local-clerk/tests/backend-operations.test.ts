// Every operation of the Backend API is asked for at least once, through Clerk's own client where it has
// it; that answers have the published shapes is seen to by the contract watch.

import { afterAll, beforeAll, expect, test } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import {
  type Backend,
  Browser,
  backendOf,
  type Receiver,
  startClerkFor,
  startReceiver,
  temporaryFolder,
} from "../testing/site";

const folder = temporaryFolder();
const kofi = derivedId("user", "kofi.mensah@example.com");
const northwind = derivedId("org", "northwind-press");
const png = () =>
  new File([Buffer.from("89504e470d0a1a0a", "hex")], "a.png", { type: "image/png" });
let receiver: Receiver;
let clerk: LocalClerk;
let client: Backend;

beforeAll(async () => {
  receiver = await startReceiver();
  clerk = (await startClerkFor(receiver, folder.path)).clerk;
  client = backendOf(clerk);
});
afterAll(async () => {
  await clerk.close();
  await receiver.close();
  folder.remove();
});

async function call(method: string, path: string, body?: object) {
  const response = await fetch(`${clerk.env.CLERK_API_URL}/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${clerk.keys.secretKey}`,
      ...(body ? { "content-type": "application/json" } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: await response.json() };
}

test("what is done to a person", async () => {
  const { users } = client;
  expect((await users.lockUser(kofi)).locked).toBe(true);
  expect((await users.unlockUser(kofi)).locked).toBe(false);
  expect((await users.unbanUser(kofi)).banned).toBe(false);
  expect((await users.getUser(kofi)).firstName).toBe("Kofi");
  expect((await call("POST", "/users/ban", { user_ids: [kofi] })).body[0].banned).toBe(true);
  expect((await call("POST", "/users/unban", { user_ids: [kofi] })).body[0].banned).toBe(false);
  const verified = await users.verifyPassword({ userId: kofi, password: clerk.password });
  expect(verified).toEqual({ verified: true });
  await expect(users.verifyPassword({ userId: kofi, password: "no" })).rejects.toMatchObject({
    status: 422,
    errors: [{ code: "incorrect_password" }],
  });
  await call("PUT", `/users/${kofi}/metadata`, { public_metadata: { a: 1 } });
  const pictured = await users.updateUserProfileImage(kofi, { file: png() });
  expect(pictured.hasImage).toBe(true);
  const picture = await fetch(pictured.imageUrl.replace(/^.*\/__clerk/, `${clerk.url}/fapi`));
  expect(picture.headers.get("content-type")).toBe("image/png");
  expect((await users.deleteUserProfileImage(kofi)).hasImage).toBe(false);
  expect((await users.getUserOauthAccessToken(kofi, "google")).data).toEqual([]);
  const missing = await call("DELETE", `/users/${kofi}/external_accounts/eac_1`);
  expect(missing.body.errors[0].code).toBe("resource_not_found");
  for (const factor of ["totp", "backup_code", "mfa"]) {
    expect((await call("DELETE", `/users/${kofi}/${factor}`)).body).toEqual({ user_id: kofi });
  }
  expect(totpCode("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59_000)).toBe("287082");
  const totp = await call("POST", `/users/${kofi}/verify_totp`, { code: "000000" });
  expect(totp.body.errors[0].code).toBe("totp_disabled");
  const without = await call("POST", `/users/${kofi}/remove_password`, {});
  expect(without.body.password_enabled).toBe(false);
  await users.updateUser(kofi, { password: clerk.password, skipPasswordChecks: true });
});

test("addresses and numbers", async () => {
  const { emailAddresses, phoneNumbers } = client;
  const made = { userId: kofi, emailAddress: "kofi@second.example", verified: true };
  const email = await emailAddresses.createEmailAddress(made);
  expect((await emailAddresses.getEmailAddress(email.id)).verification?.strategy).toBe("admin");
  await emailAddresses.updateEmailAddress(email.id, { primary: true });
  await emailAddresses.deleteEmailAddress(email.id);
  const number = { userId: kofi, phoneNumber: "+12025550123", verified: true };
  const phone = await phoneNumbers.createPhoneNumber(number);
  expect((await phoneNumbers.getPhoneNumber(phone.id)).phoneNumber).toBe("+12025550123");
  await phoneNumbers.updatePhoneNumber(phone.id, { primary: true });
  await phoneNumbers.deletePhoneNumber(phone.id);
  await expect(emailAddresses.createEmailAddress(made)).resolves.toBeTruthy();
  await expect(emailAddresses.createEmailAddress(made)).rejects.toMatchObject({
    errors: [{ code: "form_identifier_exists" }],
  });
});

test("invitations to the application, and the waiting list", async () => {
  const { invitations, waitlistEntries } = client;
  const made = await invitations.createInvitation({ emailAddress: "guest@example.com" });
  const mail = await controlClient(clerk.url).outbox.latest("guest@example.com");
  expect(mail?.link).toBe(made.url);
  await invitations.createInvitationBulk([{ emailAddress: "two@example.com" }]);
  expect((await invitations.getInvitationList({ query: "guest" })).totalCount).toBe(1);
  expect((await invitations.revokeInvitation(made.id)).status).toBe("revoked");
  await expect(
    invitations.createInvitation({ emailAddress: "kofi.mensah@example.com" }),
  ).rejects.toMatchObject({ errors: [{ code: "form_identifier_exists" }] });
  const entry = await waitlistEntries.create({ emailAddress: "waits@example.com" });
  await waitlistEntries.createBulk([{ emailAddress: "waits2@example.com" }]);
  expect((await waitlistEntries.invite(entry.id)).status).toBe("invited");
  expect((await waitlistEntries.list()).totalCount).toBe(2);
  expect((await waitlistEntries.reject(entry.id)).status).toBe("rejected");
  await waitlistEntries.delete(entry.id);
});

test("organizations: details, picture, metadata, invitations, domains", async () => {
  const { organizations } = client;
  await organizations.updateOrganization(northwind, { name: "Northwind Books" });
  await organizations.updateOrganizationMetadata(northwind, { publicMetadata: { a: 1 } });
  await call("PUT", `/organizations/${northwind}/metadata`, { public_metadata: { b: 2 } });
  const logo = await organizations.updateOrganizationLogo(northwind, { file: png() });
  expect(logo.hasImage).toBe(true);
  await organizations.deleteOrganizationLogo(northwind);
  const member = {
    organizationId: northwind,
    userId: derivedId("user", "mei-lin.chen@example.com"),
  };
  await organizations.updateOrganizationMembershipMetadata({ ...member, publicMetadata: { x: 1 } });
  const invitation = {
    organizationId: northwind,
    emailAddress: "new@example.com",
    role: "org:member",
  };
  const made = await organizations.createOrganizationInvitation(invitation);
  await expect(organizations.createOrganizationInvitation(invitation)).rejects.toMatchObject({
    errors: [{ code: "duplicate_record" }],
  });
  const more = [{ emailAddress: "more@example.com", role: "org:member" }];
  await organizations.createOrganizationInvitationBulk(northwind, more);
  const list = { organizationId: northwind, status: ["pending" as const] };
  expect((await organizations.getOrganizationInvitationList(list)).totalCount).toBe(2);
  const id = { organizationId: northwind, invitationId: made.id };
  expect((await organizations.getOrganizationInvitation(id)).emailAddress).toBe("new@example.com");
  await call("GET", `/organizations/${northwind}/invitations/pending`);
  await organizations.revokeOrganizationInvitation({ ...id, requestingUserId: kofi });
  expect((await call("GET", "/organization_invitations?status=revoked")).body.total_count).toBe(1);
  await client.users.getOrganizationInvitationList({ userId: kofi });
  const domain = await organizations.createOrganizationDomain({
    organizationId: northwind,
    name: "example.com",
    enrollmentMode: "automatic_suggestion",
    verified: true,
  });
  const named = { organizationId: northwind, domainId: domain.id };
  await organizations.updateOrganizationDomain({ ...named, verified: false });
  await call("POST", `/organizations/${northwind}/domains/${domain.id}/verify_ownership`);
  const domains = await organizations.getOrganizationDomainList({ organizationId: northwind });
  expect(domains.totalCount).toBe(1);
  const whole = await call("GET", "/organization_domains?query=example");
  expect(whole.body.data).toMatchObject([{ id: domain.id, total_pending_suggestions: 4 }]);
  await organizations.deleteOrganizationDomain(named);
});

test("roles and permissions: made, given, in the token, taken away", async () => {
  const permission = { name: "Read invoices", key: "org:invoices:read", description: "" };
  const made = await call("POST", "/organization_permissions", permission);
  expect(made.status).toBe(200);
  await call("GET", `/organization_permissions/${made.body.id}`);
  await call("PATCH", `/organization_permissions/${made.body.id}`, { name: "See invoices" });
  expect((await call("GET", "/organization_permissions?limit=50")).body.total_count).toBe(9);
  const role = { name: "Bookkeeper", key: "org:bookkeeper", description: "Keeps the books" };
  const { body } = await call("POST", "/organization_roles", role);
  await call("GET", `/organization_roles/${body.id}`);
  await call("PATCH", `/organization_roles/${body.id}`, { name: "Bookkeeping" });
  await call("POST", `/organization_roles/${body.id}/permissions/${made.body.id}`);
  expect((await call("GET", "/organization_roles?query=book")).body.total_count).toBe(1);
  const userId = derivedId("user", "tomasz.zielinski@example.com");
  const where = { organizationId: northwind, userId };
  await client.organizations.updateOrganizationMembership({ ...where, role: "org:bookkeeper" });
  const held = await call("DELETE", `/organization_roles/${body.id}`);
  expect(held.body.errors[0].code).toBe("organization_role_assigned_members");
  const { token } = await client.signInTokens.createSignInToken({ userId, expiresInSeconds: 60 });
  const browser = new Browser(clerk, receiver.url);
  const signed = await browser.request("POST", "/client/sign_ins", {
    strategy: "ticket",
    ticket: token,
  });
  const id = (await signed.json()).response.created_session_id;
  await browser.request("POST", `/client/sessions/${id}/touch`, {
    active_organization_id: northwind,
  });
  const { jwt } = await client.sessions.getToken(id);
  const claims = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
  expect(claims).toMatchObject({
    fea: "o:invoices",
    o: { rol: "bookkeeper", per: "read", fpm: "1" },
  });
  await client.organizations.updateOrganizationMembership({ ...where, role: "org:member" });
  await call("DELETE", `/organization_roles/${body.id}/permissions/${made.body.id}`);
  await call("DELETE", `/organization_roles/${body.id}`);
  expect((await call("DELETE", `/organization_permissions/${made.body.id}`)).body.deleted).toBe(
    true,
  );
  const admin = derivedId("role", "org:admin");
  expect((await call("DELETE", `/organization_roles/${admin}`)).status).toBe(422);
});

test("sessions, their tokens by template, tickets of every kind", async () => {
  const session = await client.sessions.createSession({ userId: kofi });
  expect((await client.sessions.getSession(session.id)).status).toBe("active");
  expect((await client.clients.getClient(session.clientId)).sessionIds).toEqual([session.id]);
  const template = await client.jwtTemplates.create({
    name: "hasura",
    claims: { who: "{{user.id}}", greeting: "Hello {{user.first_name}}", none: "{{org.id}}" },
    lifetime: 120,
  });
  await client.jwtTemplates.update({
    templateId: template.id,
    name: "hasura",
    claims: template.claims,
  });
  expect((await client.jwtTemplates.get(template.id)).name).toBe("hasura");
  expect((await client.jwtTemplates.list()).totalCount).toBe(1);
  const { jwt } = await client.sessions.getToken(session.id, "hasura");
  const claims = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString());
  expect(claims).toMatchObject({ who: kofi, greeting: "Hello Kofi", none: null, sub: kofi });
  await client.jwtTemplates.delete(template.id);
  const actor = { sub: derivedId("user", "ines.duarte@example.com") };
  const acting = await client.actorTokens.create({ userId: kofi, actor, expiresInSeconds: 60 });
  expect((await client.actorTokens.revoke(acting.id)).status).toBe("revoked");
  const ticket = await client.signInTokens.createSignInToken({
    userId: kofi,
    expiresInSeconds: 60,
  });
  expect((await client.signInTokens.revokeSignInToken(ticket.id)).status).toBe("revoked");
  expect((await client.testingTokens.createTestingToken()).token).toEqual(expect.any(String));
  await client.sessions.revokeSession(session.id);
});

test("the instance, its lists, its page of webhooks", async () => {
  expect((await client.instance.get()).id).toMatch(/^ins_/);
  await client.instance.updateRestrictions({ blocklist: true });
  await call("GET", "/instance/organization_settings");
  await client.instance.updateOrganizationSettings({ maxAllowedMemberships: 60 });
  await client.instance.updateRestrictions({ blocklist: false });
  const blocked = await client.blocklistIdentifiers.createBlocklistIdentifier({
    identifier: "a@b.c",
  });
  expect((await client.blocklistIdentifiers.getBlocklistIdentifierList()).totalCount).toBe(1);
  await client.blocklistIdentifiers.deleteBlocklistIdentifier(blocked.id);
  const allowed = await client.allowlistIdentifiers.createAllowlistIdentifier({
    identifier: "*@example.com",
    notify: false,
  });
  await call("GET", "/allowlist_identifiers");
  await client.allowlistIdentifiers.deleteAllowlistIdentifier(allowed.id);
  const url = await client.redirectUrls.createRedirectUrl({ url: "https://example.com/back" });
  expect((await client.redirectUrls.getRedirectUrl(url.id)).url).toBe("https://example.com/back");
  await call("GET", "/redirect_urls");
  await client.redirectUrls.deleteRedirectUrl(url.id);
  expect((await client.domains.list()).totalCount).toBe(1);
  expect((await client.webhooks.createSvixApp()).svix_url).toContain("/__clerk/dev");
  expect((await client.webhooks.generateSvixAuthURL()).svix_url).toContain("/__clerk/dev");
  expect((await call("GET", "/jwks")).body.keys).toHaveLength(1);
});
