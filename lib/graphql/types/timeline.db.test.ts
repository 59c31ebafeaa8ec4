/** Tests the timeline and the state as of a time, through the API's route. */
import { beforeAll, expect, test } from "vitest";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorOrganization } from "@/dev/testing/mirror";

const [admin, person, org, joined] = [
  clerkId("user"),
  clerkId("user"),
  clerkId("org"),
  clerkId("orgmem"),
];
const START = 1_790_000_000_000;
const HOUR = 3_600_000;

const ask = (query: string) => askGraphQL({ sub: admin }, query);

const at = (hours: number, type: string, json: Record<string, unknown>) =>
  deliver({ ...event(type, json), timestamp: START + hours * HOUR });
const user = (hours: number, fields: object) =>
  userJson({
    id: person,
    updated_at: START + hours * HOUR,
    private_metadata: { note: "hidden" },
    ...fields,
  });

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorOrganization(org);
  await at(0, "user.created", user(0, { first_name: "Ada" }));
  await at(2, "user.updated", user(2, { first_name: "Ada", banned: true }));
  // This event is older than the one before, but arrives after it.
  await at(1, "user.updated", user(1, { first_name: "Augusta" }));
  const membership = membershipJson({
    id: joined,
    userId: person,
    organizationId: org,
    role: "org:member",
  });
  await at(3, "organizationMembership.created", { ...membership, updated_at: START + 3 * HOUR });
  await at(4, "organizationMembership.deleted", deletedJson(joined));
  await caughtUp();
});

const timeline = async (kind: string, id: string, rest = "") =>
  (
    await ask(`{ timeline(kind: ${kind}, id: "${id}" ${rest}) { objectTable isFirst isLate isDeletion deliveryId occurredAt
      changes { field before after } } }`)
  ).data.timeline;

test("a user's timeline has every version of the user and of the user's memberships, with the changed fields and the delivery", async () => {
  const entries = await timeline("USER", person);
  expect(entries.map((each: { objectTable: string }) => each.objectTable)).toEqual([
    ...["memberships", "memberships", "users", "users", "users"],
  ]);
  expect(entries[0]).toMatchObject({ isDeletion: true });
  expect(entries[2]).toMatchObject({
    isLate: false,
    occurredAt: new Date(START + 2 * HOUR).toISOString(),
    deliveryId: expect.stringMatching(/./),
    changes: [
      { field: "first_name", before: "Augusta", after: "Ada" },
      { field: "is_banned", before: false, after: true },
    ],
  });
  expect(entries[3]).toMatchObject({
    isLate: true,
    changes: [{ field: "first_name", before: "Ada", after: "Augusta" }],
  });
  expect(entries[4]).toMatchObject({ isFirst: true });
  expect(JSON.stringify(entries)).not.toContain("hidden");
});

test("a page of the timeline compares its oldest entry with the version on the next page", async () => {
  const entries = await timeline("USER", person, "first: 3");
  expect(entries.at(-1).changes).toHaveLength(2);
  const next = await timeline("USER", person, `before: "${entries.at(-1).occurredAt}"`);
  expect(next).toHaveLength(2);
});

test("an organization's timeline includes the versions of its memberships", async () => {
  const entries = await timeline("ORGANIZATION", org);
  expect(entries.map((each: { objectTable: string }) => each.objectTable).toSorted()).toEqual([
    ...["memberships", "memberships", "organizations"],
  ]);
});

test("stateAsOf returns the state at a time by Clerk's clock, even if its event arrived late", async () => {
  const asOf = async (hours: number) => {
    const time = new Date(START + hours * HOUR).toISOString();
    const { data } =
      await ask(`{ stateAsOf(kind: USER, id: "${person}", at: "${time}") { name state }
      membershipsAsOf(kind: USER, id: "${person}", at: "${time}") { id role otherName } }`);
    return data;
  };
  expect((await asOf(-1)).stateAsOf).toBeNull();
  expect((await asOf(1.5)).stateAsOf).toMatchObject({
    name: "Augusta Lovelace",
    state: { is_banned: false },
  });
  expect((await asOf(3.5)).stateAsOf.state).toMatchObject({ first_name: "Ada", is_banned: true });
  expect((await asOf(3.5)).membershipsAsOf).toEqual([
    { id: joined, role: "org:member", otherName: "Analytical Engines" },
  ]);
  expect((await asOf(4.5)).membershipsAsOf).toEqual([]);
});

test("a user as of a time has the fields of then, and is null before the first version", async () => {
  const asOf = async (hours: number) => {
    const time = new Date(START + hours * HOUR).toISOString();
    const { data, errors } = await ask(`{ userAsOf(id: "${person}", at: "${time}") {
      id name isBanned isAdmin createdAt updatedAt emailAddresses { emailAddress } publicMetadata createOrganizationsLimit } }`);
    expect(errors).toBeUndefined();
    return data.userAsOf;
  };
  expect(await asOf(-1)).toBeNull();
  expect(await asOf(1.5)).toEqual({
    ...{ id: person, name: "Augusta Lovelace", isBanned: false, isAdmin: false },
    createdAt: new Date(START).toISOString(),
    updatedAt: new Date(START + HOUR).toISOString(),
    emailAddresses: [
      { emailAddress: "old@example.com" },
      { emailAddress: `${person}@example.com` },
    ],
    ...{ publicMetadata: {}, createOrganizationsLimit: null },
  });
  expect(await asOf(3)).toMatchObject({ name: "Ada Lovelace", isBanned: true });
});

test("an organization as of a time has the fields of then", async () => {
  const time = new Date(START).toISOString();
  const { data } = await ask(
    `{ organizationAsOf(id: "${org}", at: "${time}") { id name slug createdBy createdAt isDeleted } }`,
  );
  expect(data.organizationAsOf).toEqual({
    ...{ id: org, name: "Analytical Engines", slug: "analytical-engines", createdBy: null },
    ...{ createdAt: time, isDeleted: false },
  });
});

test("mirrorRow has every column of the row but private metadata and the derived ones", async () => {
  const { data } = await ask(`{ mirrorRow(kind: USER, id: "${person}") }`);
  expect(data.mirrorRow).toMatchObject({ id: person, is_banned: true, version: START + 2 * HOUR });
  expect(Object.keys(data.mirrorRow)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(private_metadata|search|sort_.*)$/)]),
  );
});
