// What was refused has not happened: nothing of it is there, and nothing of it is told.

import { afterAll, beforeAll, expect, test } from "vitest";
import { controlClient } from "../control/client";
import { derivedId } from "../ids";
import type { LocalClerk } from "../start";
import {
  type Backend,
  Browser,
  backendOf,
  openSite,
  type Receiver,
  type Site,
} from "../testing/site";

let close: Site["close"];
let lines: Site["lines"];
let told: Site["told"];
let receiver: Receiver;
let clerk: LocalClerk;
let client: Backend;
let organizationId: string;

beforeAll(async () => {
  ({ clerk, receiver, lines, told, close } = await openSite());
  client = backendOf(clerk);
  const createdBy = derivedId("user", "amara.okafor@example.com");
  const given = { name: "Full", createdBy, maxAllowedMemberships: 2 };
  organizationId = (await client.organizations.createOrganization(given)).id;
});
afterAll(() => close());

const types = async () => (await controlClient(clerk.url).webhooks.messages()).map((m) => m.type);

async function post(path: string, body: object[]) {
  const response = await fetch(`${clerk.url}/bapi/v1${path}`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${clerk.keys.secretKey}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  return response.status;
}

test("who comes by an invitation to a full organization is not here, and may come again", async () => {
  const emailAddress = "late@example.com";
  const invited = { organizationId, emailAddress, role: "org:member" };
  const { id } = await client.organizations.createOrganizationInvitation(invited);
  await client.organizations.updateOrganization(organizationId, { maxAllowedMemberships: 1 });
  const { outbox } = controlClient(clerk.url);
  const link = (await outbox.latest(emailAddress))?.link ?? "";
  const ticket = new URL(link).searchParams.get("ticket") ?? "";
  const filled = { strategy: "ticket", ticket, password: "correct-horse-77" };
  const before = await types();
  const signUp = () => new Browser(clerk, receiver.url).answer("POST", "/client/sign_ups", filled);
  for (const _ of ["first", "second"]) {
    expect(await signUp()).toMatchObject({
      status: 403,
      code: "organization_membership_quota_exceeded",
    });
  }
  expect(await types()).toEqual(before);
  expect(await client.users.getCount({ emailAddress: [emailAddress] })).toBe(0);
  const kept = await client.organizations.getOrganizationInvitation({
    organizationId,
    invitationId: id,
  });
  expect(kept.status).toBe("pending");
  await client.organizations.updateOrganization(organizationId, { maxAllowedMemberships: 2 });
  expect((await signUp()).body.response.status).toBe("complete");
});

test("of several asked for at once, one that is refused refuses all", async () => {
  await client.organizations.updateOrganization(organizationId, { maxAllowedMemberships: 0 });
  const before = await types();
  const toldBefore = [...told];
  const twice = (second: object) => [
    { email_address: "bulk@example.com", role: "org:member" },
    { email_address: "other@example.com", ...second },
  ];
  const path = `/organizations/${organizationId}/invitations/bulk`;
  expect(await post(path, twice({ role: "org:nobody" }))).toBe(404);
  const entries = [{ email_address: "bulk@example.com" }, { email_address: "nonsense" }];
  expect(await post("/waitlist_entries/bulk", entries)).toBe(422);
  expect(await types()).toEqual(before);
  expect(told).toEqual(toldBefore);
  const mailed = () => lines.filter((line) => line.startsWith("Mail to bulk@example.com"));
  expect(mailed()).toEqual([]);
  expect(await post(path, twice({ role: "org:member" }))).toBe(200);
  expect(mailed()).toHaveLength(1);
  expect(told.slice(toldBefore.length)).toContain("organizationInvitation.created");
  const { totalCount } = await client.waitlistEntries.list();
  expect(totalCount).toBe(0);
});
