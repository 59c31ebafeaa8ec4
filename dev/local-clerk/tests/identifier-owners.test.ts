// Whose an address or a number is: one that was only typed into a profile is nobody's, and one that is proved stays so.

import { afterEach, beforeEach, expect, test } from "vitest";
import type { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import {
  Browser,
  backendOf,
  eventually,
  openSite,
  type Receiver,
  type Site,
} from "../testing/site";

const kofi = "kofi.mensah@example.com";
const typed = "typed@example.net";
const number = "+12025550143";
const password = "correct-horse-77";
let close: Site["close"];
let receiver: Receiver;
let clerk: LocalClerk;
let control: ReturnType<typeof controlClient>;
let typist: Browser;
let owner: Browser;

beforeEach(async () => {
  ({ clerk, control, receiver, close } = await openSite());
  await control.settings.set({ phone: "optional" });
  typist = new Browser(clerk, receiver.url);
  owner = new Browser(clerk, receiver.url);
  await typist.answer("POST", "/client/sign_ins", { identifier: kofi, password: clerk.password });
});
afterEach(() => close());

const backend = () => backendOf(clerk);

const newest = async (to: string) => (await control.outbox.latest(to))?.code ?? "";

const kinds = [
  { noun: "address", value: typed, field: "email_address", base: "/me/email_addresses" },
  { noun: "number", value: number, field: "phone_number", base: "/me/phone_numbers" },
] as const;
const strategyOf = (field: string) => (field === "phone_number" ? "phone_code" : "email_code");

/** Its id, in the profile of somebody who has not proved it. */
async function type({ field, value, base }: (typeof kinds)[number]): Promise<string> {
  return (await typist.answer("POST", base, { [field]: value })).body.response.id;
}

async function signUp({ field, value }: (typeof kinds)[number]) {
  const form = { [field]: value, password };
  const begun = await owner.answer("POST", "/client/sign_ups", form);
  if (begun.status !== 200) return begun;
  const path = `/client/sign_ups/${begun.body.response.id}`;
  const strategy = strategyOf(field);
  await owner.answer("POST", `${path}/prepare_verification`, { strategy });
  const code = await newest(value);
  return owner.answer("POST", `${path}/attempt_verification`, { strategy, code });
}

test.each(kinds)("$noun: whoever only typed it does not sign in by it", async (kind) => {
  await type(kind);
  const form = { identifier: kind.value, password: clerk.password };
  expect((await owner.answer("POST", "/client/sign_ins", form)).code).toBe(
    "form_identifier_not_found",
  );
});

test.each(kinds)("$noun: its owner signs up, and the typist cannot prove it then", async (kind) => {
  const id = await type(kind);
  const strategy = strategyOf(kind.field);
  await typist.answer("POST", `${kind.base}/${id}/prepare_verification`, { strategy });
  const code = await newest(kind.value);
  expect((await signUp(kind)).body.response.status).toBe("complete");
  const late = await typist.answer("POST", `${kind.base}/${id}/attempt_verification`, { code });
  expect([late.status, late.code]).toEqual([422, "form_identifier_exists"]);
  const mine = await typist.answer("GET", `${kind.base}/${id}`);
  expect(mine.body.response.verification.status).toBe("unverified");
  const form = { identifier: kind.value, password };
  const again = await new Browser(clerk, receiver.url).answer("POST", "/client/sign_ins", form);
  expect(again.body.response.status).toBe("complete");
});

test.each(kinds)("$noun: nobody has it twice in one profile", async (kind) => {
  await type(kind);
  const again = await typist.answer("POST", kind.base, { [kind.field]: kind.value });
  expect(again.code).toBe("form_identifier_exists");
});

test("what somebody is known by is not removed when the rest was only typed", async () => {
  for (const kind of kinds) await type(kind);
  const [own] = (await typist.answer("GET", "/me/email_addresses")).body;
  const refused = await typist.answer("DELETE", `/me/email_addresses/${own.id}`);
  expect([refused.status, refused.code]).toEqual([400, "identification_deletion_failed"]);
});

test("an address that is reserved for somebody is nobody else's", async () => {
  const response = await fetch(`${clerk.env.CLERK_API_URL}/v1/users`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${clerk.keys.secretKey}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({
      email_address: [typed],
      email_address_identification_status: ["reserved"],
      password,
    }),
  });
  expect(response.status).toBe(200);
  expect((await signUp(kinds[0])).code).toBe("form_identifier_exists");
  const form = { identifier: typed, password };
  const { body } = await owner.answer("POST", "/client/sign_ins", form);
  expect(body.client.sessions[0].user.id).toBe((await response.json()).id);
});

test("an invitation is for whoever reads the mail, not for whoever typed its address", async () => {
  await type(kinds[0]);
  const { invitations, organizations } = backend();
  const membership = { organizationId: derivedId("org", "northwind-press"), role: "org:member" };
  const userId = derivedId("user", kofi);
  await organizations.createOrganizationMembership({ ...membership, userId });
  await organizations.createOrganizationInvitation({ ...membership, emailAddress: typed });
  const mailed = await eventually(() =>
    receiver.received
      .map(({ body }) => JSON.parse(body))
      .find(({ type, data }) => type === "email.created" && data.to_email_address === typed),
  );
  expect(mailed.data.user_id).toBeNull();
  const link = new URL((await control.outbox.latest(typed))?.link ?? "");
  const ticket = link.searchParams.get("ticket") ?? "";
  for (const by of [owner, typist]) {
    const led = await by.request("GET", `/tickets/accept?ticket=${ticket}`);
    expect(led.headers.get("location")).toContain("__clerk_status=sign_up");
  }
  const form = { strategy: "ticket", ticket };
  const refused = await owner.answer("POST", "/client/sign_ins", form);
  expect(refused.code).toBe("form_identifier_not_found");
  const joined = await owner.answer("POST", "/client/sign_ups", { ...form, password });
  expect(joined.body.response).toMatchObject({ status: "complete", email_address: typed });
  const another = { emailAddress: "app@example.net" };
  await typist.answer("POST", "/me/email_addresses", { email_address: another.emailAddress });
  expect((await invitations.createInvitation(another)).status).toBe("pending");
});

test.each(kinds)("$noun: what is proved is not asked for again", async (kind) => {
  const id = await type(kind);
  const path = `${kind.base}/${id}`;
  const strategy = strategyOf(kind.field);
  await typist.answer("POST", `${path}/prepare_verification`, { strategy });
  await typist.answer("POST", `${path}/attempt_verification`, { code: await newest(kind.value) });
  const again = await typist.answer("POST", `${path}/prepare_verification`, { strategy });
  expect([again.status, again.code]).toEqual([400, "verification_already_verified"]);
  const { verification } = (await typist.answer("GET", path)).body.response;
  expect(verification.status).toBe("verified");
});
