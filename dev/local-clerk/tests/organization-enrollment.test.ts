// How users join organizations over the Frontend API: invitations and their links, verified domains, membership requests.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { amara, harbour, kofi, northwind, yusuf } from "../testing/seeded";
import type { Site } from "../testing/site";
import { test } from "../testing/test";

async function invitationTicket(
  control: Site["control"],
  browser: Browser,
  email: string,
): Promise<string> {
  const link = (await control.outbox.latest(email))?.link ?? "";
  const response = await browser.fetch("GET", link.replace(/^.*\/v1/, ""));
  const target = new URL(response.headers.get("location") ?? "");
  return target.searchParams.get("__clerk_ticket") ?? "";
}

test("a person who signs up by an invitation's link becomes a member, and the link cannot be used again", async ({
  site,
  control,
  browser,
}) => {
  const admin = site.newBrowser();
  await admin.signIn(amara.email);
  const form = { email_address: "fresh@example.com", role: "org:admin" };
  await admin.post(`/organizations/${northwind.id}/invitations`, form);
  const ticket = await invitationTicket(control, browser, "fresh@example.com");
  const signUp = { strategy: "ticket", ticket, password: "correct-horse-77" };
  const { body } = await browser.post("/client/sign_ups", signUp);
  expect(body.response.status).toBe("complete");
  const [session] = body.client.sessions;
  expect(session.last_active_organization_id).toBe(northwind.id);
  const types = (await control.webhooks.messages()).map(({ type }) => type);
  expect(types).toContain("organizationInvitation.accepted");
  const again = await site.newBrowser().post("/client/sign_ups", signUp);
  expect(again.body.errors[0].code).toBe("organization_invitation_already_accepted");
});

test("a user can accept one invitation by its link, and another invitation in their list of invitations", async ({
  site,
  control,
  backend,
  browser,
}) => {
  const admin = site.newBrowser();
  await admin.signIn(amara.email);
  const invite = { email_address: kofi.email, role: "org:member" };
  await admin.post(`/organizations/${northwind.id}/invitations`, invite);
  const ticket = await invitationTicket(control, browser, kofi.email);
  const { body } = await browser.post("/client/sign_ins", { strategy: "ticket", ticket });
  expect(body.client.sessions[0].last_active_organization_id).toBe(northwind.id);
  const organizations = backend.organizations;
  const second = { organizationId: harbour.id, emailAddress: kofi.email, role: "org:member" };
  await organizations.createOrganizationInvitation(second);
  const list = await browser.get("/me/organization_invitations");
  const [invitation] = list.body.response.data;
  expect(invitation.public_organization_data.id).toBe(harbour.id);
  await browser.post(`/me/organization_invitations/${invitation.id}/accept`);
  const foreign = await browser.post("/me/organization_invitations/orginv_x/accept");
  expect(foreign.body.errors[0].code).toBe("resource_not_found");
  const members = await organizations.getOrganizationMembershipList({ organizationId: harbour.id });
  expect(members.totalCount).toBe(4);
});

test("an invitation's link makes the invited user a member immediately when that user is signed in; another signed-in user does not become a member", async ({
  site,
  backend,
  browser,
}) => {
  const to = { organizationId: northwind.id, emailAddress: kofi.email, role: "org:member" };
  await backend.organizations.createOrganizationInvitation(to);
  const link = await site.newestLink(kofi.email);
  const path = link.pathname.replace(/^.*\/v1/, "") + link.search;
  const open = async (by: Browser) => (await by.fetch("GET", path)).headers.get("location");
  const other = site.newBrowser();
  await other.signIn(amara.email);
  expect(await open(other)).toContain("__clerk_status=sign_in");
  await browser.signIn(kofi.email);
  expect(await open(browser)).toBe(`${site.appUrl}/sign-in?__clerk_status=complete`);
  const { body } = await browser.get("/client");
  expect(body.response.sessions[0].last_active_organization_id).toBe(northwind.id);
});

test("after a domain is verified by code, its users get a suggestion to join, and an admin can accept or reject their requests", async ({
  site,
  backend,
  browser,
}) => {
  await browser.signIn(amara.email);
  const base = `/organizations/${northwind.id}/domains`;
  const { body } = await browser.post(base, { name: "example.com" });
  const domain = `${base}/${body.response.id}`;
  const address = "admin@example.com";
  await browser.post(`${domain}/prepare_affiliation_verification`, {
    affiliation_email_address: address,
  });
  const wrong = await browser.post(`${domain}/attempt_affiliation_verification`, { code: "x" });
  expect(wrong.body.errors[0].code).toBe("form_code_incorrect");
  const code = await site.newestCode(address);
  await browser.post(`${domain}/attempt_affiliation_verification`, { code });
  const mode = { enrollment_mode: "automatic_suggestion" };
  await browser.post(`${domain}/update_enrollment_mode`, mode);
  expect((await browser.get(domain)).body.response.verification.status).toBe("verified");
  for (const [email, action] of [
    [kofi.email, "accept"],
    [yusuf.email, "reject"],
  ] as const) {
    const other = site.newBrowser();
    await other.signIn(email);
    const list = await other.get("/me/organization_suggestions");
    const [suggestion] = list.body.response.data;
    await other.post(`/me/organization_suggestions/${suggestion.id}/accept`, {});
    const requests = `/organizations/${northwind.id}/membership_requests`;
    const [request] = (await browser.get(requests)).body.response.data;
    await browser.post(`${requests}/${request.id}/${action}`);
  }
  const members = await browser.get(`/organizations/${northwind.id}/memberships?paginated=true`);
  expect(members.body.response.total_count).toBe(4);
  const pendingSuggestions = async () =>
    (await browser.get(domain)).body.response.total_pending_suggestions;
  const before = await pendingSuggestions();
  const made = await backend.users.createUser({ emailAddress: ["later@example.com"] });
  expect(await pendingSuggestions()).toBe(before + 1);
  await backend.users.deleteUser(made.id);
  expect(await pendingSuggestions()).toBe(before);
  const none = { enrollment_mode: "manual_invitation", delete_pending: "true" };
  await browser.post(`${domain}/update_enrollment_mode`, none);
  expect([before > 0, await pendingSuggestions()]).toEqual([true, 0]);
  expect((await browser.delete(domain)).body.response.deleted).toBe(true);

  await browser.post(base, { name: "example.net" });
  await browser.delete(`/organizations/${northwind.id}`);
  const free = await backend.organizations.createOrganizationDomain({
    organizationId: harbour.id,
    name: "example.net",
    enrollmentMode: "manual_invitation",
  });
  expect(free.id).toMatch(/^orgdmn_/);
});
