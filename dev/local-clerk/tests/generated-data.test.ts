// Tests the data that `generate` creates, in the process of the test. `process.test.ts` generates the full amount in a separate
// process, and measures the time and memory.

import { expect } from "vitest";
import { openSite } from "../testing/site";
import { test } from "../testing/test";
import { waitUntil } from "../testing/wait-until";

const yearMs = 365 * 86_400_000;

test("5,000 generated users can be paged and found by address, and still exist after a restart", async ({
  site,
  control,
  backend,
}) => {
  const wanted = { users: 5_000, organizations: 500, membersEach: 10 };
  const made = await control.generate(wanted);
  expect(made).toEqual({ users: 5_007, organizations: 502, memberships: 5_006 });
  const seen = new Set<string>();
  for (let offset = 0; offset < 5_007; offset += 500) {
    const { data } = await backend.users.getUserList({ limit: 500, offset });
    for (const { id } of data) seen.add(id);
  }
  expect(seen.size).toBe(5_007);
  await site.restart();
  expect((await site.control.overview()).usersCount).toBe(5_007);
});

test("generated users were created in the past year; a few are banned, unverified or were never active", async ({
  control,
  backend,
}) => {
  await control.generate({ users: 400, organizations: 0 });
  const { data } = await backend.users.getUserList({ limit: 500, query: "example" });
  const users = data.filter((user) => /\d@example\.(com|net|org)$/.test(emailOf(user)));
  expect(users).toHaveLength(400);
  expect(new Set(users.map((user) => user.fullName)).size).toBeGreaterThan(350);
  expect(users.filter((user) => user.createdAt < Date.now() - yearMs - 60_000)).toEqual([]);
  const unverified = users.filter(
    ({ emailAddresses: [email] }) => email?.verification?.status === "unverified",
  );
  for (const few of [
    unverified,
    users.filter((user) => user.banned),
    users.filter((user) => user.lastActiveAt === null),
  ]) {
    expect(few.length).toBeGreaterThan(0);
    expect(few.length).toBeLessThan(40);
  }
});

test("generated organizations differ in size, and their invitations have every status except accepted", async ({
  control,
  backend,
}) => {
  await control.generate({ users: 200, organizations: 40, membersEach: 6 });
  const { data } = await backend.organizations.getOrganizationList({
    limit: 100,
    includeMembersCount: true,
  });
  expect(new Set(data.map((each) => each.membersCount)).size).toBeGreaterThan(4);
  const invitations = await Promise.all(
    data.map(({ id: organizationId }) =>
      backend.organizations.getOrganizationInvitationList({ organizationId, limit: 100 }),
    ),
  );
  const statuses = new Set(invitations.flatMap((list) => list.data.map(({ status }) => status)));
  expect([...statuses].sort()).toEqual(["expired", "pending", "revoked"]);
});

test("the same seed generates the same data, and a second run adds nothing", async ({
  site,
  control,
}) => {
  const wanted = { users: 50, organizations: 5, seed: 3 };
  const total = await control.generate(wanted);
  expect(await control.generate(wanted)).toEqual(total);
  const other = await openSite();
  await other.control.generate(wanted);
  const [first, second] = await Promise.all(
    [site, other].map(async ({ backend }) => {
      const { data } = await backend.users.getUserList({ limit: 500, orderBy: "email_address" });
      return data.map((user) => [user.id, user.fullName, emailOf(user)]);
    }),
  );
  expect(first).toHaveLength(57);
  expect(first).toEqual(second);
  await other.close();
});

test("generating data sends webhooks only with sendsWebhooks", async ({ site, control }) => {
  await site.skipSeededWebhooks();
  await control.generate({ users: 40, organizations: 4 });
  expect(site.receiver.received).toEqual([]);
  await control.generate({ users: 40, organizations: 4, seed: 2, sendsWebhooks: true });
  const count = (type: string) =>
    site.receiver.received.filter(({ body }) => JSON.parse(body).type.startsWith(type)).length;
  await waitUntil(() => count("user.created") === 40);
  await waitUntil(() => count("organization.created") === 4);
  await waitUntil(() => count("organizationMembership.created") === 48);
  await waitUntil(() => count("organizationInvitation.") > 0);
});

function emailOf({ emailAddresses }: { emailAddresses: { emailAddress: string }[] }): string {
  return emailAddresses[0]?.emailAddress ?? "";
}
