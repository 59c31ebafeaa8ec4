// What organizations refuse, with Clerk's own codes: to members without the right, to the last admin, when it is
// full, and to links and requests that are over.

import { afterEach, beforeEach, expect, test } from "vitest";
import { MovableClock } from "../clock";
import { derivedId } from "../ids";
import { Browser, backendOf, openSite, type Site } from "../testing/site";

const amara = "amara.okafor@example.com";
const kofi = "kofi.mensah@example.com";
const northwind = derivedId("org", "northwind-press");
const base = `/organizations/${northwind}`;
const dayMs = 86_400_000;
let site: Site;
let clock: MovableClock;
let admin: Browser;

beforeEach(async () => {
  clock = new MovableClock();
  site = await openSite(clock);
  admin = await signedIn(amara);
});
afterEach(() => site.close());

async function signedIn(identifier: string): Promise<Browser> {
  const browser = new Browser(site.clerk, site.receiver.url);
  const form = { identifier, password: site.clerk.password, strategy: "password" };
  await browser.answer("POST", "/client/sign_ins", form);
  return browser;
}

const organizations = () => backendOf(site.clerk).organizations;
const membership = (email: string, role: string) => ({
  organizationId: northwind,
  userId: derivedId("user", email),
  role,
});
const invite = (email: string, by = admin) =>
  by.answer("POST", `${base}/invitations`, { email_address: email, role: "org:member" });
const over = ({ status, code }: { status: number; code?: string }) => `${status} ${code}`;

test("a member without the right may read the members, and change nothing", async () => {
  await organizations().createOrganizationMembership(membership(kofi, "org:member"));
  const member = await signedIn(kofi);
  const someone = `${base}/memberships/${derivedId("user", amara)}`;
  const needs = {
    manage_profile: [
      ["PATCH", base, { name: "Taken over" }],
      ["DELETE", `${base}/logo`],
    ],
    delete_profile: [["DELETE", base]],
    manage_memberships: [
      ["POST", `${base}/memberships`, { user_id: derivedId("user", kofi) }],
      ["PATCH", someone, { role: "org:member" }],
      ["DELETE", someone],
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
  for (const [right, asked] of Object.entries(needs)) {
    const [verb, noun] = right.split("_");
    for (const [method, path, form] of asked) {
      const refused = await member.answer(method, path, form);
      expect([method, path, over(refused)]).toEqual([
        method,
        path,
        "403 missing_organization_permission",
      ]);
      expect(refused.body.errors[0].meta.permissions).toEqual([`org:sys_${noun}:${verb}`]);
    }
  }
  expect((await member.answer("GET", `${base}/memberships`)).status).toBe(200);
  const stranger = await signedIn("ines.duarte@example.com");
  for (const path of [base, `${base}/memberships`, "/organizations/org_none"]) {
    const refused = await stranger.answer("GET", path);
    expect(over(refused)).toBe("404 organization_not_found_or_unauthorized");
  }
});

test("the last admin may not leave or give up the role; an admin may not delete where that is off", async () => {
  await organizations().createOrganizationMembership(membership(kofi, "org:member"));
  const own = `${base}/memberships/${derivedId("user", amara)}`;
  const needed = "400 organization_minimum_permissions_needed";
  expect(over(await admin.answer("PATCH", own, { role: "org:member" }))).toBe(needed);
  expect(over(await admin.answer("DELETE", own))).toBe(needed);
  await organizations().updateOrganizationMembership(membership(kofi, "org:admin"));
  expect((await admin.answer("PATCH", own, { role: "org:member" })).status).toBe(200);
  const heir = await signedIn(kofi);
  await organizations().updateOrganization(northwind, { adminDeleteEnabled: false });
  expect(over(await heir.answer("DELETE", base))).toBe("403 organization_admin_delete_not_enabled");
  await organizations().updateOrganization(northwind, { adminDeleteEnabled: true });
  expect((await heir.answer("DELETE", base)).status).toBe(200);
});

test("whoever is a member or invited is not invited again; outstanding invitations take a place until they expire", async () => {
  const twice = await invite(amara);
  expect(over(twice)).toBe("400 already_a_member_in_organization");
  // The components find the address here, and nowhere else.
  expect(twice.body.errors[0].long_message).toBe(
    `${amara} is already a member of the organization.`,
  );
  const members = await organizations().getOrganizationMembershipList({
    organizationId: northwind,
  });
  const limit = members.totalCount + 1;
  await organizations().updateOrganization(northwind, { maxAllowedMemberships: limit });
  expect((await invite("first@example.com")).status).toBe(200);
  const again = await invite("first@example.com");
  expect(over(again)).toBe("400 duplicate_record");
  expect(again.body.errors[0].meta.email_addresses).toEqual(["first@example.com"]);
  const full = "403 organization_membership_quota_exceeded";
  expect(over(await invite("second@example.com"))).toBe(full);
  const counted = async () =>
    (await admin.answer("GET", base)).body.response.pending_invitations_count;
  const listed = async () => (await admin.answer("GET", `${base}/invitations`)).body.response;
  expect([await counted(), (await listed()).total_count]).toEqual([1, 1]);
  clock.advance(31 * dayMs);
  admin = await signedIn(amara);
  expect([await counted(), (await listed()).total_count]).toEqual([0, 0]);
  expect((await invite("second@example.com")).status).toBe(200);
  const pending = (await admin.answer("GET", `${base}/invitations/pending`)).body.response;
  expect(pending.data.map((each: { email_address: string }) => each.email_address)).toEqual([
    "second@example.com",
  ]);
});

test("the link of an invitation that is revoked, expired, or to an organization that is gone says so", async () => {
  const open = async (email: string) => {
    const link = new URL((await site.control.outbox.latest(email))?.link ?? "");
    const path = link.pathname.replace(/^.*\/v1/, "") + link.search;
    return over(await new Browser(site.clerk, site.receiver.url).answer("GET", path));
  };
  const { body } = await invite("revoked@example.com");
  const revoke = `${base}/invitations/${body.response.id}/revoke`;
  await admin.answer("POST", revoke);
  expect(over(await admin.answer("POST", revoke))).toBe("404 organization_invitation_not_pending");
  expect(await open("revoked@example.com")).toBe("400 organization_invitation_revoked_code");
  await invite("expired@example.com");
  clock.advance(31 * dayMs);
  expect(await open("expired@example.com")).toBe("400 ticket_expired_code");
  admin = await signedIn(amara);
  await invite("homeless@example.com");
  await organizations().deleteOrganization(northwind);
  expect(await open("homeless@example.com")).toBe(
    "400 organization_invitation_to_deleted_organization",
  );
});

test("a domain that is malformed, everybody's, taken, one too many, or not the address's is refused", async () => {
  const add = (name: string) => admin.answer("POST", `${base}/domains`, { name });
  const { body } = await add("northwind.example");
  const elsewhere = {
    organizationId: derivedId("org", "harbour-cycling-club"),
    name: "harbour.example",
    enrollmentMode: "manual_invitation" as const,
  };
  await organizations().createOrganizationDomain(elsewhere);
  for (const [name, why] of [
    ["no domain", "422 form_param_format_invalid"],
    ["gmail.com", "422 organization_domain_common"],
    ["harbour.example", "422 organization_domain_already_exists"],
    ["northwind.example", "422 organization_domain_already_exists_same_organization"],
  ] as const) {
    const refused = await add(name);
    expect([name, over(refused)]).toEqual([name, why]);
    expect(refused.body.errors[0].meta.param_name).toBe("name");
  }
  const domain = `${base}/domains/${body.response.id}`;
  const verify = await admin.answer("POST", `${domain}/prepare_affiliation_verification`, {
    affiliation_email_address: "office@elsewhere.example",
  });
  expect(over(verify)).toBe("422 organization_domain_mismatch");
  for (let place = 1; place < 10; place += 1) await add(`d${place}.northwind.example`);
  expect(over(await add("d10.northwind.example"))).toBe("403 organization_domain_quota_exceeded");
});

test("a suggestion is accepted once, a request settled once; a full organization invites nobody by its domain", async () => {
  const given = { organizationId: northwind, name: "example.com", verified: true };
  const mode = "automatic_suggestion" as const;
  const domain = await organizations().createOrganizationDomain({ ...given, enrollmentMode: mode });
  const asking = await signedIn(kofi);
  const [{ id }] = (await asking.answer("GET", "/me/organization_suggestions")).body.response.data;
  const accept = `/me/organization_suggestions/${id}/accept`;
  expect((await asking.answer("POST", accept)).status).toBe(200);
  expect(over(await asking.answer("POST", accept))).toBe(
    "400 organization_suggestion_already_accepted",
  );
  const request = `${base}/membership_requests/${id}`;
  expect((await admin.answer("POST", `${request}/reject`)).status).toBe(200);
  for (const action of ["accept", "reject"]) {
    expect(over(await admin.answer("POST", `${request}/${action}`))).toBe("404 resource_not_found");
  }
  await organizations().updateOrganization(northwind, { maxAllowedMemberships: 1 });
  const changed = await admin.answer(
    "POST",
    `${base}/domains/${domain.id}/update_enrollment_mode`,
    {
      enrollment_mode: "automatic_invitation",
    },
  );
  expect(changed.status).toBe(200);
  const invited = await organizations().getOrganizationInvitationList({
    organizationId: northwind,
  });
  expect(invited.totalCount).toBe(0);
});
