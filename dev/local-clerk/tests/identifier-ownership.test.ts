// Ownership of email addresses and phone numbers: an unverified identifier has no owner, and a verified identifier belongs to one
// user.

import { expect } from "vitest";
import type { Browser } from "../testing/browser";
import { kofi, northwind } from "../testing/seeded";
import { type Site, ticketIn } from "../testing/site";
import { test as siteTest } from "../testing/test";
import { waitUntil } from "../testing/wait-until";

const password = "correct-horse-77";
const address = {
  noun: "address",
  value: "typed@example.net",
  field: "email_address",
  path: "/me/email_addresses",
  strategy: "email_code",
} as const;
const number = {
  noun: "number",
  value: "+447700900143",
  field: "phone_number",
  path: "/me/phone_numbers",
  strategy: "phone_code",
} as const;
const identifiers = [address, number];
type Identifier = (typeof identifiers)[number];

const test = siteTest
  .extend({ settings: { email: "optional", phone: "optional", username: "optional" } })
  // A browser in which Kofi is signed in. Kofi adds identifiers to the profile and does not verify them.
  .extend<{ profile: Browser }>({
    profile: async ({ signedIn }, use) => use(await signedIn(kofi.email)),
  });

/** Adds an identifier to the profile without verifying it. Resolves to its id. */
async function addUnverified(
  profile: Browser,
  { field, value, path }: Identifier,
): Promise<string> {
  return (await profile.post(path, { [field]: value })).body.response.id;
}

async function signUp(site: Site, browser: Browser, { field, value, strategy }: Identifier) {
  const path = await browser.startSignUp({ [field]: value, password });
  const code = await site.newestCode(value);
  return browser.post(`${path}/attempt_verification`, { strategy, code });
}

test.for(identifiers)(
  "a user cannot sign in with an unverified $noun",
  async (identifier, { browser, profile }) => {
    await addUnverified(profile, identifier);
    expect((await browser.signIn(identifier.value)).code).toBe("form_identifier_not_found");
  },
);

test.for(identifiers)(
  "another user can sign up with a $noun that is unverified in a profile; verifying it in that profile is then refused",
  async (identifier, { site, browser, profile }) => {
    const id = await addUnverified(profile, identifier);
    const { path, strategy, value } = identifier;
    await profile.post(`${path}/${id}/prepare_verification`, { strategy });
    const code = await site.newestCode(value);
    expect((await signUp(site, browser, identifier)).body.response.status).toBe("complete");
    const late = await profile.post(`${path}/${id}/attempt_verification`, { code });
    expect([late.status, late.code]).toEqual([422, "form_identifier_exists"]);
    const { verification } = (await profile.get(`${path}/${id}`)).body.response;
    expect(verification.status).toBe("unverified");
    const again = await site.newBrowser().signIn(value, password);
    expect(again.body.response.status).toBe("complete");
  },
);

test.for(identifiers)(
  "a $noun cannot be added to one profile twice",
  async (identifier, { profile }) => {
    await addUnverified(profile, identifier);
    const again = await profile.post(identifier.path, { [identifier.field]: identifier.value });
    expect(again.code).toBe("form_identifier_exists");
  },
);

test.for(identifiers)(
  "a verified $noun cannot be verified again",
  async (identifier, { site, profile }) => {
    const id = await addUnverified(profile, identifier);
    const path = `${identifier.path}/${id}`;
    const { strategy, value } = identifier;
    await profile.post(`${path}/prepare_verification`, { strategy });
    await profile.post(`${path}/attempt_verification`, { code: await site.newestCode(value) });
    const again = await profile.post(`${path}/prepare_verification`, { strategy });
    expect([again.status, again.code]).toEqual([400, "verification_already_verified"]);
    const { verification } = (await profile.get(path)).body.response;
    expect(verification.status).toBe("verified");
  },
);

test.for(identifiers)(
  "an unverified $noun cannot become the primary one",
  async (identifier, { profile }) => {
    const id = await addUnverified(profile, identifier);
    const primary = `primary_${identifier.field}_id`;
    const read = async () => (await profile.get("/me")).body.response[primary];
    const before = await read();
    const refused = await profile.patch("/me", { [primary]: id });
    expect([refused.status, refused.code]).toEqual([400, "verification_missing"]);
    expect(await read()).toBe(before);
  },
);

test("when the primary address is removed, an unverified address does not become primary", async ({
  profile,
}) => {
  await addUnverified(profile, address);
  await profile.patch("/me", { username: "kofi" });
  const me = async () => (await profile.get("/me")).body.response;
  const { primary_email_address_id: id, email_addresses: emails } = await me();
  expect(emails).toHaveLength(2);
  expect((await profile.delete(`${address.path}/${id}`)).status).toBe(200);
  expect((await me()).primary_email_address_id).toBeNull();
});

test("the only verified identifier cannot be removed", async ({ profile }) => {
  for (const identifier of identifiers) await addUnverified(profile, identifier);
  const [own] = (await profile.get(address.path)).body;
  const refused = await profile.delete(`${address.path}/${own.id}`);
  expect([refused.status, refused.code]).toEqual([400, "identification_deletion_failed"]);
});

test("an address reserved for a user cannot be added by another user, and its user can sign in with it", async ({
  site,
  browser,
}) => {
  const made = await site.callBackend("POST", "/users", {
    email_address: [address.value],
    email_address_identification_status: ["reserved"],
    password,
  });
  expect(made.status).toBe(200);
  const form = { email_address: address.value, password };
  expect((await browser.post("/client/sign_ups", form)).code).toBe("form_identifier_exists");
  const { body } = await browser.signIn(address.value, password);
  expect(body.client.sessions[0].user.id).toBe(made.body.id);
});

test("an invitation can be used only by signing up with its ticket, not by a user whose profile has the address unverified", async ({
  site,
  browser,
  backend,
  profile,
}) => {
  await addUnverified(profile, address);
  const { invitations, organizations } = backend;
  const membership = { organizationId: northwind.id, role: "org:member" };
  await organizations.createOrganizationMembership({ ...membership, userId: kofi.id });
  await organizations.createOrganizationInvitation({ ...membership, emailAddress: address.value });
  const mailed = await waitUntil(() =>
    site.receiver.received
      .map(({ body }) => JSON.parse(body))
      .find(
        ({ type, data }) => type === "email.created" && data.to_email_address === address.value,
      ),
  );
  expect(mailed.data.user_id).toBeNull();
  const ticket = ticketIn(await site.newestLink(address.value));
  for (const each of [browser, profile]) {
    const response = await each.fetch("GET", `/tickets/accept?ticket=${ticket}`);
    expect(response.headers.get("location")).toContain("__clerk_status=sign_up");
  }
  const form = { strategy: "ticket", ticket };
  const refused = await browser.post("/client/sign_ins", form);
  expect(refused.code).toBe("form_identifier_not_found");
  const joined = await browser.post("/client/sign_ups", { ...form, password });
  expect(joined.body.response).toMatchObject({ status: "complete", email_address: address.value });
  const another = { emailAddress: "app@example.net" };
  await profile.post(address.path, { email_address: another.emailAddress });
  expect((await invitations.createInvitation(another)).status).toBe("pending");
});
