// Operations on organizations that are refused with Clerk's error codes: without permission, when the last admin leaves, above
// the member limit, and for links and requests that are no longer pending.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { amara, harbour, ines, kofi, northwind } from "../testing/seeded";
import { test as siteTest } from "../testing/test";

const test = siteTest.extend<{
  /** A browser in which Amara is signed in. */
  admin: Browser;
}>({
  admin: async ({ signedIn }, use) => use(await signedIn(amara.email)),
});

const base = `/organizations/${northwind.id}`;
const dayMs = 86_400_000;

const membershipOf = (userId: string, role: string) => ({
  organizationId: northwind.id,
  userId,
  role,
});
const invite = (admin: Browser, email: string) =>
  admin.post(`${base}/invitations`, { email_address: email, role: "org:member" });
const outcome = ({ status, code }: { status: number; code?: string }) => `${status} ${code}`;

test("a member without permissions can list the members, and every other operation is refused", async ({
  site,
  backend,
}) => {
  await backend.organizations.createOrganizationMembership(membershipOf(kofi.id, "org:member"));
  const member = await site.signedIn(kofi.email);
  const other = `${base}/memberships/${amara.id}`;
  const needs = {
    manage_profile: [
      ["PATCH", base, { name: "Taken over" }],
      ["DELETE", `${base}/logo`],
    ],
    delete_profile: [["DELETE", base]],
    manage_memberships: [
      ["POST", `${base}/memberships`, { user_id: kofi.id }],
      ["PATCH", other, { role: "org:member" }],
      ["DELETE", other],
      ["GET", `${base}/invitations`],
      ["POST", `${base}/invitations`, { email_address: "x@example.com", role: "org:admin" }],
      ["POST", `${base}/invitations/bulk`, { email_address: "x@example.com", role: "org:admin" }],
      ["POST", `${base}/invitations/orginv_1/revoke`],
      ["GET", `${base}/membership_requests`],
      ["POST", `${base}/membership_requests/orgsug_1/accept`],
      ["POST", `${base}/membership_requests/orgsug_1/reject`],
    ],
    read_domains: [["GET", `${base}/domains`]],
    manage_domains: [
      ["POST", `${base}/domains`, { name: "example.org" }],
      ["POST", `${base}/domains/orgdmn_1/prepare_affiliation_verification`],
      ["POST", `${base}/domains/orgdmn_1/attempt_affiliation_verification`],
      ["POST", `${base}/domains/orgdmn_1/update_enrollment_mode`],
      ["DELETE", `${base}/domains/orgdmn_1`],
    ],
  } satisfies Record<string, [string, string, Record<string, string>?][]>;
  for (const [permission, calls] of Object.entries(needs)) {
    const [verb, noun] = permission.split("_");
    for (const [method, path, form] of calls) {
      const refused = await member.call(method, path, form);
      expect([method, path, outcome(refused)]).toEqual([
        method,
        path,
        "403 missing_organization_permission",
      ]);
      expect(refused.body.errors[0].meta.permissions).toEqual([`org:sys_${noun}:${verb}`]);
    }
  }
  expect((await member.get(`${base}/memberships`)).status).toBe(200);
  const stranger = await site.signedIn(ines.email);
  for (const path of [base, `${base}/memberships`, "/organizations/org_none"]) {
    const refused = await stranger.get(path);
    expect(outcome(refused)).toBe("404 organization_not_found_or_unauthorized");
  }
});

test("the last admin can neither leave nor be demoted, and deletion by an admin is refused where it is disabled", async ({
  site,
  backend,
  admin,
}) => {
  await backend.organizations.createOrganizationMembership(membershipOf(kofi.id, "org:member"));
  const own = `${base}/memberships/${amara.id}`;
  const needed = "400 organization_minimum_permissions_needed";
  expect(outcome(await admin.patch(own, { role: "org:member" }))).toBe(needed);
  expect(outcome(await admin.delete(own))).toBe(needed);
  await backend.organizations.updateOrganizationMembership(membershipOf(kofi.id, "org:admin"));
  expect((await admin.patch(own, { role: "org:member" })).status).toBe(200);
  const successor = await site.signedIn(kofi.email);
  await backend.organizations.updateOrganization(northwind.id, { adminDeleteEnabled: false });
  expect(outcome(await successor.delete(base))).toBe("403 organization_admin_delete_not_enabled");
  await backend.organizations.updateOrganization(northwind.id, { adminDeleteEnabled: true });
  expect((await successor.delete(base)).status).toBe(200);
});

test("inviting a member or an invited address again is refused, and a pending invitation counts towards the member limit until it expires", async ({
  site,
  clock,
  backend,
  admin,
}) => {
  const twice = await invite(admin, amara.email);
  expect(outcome(twice)).toBe("400 already_a_member_in_organization");
  // Clerk's components read the address from this message and from no other field.
  expect(twice.body.errors[0].long_message).toBe(
    `${amara.email} is already a member of the organization.`,
  );
  const members = await backend.organizations.getOrganizationMembershipList({
    organizationId: northwind.id,
  });
  const limit = members.totalCount + 1;
  await backend.organizations.updateOrganization(northwind.id, { maxAllowedMemberships: limit });
  expect((await invite(admin, "first@example.com")).status).toBe(200);
  const again = await invite(admin, "first@example.com");
  expect(outcome(again)).toBe("400 duplicate_record");
  expect(again.body.errors[0].meta.email_addresses).toEqual(["first@example.com"]);
  const full = "403 organization_membership_quota_exceeded";
  expect(outcome(await invite(admin, "second@example.com"))).toBe(full);
  const counted = async (by: Browser) =>
    (await by.get(base)).body.response.pending_invitations_count;
  const listed = async (by: Browser) => (await by.get(`${base}/invitations`)).body.response;
  expect([await counted(admin), (await listed(admin)).total_count]).toEqual([1, 1]);
  clock.advance(31 * dayMs);
  const later = await site.signedIn(amara.email);
  expect([await counted(later), (await listed(later)).total_count]).toEqual([0, 0]);
  expect((await invite(later, "second@example.com")).status).toBe(200);
  const pending = (await later.get(`${base}/invitations/pending`)).body.response;
  expect(pending.data.map((each: { email_address: string }) => each.email_address)).toEqual([
    "second@example.com",
  ]);
});

test("the link of an invitation that is revoked, expired, or of a deleted organization returns an error with the reason", async ({
  site,
  clock,
  backend,
  admin,
}) => {
  const open = async (email: string) => {
    const link = await site.newestLink(email);
    const path = link.pathname.replace(/^.*\/v1/, "") + link.search;
    return outcome(await site.newBrowser().get(path));
  };
  const { body } = await invite(admin, "revoked@example.com");
  const revoke = `${base}/invitations/${body.response.id}/revoke`;
  await admin.post(revoke);
  expect(outcome(await admin.post(revoke))).toBe("404 organization_invitation_not_pending");
  expect(await open("revoked@example.com")).toBe("400 organization_invitation_revoked_code");
  await invite(admin, "expired@example.com");
  clock.advance(31 * dayMs);
  expect(await open("expired@example.com")).toBe("400 ticket_expired_code");
  const later = await site.signedIn(amara.email);
  await invite(later, "orphan@example.com");
  await backend.organizations.deleteOrganization(northwind.id);
  expect(await open("orphan@example.com")).toBe(
    "400 organization_invitation_to_deleted_organization",
  );
});

test("a domain is refused when it is malformed, public, taken, the eleventh, or differs from the domain of the address", async ({
  backend,
  admin,
}) => {
  const add = (name: string) => admin.post(`${base}/domains`, { name });
  const { body } = await add("northwind.example");
  const otherDomain = {
    organizationId: harbour.id,
    name: "harbour.example",
    enrollmentMode: "manual_invitation" as const,
  };
  await backend.organizations.createOrganizationDomain(otherDomain);
  for (const [name, why] of [
    ["no domain", "422 form_param_format_invalid"],
    ["gmail.com", "422 organization_domain_common"],
    ["harbour.example", "422 organization_domain_already_exists"],
    ["northwind.example", "422 organization_domain_already_exists_same_organization"],
  ] as const) {
    const refused = await add(name);
    expect([name, outcome(refused)]).toEqual([name, why]);
    expect(refused.body.errors[0].meta.param_name).toBe("name");
  }
  const domain = `${base}/domains/${body.response.id}`;
  const verify = await admin.post(`${domain}/prepare_affiliation_verification`, {
    affiliation_email_address: "office@elsewhere.example",
  });
  expect(outcome(verify)).toBe("422 organization_domain_mismatch");
  for (let place = 1; place < 10; place += 1) await add(`d${place}.northwind.example`);
  expect(outcome(await add("d10.northwind.example"))).toBe(
    "403 organization_domain_quota_exceeded",
  );
});

test("a suggestion or request can be accepted or rejected once, and a domain of a full organization invites no users", async ({
  site,
  backend,
  admin,
}) => {
  const given = { organizationId: northwind.id, name: "example.com", verified: true };
  const mode = "automatic_suggestion" as const;
  const domain = await backend.organizations.createOrganizationDomain({
    ...given,
    enrollmentMode: mode,
  });
  const asking = await site.signedIn(kofi.email);
  const [{ id }] = (await asking.get("/me/organization_suggestions")).body.response.data;
  const accept = `/me/organization_suggestions/${id}/accept`;
  expect((await asking.post(accept)).status).toBe(200);
  expect(outcome(await asking.post(accept))).toBe("400 organization_suggestion_already_accepted");
  const request = `${base}/membership_requests/${id}`;
  expect((await admin.post(`${request}/reject`)).status).toBe(200);
  for (const action of ["accept", "reject"]) {
    expect(outcome(await admin.post(`${request}/${action}`))).toBe("404 resource_not_found");
  }
  await backend.organizations.updateOrganization(northwind.id, { maxAllowedMemberships: 1 });
  const changed = await admin.post(`${base}/domains/${domain.id}/update_enrollment_mode`, {
    enrollment_mode: "automatic_invitation",
  });
  expect(changed.status).toBe(200);
  const invited = await backend.organizations.getOrganizationInvitationList({
    organizationId: northwind.id,
  });
  expect(invited.totalCount).toBe(0);
});
