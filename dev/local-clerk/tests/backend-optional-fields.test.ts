// Optional fields of Backend API calls take effect or are refused. None is silently ignored.

import { expect } from "vitest";
import { totpCode } from "../authentication/second-factors";
import { decodeUnverified } from "../testing/claims";
import { kofi, northwind } from "../testing/seeded";
import { sharedTest as test } from "../testing/test";

const lifetimeOf = (jwt: string) => {
  const { exp, iat } = decodeUnverified(jwt);
  return exp - iat;
};

test("expires_in_seconds sets the lifetime of a session token, with or without a template", async ({
  site,
  backend,
}) => {
  const { id } = await backend.sessions.createSession({ userId: kofi.id });
  await backend.jwtTemplates.create({ name: "short", claims: {}, lifetime: 120 });
  expect(lifetimeOf((await backend.sessions.getToken(id)).jwt)).toBe(60);
  expect(lifetimeOf((await backend.sessions.getToken(id, undefined, 900)).jwt)).toBe(900);
  expect(lifetimeOf((await backend.sessions.getToken(id, "short")).jwt)).toBe(120);
  expect(lifetimeOf((await backend.sessions.getToken(id, "short", 900)).jwt)).toBe(900);
  const refused = await site.callBackend("POST", `/sessions/${id}/tokens`, {
    expires_in_seconds: 29,
  });
  expect([refused.status, refused.code]).toEqual([422, "form_param_format_invalid"]);
});

test.for([
  "/sessions/sess_1/tokens",
  "/sessions/sess_1/tokens/short",
  "/sessions/sess_1/revoke",
  `/users/${kofi.id}/ban`,
  `/users/${kofi.id}/lock`,
  "/invitations/inv_1/revoke",
  "/waitlist_entries/wle_1/invite",
  "/waitlist_entries/wle_1/reject",
  "/sign_in_tokens/sit_1/revoke",
  "/testing_tokens",
  "/webhooks/svix",
  "/organization_roles/role_1/permissions/perm_1",
  `/organizations/${northwind.id}/domains/orgdmn_1/verify_ownership`,
  "/blocklist_identifiers",
])("POST %s with an unknown field is refused", async (path, { site, backend }) => {
  const known: Record<string, () => Promise<string>> = {
    "/sessions/sess_1": async () => (await backend.sessions.createSession({ userId: kofi.id })).id,
    "/waitlist_entries/wle_1": async () =>
      (await backend.waitlistEntries.create({ emailAddress: "fields@example.com" })).id,
  };
  const [base = ""] = Object.keys(known).filter((each) => path.startsWith(each));
  const id = (await known[base]?.()) ?? "";
  const real = base ? path.replace(base, base.replace(/[^/]+$/, id)) : path;
  const refused = await site.callBackend("POST", real, {
    colour: "red",
    identifier: "a@example.com",
  });
  expect([refused.status, refused.code]).toEqual([501, "not_implemented_locally"]);
  expect((await backend.users.getUser(kofi.id)).banned).toBe(false);
});

test("adding to the allowlist sends an invitation only when notify is true", async ({
  site,
  control,
  backend,
}) => {
  const { allowlistIdentifiers, invitations } = backend;
  const silent = { identifier: "silent@example.com", notify: false };
  expect((await allowlistIdentifiers.createAllowlistIdentifier(silent)).invitationId).toBeFalsy();
  const notified = { identifier: "Notified@example.com", notify: true };
  const { invitationId } = await allowlistIdentifiers.createAllowlistIdentifier(notified);
  const mail = await control.outbox.latest("notified@example.com");
  const [invitation] = (await invitations.getInvitationList({ query: "notified@" })).data;
  expect([invitation?.id, invitation?.url]).toEqual([invitationId, mail?.link]);
  expect(await control.outbox.latest("silent@example.com")).toBeUndefined();
  const again = await site.callBackend("POST", "/allowlist_identifiers", {
    identifier: "NOTIFIED@example.com",
  });
  expect(again.code).toBe("duplicate_record");
});

test("joining the waitlist sends a mail unless notify is false", async ({ control, backend }) => {
  const { waitlistEntries } = backend;
  await waitlistEntries.create({ emailAddress: "waits@example.com" });
  await waitlistEntries.create({ emailAddress: "silent@example.com", notify: false });
  expect((await control.outbox.latest("waits@example.com"))?.subject).toContain("waitlist");
  expect(await control.outbox.latest("silent@example.com")).toBeUndefined();
});

test("a waitlist entry of an existing user is invited only with ignoreExisting", async ({
  backend,
}) => {
  const { waitlistEntries } = backend;
  const { id } = await waitlistEntries.create({ emailAddress: kofi.email });
  await expect(waitlistEntries.invite(id)).rejects.toMatchObject({
    errors: [{ code: "form_identifier_exists" }],
  });
  const invited = await waitlistEntries.invite(id, { ignoreExisting: true });
  expect(invited.status).toBe("invited");
});

test("an invitation with a template name sends the mail of that template", async ({
  site,
  clerk,
  control,
}) => {
  const newestSlug = async () => {
    const [newest] = (await control.webhooks.messages()).filter(
      ({ type }) => type === "email.created",
    );
    const message = await fetch(`${clerk.url}/__clerk/dev/webhooks/${newest?.id}.json`);
    return JSON.parse((await message.json()).body).data.slug;
  };
  await site.callBackend("POST", "/invitations", { email_address: "t1@example.com" });
  expect(await newestSlug()).toBe("invitation");
  const named = { email_address: "t2@example.com", template_slug: "waitlist_invitation" };
  await site.callBackend("POST", "/invitations", named);
  expect(await newestSlug()).toBe("waitlist_invitation");
  const unknown = { email_address: "t3@example.com", template_slug: "letter" };
  expect((await site.callBackend("POST", "/invitations", unknown)).code).toBe(
    "form_param_format_invalid",
  );
});

test("a bulk call with more than ten invitations is refused", async ({ site }) => {
  const people = Array.from({ length: 11 }, (_, n) => ({ email_address: `b${n}@example.com` }));
  expect((await site.callBackend("POST", "/invitations/bulk", people)).status).toBe(422);
  expect((await site.callBackend("POST", "/invitations/bulk", people.slice(1))).status).toBe(200);
  const members = people.map((each) => ({ ...each, role: "org:member" }));
  const path = `/organizations/${northwind.id}/invitations/bulk`;
  expect((await site.callBackend("POST", path, members)).status).toBe(422);
  expect((await site.callBackend("POST", path, members.slice(1))).status).toBe(200);
});

test("an invitation by an unknown inviter is refused, and so is a sign-in token for an organization that the user is not in", async ({
  site,
}) => {
  const invitation = { email_address: "i@example.com", role: "org:member" };
  const path = `/organizations/${northwind.id}/invitations`;
  const unknown = await site.callBackend("POST", path, {
    ...invitation,
    inviter_user_id: "user_none",
  });
  expect([unknown.status, unknown.code]).toEqual([404, "resource_not_found"]);
  expect(
    (await site.callBackend("POST", path, { ...invitation, inviter_user_id: kofi.id })).status,
  ).toBe(200);
  for (const org_id of ["org_none", northwind.id]) {
    const refused = await site.callBackend("POST", "/sign_in_tokens", { user_id: kofi.id, org_id });
    expect(refused.code).toBe("organization_not_found_or_unauthorized");
  }
});

test("notify_primary_email_address_changed mails the former primary address, and only if the primary address changes", async ({
  site,
  backend,
  control,
}) => {
  const [former, next] = ["former@example.com", "next@example.com"];
  const { id } = await backend.users.createUser({
    emailAddress: [former],
    password: "correct-horse-77",
  });
  const notify = { notify_primary_email_address_changed: true };
  const path = `/users/${id}`;
  await site.callBackend("PATCH", path, { ...notify, first_name: "Noor" });
  expect(await control.outbox.latest(former)).toBeUndefined();
  const added = await backend.emailAddresses.createEmailAddress({
    userId: id,
    emailAddress: next,
    verified: true,
  });
  await site.callBackend("PATCH", path, { ...notify, primary_email_address_id: added.id });
  expect((await control.outbox.latest(former))?.text).toContain(next);
  const other = { user_id: id, email_address: "third@example.com", verified: true, primary: true };
  await site.callBackend("POST", "/email_addresses", { ...notify, ...other });
  expect((await control.outbox.latest(next))?.text).toContain("third@example.com");
});

test("a user who was created with an authenticator secret and backup codes signs in with both", async ({
  site,
  backend,
  browser,
  clock,
}) => {
  const secret = "JBSWY3DPEHPK3PXP";
  const emailAddress = "factors@example.com";
  const password = "correct-horse-77";
  const create = (totp_secret: string) =>
    site.callBackend("POST", "/users", {
      email_address: [emailAddress],
      password,
      totp_secret,
      backup_codes: ["BACKUP01"],
    });
  expect((await create("not base32")).code).toBe("form_param_format_invalid");
  expect((await create(secret)).body).toMatchObject({
    two_factor_enabled: true,
    totp_enabled: true,
    backup_code_enabled: true,
  });
  for (const given of [
    { strategy: "totp", code: totpCode(secret, clock.now()) },
    { strategy: "backup_code", code: "backup01" },
  ]) {
    const { response } = (await browser.signIn(emailAddress, password)).body;
    const path = `/client/sign_ins/${response.id}/attempt_second_factor`;
    expect((await browser.post(path, given)).body.response.status).toBe("complete");
    await browser.delete("/client/sessions");
  }
  const { data } = await backend.users.getUserList({ emailAddress: [emailAddress] });
  expect(data[0]?.backupCodeEnabled).toBe(false);
});

test("create_organizations_limit is the number of organizations that the user may create; 0 means any number", async ({
  site,
  backend,
  signedIn,
}) => {
  const emailAddress = "founder@example.com";
  const password = "correct-horse-77";
  const form = { email_address: [emailAddress], password, create_organizations_limit: 1 };
  const { body } = await site.callBackend("POST", "/users", form);
  expect(body.create_organizations_limit).toBe(1);
  const browser = await signedIn(emailAddress, password);
  const create = () => browser.post("/organizations", { name: "Orchard" });
  expect((await create()).status).toBe(200);
  expect((await create()).code).toBe("user_create_organization_not_enabled");
  await backend.users.updateUser(body.id, { createOrganizationsLimit: 0 });
  expect((await create()).status).toBe(200);
});
