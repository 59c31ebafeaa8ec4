// How an organization grows, over the Frontend API: invitations and their links, domains and requests.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import { Browser, backendOf, openSite, type Receiver, type Site } from "../testing/site";

const kofi = "kofi.mensah@example.com";
const amara = "amara.okafor@example.com";
const northwind = derivedId("org", "northwind-press");
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let control: ReturnType<typeof controlClient>;
let browser: Browser;

beforeEach(async () => {
  ({ clerk, control, receiver, close } = await openSite());
  browser = new Browser(clerk, receiver.url);
});
afterEach(() => close());

const answer = (method: string, path: string, form?: Record<string, string>, by = browser) =>
  by.answer(method, path, form);

const signIn = (identifier: string, by = browser) =>
  answer(
    "POST",
    "/client/sign_ins",
    { identifier, password: clerk.password, strategy: "password" },
    by,
  );

const backend = () => backendOf(clerk);

async function invitationTicket(email: string): Promise<string> {
  const link = (await control.outbox.latest(email))?.link ?? "";
  const response = await browser.request("GET", link.replace(/^.*\/v1/, ""));
  const target = new URL(response.headers.get("location") ?? "");
  return target.searchParams.get("__clerk_ticket") ?? "";
}

test("the link of an invitation makes a new person a member, once", async () => {
  const admin = new Browser(clerk, receiver.url);
  await signIn(amara, admin);
  const form = { email_address: "fresh@example.com", role: "org:admin" };
  await answer("POST", `/organizations/${northwind}/invitations`, form, admin);
  const ticket = await invitationTicket("fresh@example.com");
  const filled = { strategy: "ticket", ticket, password: "correct-horse-77" };
  const { body } = await answer("POST", "/client/sign_ups", filled);
  expect(body.response.status).toBe("complete");
  const [session] = body.client.sessions;
  expect(session.last_active_organization_id).toBe(northwind);
  const types = (await control.webhooks.messages()).map(({ type }) => type);
  expect(types).toContain("organizationInvitation.accepted");
  const again = await answer("POST", "/client/sign_ups", filled, new Browser(clerk, receiver.url));
  expect(again.body.errors[0].code).toBe("organization_invitation_already_accepted");
});

test("a known person accepts by the link, or in their own list", async () => {
  const admin = new Browser(clerk, receiver.url);
  await signIn(amara, admin);
  const invite = { email_address: kofi, role: "org:member" };
  await answer("POST", `/organizations/${northwind}/invitations`, invite, admin);
  const ticket = await invitationTicket(kofi);
  const { body } = await answer("POST", "/client/sign_ins", { strategy: "ticket", ticket });
  expect(body.client.sessions[0].last_active_organization_id).toBe(northwind);
  const organizations = backend().organizations;
  const harbour = derivedId("org", "harbour-cycling-club");
  const second = { organizationId: harbour, emailAddress: kofi, role: "org:member" };
  await organizations.createOrganizationInvitation(second);
  const list = await answer("GET", "/me/organization_invitations");
  const [invitation] = list.body.response.data;
  expect(invitation.public_organization_data.id).toBe(harbour);
  await answer("POST", `/me/organization_invitations/${invitation.id}/accept`);
  const foreign = await answer("POST", "/me/organization_invitations/orginv_x/accept");
  expect(foreign.body.errors[0].code).toBe("resource_not_found");
  const members = await organizations.getOrganizationMembershipList({ organizationId: harbour });
  expect(members.totalCount).toBe(4);
});

test("who is signed in as the invited joins by the link at once, somebody else does not", async () => {
  const to = { organizationId: northwind, emailAddress: kofi, role: "org:member" };
  await backend().organizations.createOrganizationInvitation(to);
  const link = new URL((await control.outbox.latest(kofi))?.link ?? "");
  const path = link.pathname.replace(/^.*\/v1/, "") + link.search;
  const open = async (by: Browser) => (await by.request("GET", path)).headers.get("location");
  const stranger = new Browser(clerk, receiver.url);
  await signIn(amara, stranger);
  expect(await open(stranger)).toContain("__clerk_status=sign_in");
  await signIn(kofi);
  expect(await open(browser)).toBe(`${receiver.url}/sign-in?__clerk_status=complete`);
  const { body } = await answer("GET", "/client");
  expect(body.response.sessions[0].last_active_organization_id).toBe(northwind);
});

test("a domain, verified by a code, suggests the organization; a request is accepted or rejected", async () => {
  await signIn(amara);
  const base = `/organizations/${northwind}/domains`;
  const { body } = await answer("POST", base, { name: "example.com" });
  const domain = `${base}/${body.response.id}`;
  const address = "admin@example.com";
  await answer("POST", `${domain}/prepare_affiliation_verification`, {
    affiliation_email_address: address,
  });
  const wrong = await answer("POST", `${domain}/attempt_affiliation_verification`, { code: "x" });
  expect(wrong.body.errors[0].code).toBe("form_code_incorrect");
  const code = (await control.outbox.latest(address))?.code ?? "";
  await answer("POST", `${domain}/attempt_affiliation_verification`, { code });
  const mode = { enrollment_mode: "automatic_suggestion" };
  await answer("POST", `${domain}/update_enrollment_mode`, mode);
  expect((await answer("GET", domain)).body.response.verification.status).toBe("verified");
  for (const [email, action] of [
    [kofi, "accept"],
    ["yusuf.demir@example.com", "reject"],
  ] as const) {
    const other = new Browser(clerk, receiver.url);
    await signIn(email, other);
    const list = await answer("GET", "/me/organization_suggestions", undefined, other);
    const [suggestion] = list.body.response.data;
    await answer("POST", `/me/organization_suggestions/${suggestion.id}/accept`, {}, other);
    const requests = `/organizations/${northwind}/membership_requests`;
    const [request] = (await answer("GET", requests)).body.response.data;
    await answer("POST", `${requests}/${request.id}/${action}`);
  }
  const members = await answer("GET", `/organizations/${northwind}/memberships?paginated=true`);
  expect(members.body.response.total_count).toBe(4);
  const waiting = async () => (await answer("GET", domain)).body.response.total_pending_suggestions;
  const before = await waiting();
  const made = await backend().users.createUser({ emailAddress: ["later@example.com"] });
  expect(await waiting()).toBe(before + 1);
  await backend().users.deleteUser(made.id);
  expect(await waiting()).toBe(before);
  const none = { enrollment_mode: "manual_invitation", delete_pending: "true" };
  await answer("POST", `${domain}/update_enrollment_mode`, none);
  expect([before > 0, await waiting()]).toEqual([true, 0]);
  expect((await answer("DELETE", domain)).body.response.deleted).toBe(true);

  await answer("POST", base, { name: "example.net" });
  await answer("DELETE", `/organizations/${northwind}`);
  const free = await backend().organizations.createOrganizationDomain({
    organizationId: derivedId("org", "harbour-cycling-club"),
    name: "example.net",
    enrollmentMode: "manual_invitation",
  });
  expect(free.id).toMatch(/^orgdmn_/);
});
