// What is sent along with a call of the Backend API is heeded or refused, never quietly left out.

import { expect } from "vitest";
import { decodeUnverified } from "../testing/claims";
import { kofi, northwind } from "../testing/seeded";
import { sharedTest as test } from "../testing/test";

const lifetimeOf = (jwt: string) => {
  const { exp, iat } = decodeUnverified(jwt);
  return exp - iat;
};

test("a token of a session lives as long as was asked for, by a template too", async ({
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
])("a field that POST %s does not know is refused", async (path, { site, backend }) => {
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

test("who is put on the allowlist is invited when that is asked for, and only then", async ({
  site,
  control,
  backend,
}) => {
  const { allowlistIdentifiers, invitations } = backend;
  const quiet = { identifier: "quiet@example.com", notify: false };
  expect((await allowlistIdentifiers.createAllowlistIdentifier(quiet)).invitationId).toBeFalsy();
  const told = { identifier: "Told@example.com", notify: true };
  const { invitationId } = await allowlistIdentifiers.createAllowlistIdentifier(told);
  const mail = await control.outbox.latest("told@example.com");
  const [invitation] = (await invitations.getInvitationList({ query: "told@" })).data;
  expect([invitation?.id, invitation?.url]).toEqual([invitationId, mail?.link]);
  expect(await control.outbox.latest("quiet@example.com")).toBeUndefined();
  const again = await site.callBackend("POST", "/allowlist_identifiers", {
    identifier: "TOLD@example.com",
  });
  expect(again.code).toBe("duplicate_record");
});

test("whoever joins the waitlist is told by mail, unless that is not wanted", async ({
  control,
  backend,
}) => {
  const { waitlistEntries } = backend;
  await waitlistEntries.create({ emailAddress: "waits@example.com" });
  await waitlistEntries.create({ emailAddress: "silent@example.com", notify: false });
  expect((await control.outbox.latest("waits@example.com"))?.subject).toContain("waitlist");
  expect(await control.outbox.latest("silent@example.com")).toBeUndefined();
});

test("who waits and is here already is invited only when that is to be ignored", async ({
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

test("the mail of an invitation is of the template that was named", async ({
  site,
  clerk,
  control,
}) => {
  const slugs = async () => {
    const [newest] = (await control.webhooks.messages()).filter(
      ({ type }) => type === "email.created",
    );
    const message = await fetch(`${clerk.url}/__clerk/dev/webhooks/${newest?.id}.json`);
    return JSON.parse((await message.json()).body).data.slug;
  };
  await site.callBackend("POST", "/invitations", { email_address: "t1@example.com" });
  expect(await slugs()).toBe("invitation");
  const named = { email_address: "t2@example.com", template_slug: "waitlist_invitation" };
  await site.callBackend("POST", "/invitations", named);
  expect(await slugs()).toBe("waitlist_invitation");
  const unknown = { email_address: "t3@example.com", template_slug: "letter" };
  expect((await site.callBackend("POST", "/invitations", unknown)).code).toBe(
    "form_param_format_invalid",
  );
});

test("at most ten are invited at once", async ({ site }) => {
  const people = Array.from({ length: 11 }, (_, n) => ({ email_address: `b${n}@example.com` }));
  expect((await site.callBackend("POST", "/invitations/bulk", people)).status).toBe(422);
  expect((await site.callBackend("POST", "/invitations/bulk", people.slice(1))).status).toBe(200);
  const members = people.map((each) => ({ ...each, role: "org:member" }));
  const path = `/organizations/${northwind.id}/invitations/bulk`;
  expect((await site.callBackend("POST", path, members)).status).toBe(422);
  expect((await site.callBackend("POST", path, members.slice(1))).status).toBe(200);
});

test("an inviter and a token's organization are real, and the person's own", async ({ site }) => {
  const invitation = { email_address: "i@example.com", role: "org:member" };
  const path = `/organizations/${northwind.id}/invitations`;
  const nobody = await site.callBackend("POST", path, {
    ...invitation,
    inviter_user_id: "user_none",
  });
  expect([nobody.status, nobody.code]).toEqual([404, "resource_not_found"]);
  expect(
    (await site.callBackend("POST", path, { ...invitation, inviter_user_id: kofi.id })).status,
  ).toBe(200);
  for (const org_id of ["org_none", northwind.id]) {
    const refused = await site.callBackend("POST", "/sign_in_tokens", { user_id: kofi.id, org_id });
    expect(refused.code).toBe("organization_not_found_or_unauthorized");
  }
});
