import { afterEach, beforeEach, expect, test } from "vitest";
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

let folder: ReturnType<typeof temporaryFolder>;
let receiver: Receiver;
let clerk: LocalClerk;
let client: Backend;

beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startReceiver();
  clerk = (await startClerkFor(receiver, folder.path)).clerk;
  client = backendOf(clerk);
});
afterEach(async () => {
  await clerk.close();
  await receiver.close();
  folder.remove();
});

test("people are listed newest first, paged, counted, filtered and searched", async () => {
  const { data, totalCount } = await client.users.getUserList({ limit: 2, offset: 1 });
  expect(totalCount).toBe(7);
  expect(data.map((user) => user.firstName)).toEqual(["Freya", "Yusuf"]);
  const byName = await client.users.getUserList({ orderBy: "+first_name", limit: 1 });
  expect(byName.data[0]?.firstName).toBe("Amara");
  const byMail = await client.users.getUserList({ emailAddress: ["kofi.mensah@example.com"] });
  expect(byMail.data.map((user) => user.id)).toEqual([
    derivedId("user", "kofi.mensah@example.com"),
  ]);
  expect((await client.users.getUserList({ query: "CHEN" })).totalCount).toBe(1);
  const ids = byMail.data.map((user) => user.id);
  expect((await client.users.getUserList({ userId: ids })).totalCount).toBe(1);
  await expect(client.users.getUserList({ web3Wallet: ["1"] })).rejects.toMatchObject({
    status: 501,
  });
});

test("a person is created, found, changed, given metadata, banned and deleted", async () => {
  const created = await client.users.createUser({
    emailAddress: ["new@example.com"],
    firstName: "New",
    password: "long-enough-1",
    publicMetadata: { plan: { name: "free", seats: 1 } },
  });
  expect(created.primaryEmailAddress?.verification?.status).toBe("verified");
  const merged = await client.users.updateUserMetadata(created.id, {
    publicMetadata: { plan: { seats: 2, name: null } },
  });
  expect(merged.publicMetadata).toEqual({ plan: { seats: 2 } });
  const renamed = await client.users.updateUser(created.id, { lastName: "Person" });
  expect(renamed.fullName).toBe("New Person");
  expect(renamed.updatedAt).toBeGreaterThan(merged.updatedAt);
  expect((await client.users.banUser(created.id)).banned).toBe(true);
  const browser = new Browser(clerk, receiver.url);
  const form = { identifier: "new@example.com", password: "long-enough-1" };
  const refused = await browser.request("POST", "/client/sign_ins", form);
  expect((await refused.json()).errors[0].code).toBe("user_banned");
  await client.users.deleteUser(created.id);
  await expect(client.users.getUser(created.id)).rejects.toMatchObject({
    status: 404,
    errors: [{ code: "resource_not_found" }],
  });
  const taken = { emailAddress: ["ines.duarte@example.com"] };
  await expect(client.users.createUser(taken)).rejects.toMatchObject({
    status: 422,
    errors: [{ code: "form_identifier_exists" }],
  });
});

test("organizations and memberships, of one organization and of the instance", async () => {
  const userId = derivedId("user", "kofi.mensah@example.com");
  const made = await client.organizations.createOrganization({
    name: "Acme Été",
    createdBy: userId,
  });
  expect(made.slug).toBe("acme-e-te");
  const [own] = (await client.users.getOrganizationMembershipList({ userId })).data;
  expect([own?.role, own?.organization.id]).toEqual(["org:admin", made.id]);
  const other = derivedId("user", "freya.lindqvist@example.com");
  const joined = { organizationId: made.id, userId: other };
  await client.organizations.createOrganizationMembership({ ...joined, role: "org:member" });
  await client.organizations.updateOrganizationMembership({ ...joined, role: "org:admin" });
  const list = await client.organizations.getOrganizationMembershipList({
    organizationId: made.id,
    userId: [other],
  });
  expect(list.data[0]?.role).toBe("org:admin");
  await client.organizations.deleteOrganizationMembership(joined);
  const whole = await client.organizations.getInstanceOrganizationMembershipList({ limit: 100 });
  expect(whole.totalCount).toBe(7);
  const found = await client.organizations.getOrganization({ slug: made.slug ?? "" });
  expect(found.id).toBe(made.id);
  await client.organizations.deleteOrganization(made.id);
  expect((await client.organizations.getOrganizationList()).totalCount).toBe(2);
});

test("a sign-in token opens a session once; the session is found and revoked", async () => {
  const userId = derivedId("user", "mei-lin.chen@example.com");
  const { token } = await client.signInTokens.createSignInToken({ userId, expiresInSeconds: 60 });
  const browser = new Browser(clerk, receiver.url);
  const form = { strategy: "ticket", ticket: token };
  const signed = await (await browser.request("POST", "/client/sign_ins", form)).json();
  const sessionId = signed.response.created_session_id;
  expect((await client.sessions.getSessionList({ userId })).data.map((each) => each.id)).toEqual([
    sessionId,
  ]);
  expect((await client.sessions.revokeSession(sessionId)).status).toBe("revoked");
  const me = await browser.request("GET", "/me");
  expect(me.status).toBe(401);
  const again = await (await browser.request("POST", "/client/sign_ins", form)).json();
  expect(again.errors[0].code).toBe("sign_in_token_already_used_code");
});

test("a wrong key is refused in Clerk's shape; what is unknown is 501 with its name", async () => {
  await expect(backendOf(clerk, "sk_live_wrong").users.getCount()).rejects.toMatchObject({
    status: 401,
    errors: [{ code: "clerk_key_invalid" }],
  });
  await expect(client.machines.list()).rejects.toMatchObject({
    status: 501,
    errors: [{ code: "not_implemented_locally" }],
  });
});

test("the SDK accepts a session token with the published keys and with the PEM", async () => {
  const browser = new Browser(clerk, receiver.url);
  const form = { identifier: "ines.duarte@example.com", password: clerk.password };
  const signed = await (await browser.request("POST", "/client/sign_ins", form)).json();
  const path = `/client/sessions/${signed.response.created_session_id}/tokens`;
  const { jwt } = await (await browser.request("POST", path)).json();
  const request = new Request(receiver.url, { headers: { authorization: `Bearer ${jwt}` } });
  for (const options of [{}, { jwtKey: clerk.keys.jwtKey }]) {
    const state = await client.authenticateRequest(request, options);
    expect(state.toAuth()).toMatchObject({
      userId: derivedId("user", "ines.duarte@example.com"),
    });
  }
});
