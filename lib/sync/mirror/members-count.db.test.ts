/**
 * Tests that `organizations.members_count` equals a fresh count after each refresh, whatever is written in whatever order before it.
 */
import { expect, test } from "vitest";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { mirrorMembership, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { sendWebhook } from "@/dev/testing/webhook";
import { database, transaction } from "../../db";
import { runErasures } from "../../erasure/erase";
import { clerkMembership } from "../event/event";
import { rowsJson, upsertSql } from "./apply";
import { membershipChange } from "./decide";
import { noteAllMemberCounts, refreshMemberCounts } from "./member-counts";

const { pool, prisma } = database();

async function wrongCounts() {
  await refreshMemberCounts();
  const { rows } = await pool.query(
    `SELECT o.id, o.members_count AS stored, count(u.id)::int AS counted FROM organizations o
     LEFT JOIN memberships m ON m.organization_id = o.id AND NOT m.deleted AND m.version > 0
     LEFT JOIN users u ON u.id = m.user_id AND NOT u.deleted AND u.version > 0
     GROUP BY o.id HAVING o.members_count IS DISTINCT FROM count(u.id)`,
  );
  return rows;
}
async function countOf(id: string) {
  await refreshMemberCounts();
  return (await prisma.organization.findUnique({ where: { id } }))?.membersCount;
}

const newIds = () => ({
  user: clerkId("user"),
  organization: clerkId("org"),
  membership: clerkId("orgmem"),
});

test("a membership counts once its user has arrived, until the membership or the user is deleted", async () => {
  const { user, organization, membership } = newIds();
  await mirrorMembership(membership, user, organization);
  expect(await countOf(organization)).toBe(0);
  await mirrorUser(user);
  expect(await countOf(organization)).toBe(1);
  await mirrorOrganization(organization);
  expect(await countOf(organization)).toBe(1);
  await sendWebhook(event("organizationMembership.deleted", deletedJson(membership)));
  expect(await countOf(organization)).toBe(0);
  await mirrorMembership(clerkId("orgmem"), user, organization);
  expect(await countOf(organization)).toBe(1);
  await sendWebhook(event("user.deleted", deletedJson(user)));
  expect(await countOf(organization)).toBe(0);
  await runErasures();
  expect(await wrongCounts()).toEqual([]);
});

/**
 * Runs the statements in two transactions that overlap: the second statement starts, and waits for a lock, before the first
 * transaction commits.
 */
async function overlap(first: [string, string[]], second: [string, string[]]): Promise<void> {
  const [one, other] = [await pool.connect(), await pool.connect()];
  await one.query("BEGIN");
  await one.query(...first);
  const { rows } = await other.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  const done = other.query(...second);
  await expect
    .poll(async () => {
      const waiting = "SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'";
      return (await pool.query(waiting, [rows[0]?.pid])).rowCount;
    })
    .toBe(1);
  await one.query("COMMIT");
  await done;
  one.release();
  other.release();
}

/** The statement of a webhook, which locks the user of the membership. */
function addMembership(id: string, userId: string, organizationId: string): [string, string[]] {
  const json = { ...membershipJson({ id, userId, organizationId }), other_attributes: {} };
  const source = { eventTimestamp: 1, svixId: clerkId("msg") };
  const change = membershipChange(clerkMembership.parse(json), source);
  return [`${upsertSql("memberships")} SELECT id FROM changed`, [rowsJson([change])]];
}
const endMembership = "UPDATE memberships SET deleted = true WHERE id = $1";
const deleteUser = "UPDATE users SET deleted = true WHERE id = $1";

test.each(["the membership", "the deletion"])(
  "a membership that is added while its user is deleted does not count when %s is committed first",
  async (first) => {
    const { user, organization, membership } = newIds();
    await mirrorUser(user);
    await mirrorOrganization(organization);
    const add = addMembership(membership, user, organization);
    const remove: [string, string[]] = [deleteUser, [user]];
    await (first === "the membership" ? overlap(add, remove) : overlap(remove, add));
    expect(await countOf(organization)).toBe(0);
  },
);

test("a membership that ends while its user is deleted is subtracted from the count only once", async () => {
  const { user, organization, membership } = newIds();
  await mirrorUser(user);
  await mirrorMembership(membership, user, organization);
  const [one, other] = [pool.query(endMembership, [membership]), pool.query(deleteUser, [user])];
  await Promise.all([one, other]);
  expect(await countOf(organization)).toBe(0);
});

test("a membership's statement does not wait for another membership of its organization", async () => {
  const { organization } = newIds();
  await mirrorOrganization(organization);
  const [ada, eve] = [clerkId("user"), clerkId("user")];
  for (const id of [ada, eve]) await mirrorUser(id);
  await transaction(async (db) => {
    await db.query(...addMembership(clerkId("orgmem"), ada, organization));
    // Would wait until the statement timeout if the first transaction had locked the organization.
    await pool.query(...addMembership(clerkId("orgmem"), eve, organization));
    await refreshMemberCounts();
  });
  expect(await countOf(organization)).toBe(2);
});

test("an update of a membership or a user that changes no count notes no organization", async () => {
  const { user, organization, membership } = newIds();
  await mirrorUser(user);
  await mirrorOrganization(organization);
  await mirrorMembership(membership, user, organization);
  await refreshMemberCounts();
  const updated_at = 1_790_000_001_000;
  await mirrorUser(user, { first_name: "Augusta", updated_at });
  await mirrorOrganization(organization, { name: "Difference Engines", updated_at });
  const changed = { id: membership, userId: user, organizationId: organization, updated_at };
  await sendWebhook(
    event("organizationMembership.updated", { ...membershipJson(changed), role: "org:admin" }),
  );
  expect(await prisma.membership.findUnique({ where: { id: membership } })).toMatchObject({
    role: "org:admin",
  });
  expect(await prisma.staleMemberCount.count()).toBe(0);
});

test("noteAllMemberCounts corrects a count that was changed by hand", async () => {
  const { organization } = newIds();
  await mirrorOrganization(organization);
  await pool.query("UPDATE organizations SET members_count = 7 WHERE id = $1", [organization]);
  expect(await countOf(organization)).toBe(7);
  await noteAllMemberCounts();
  expect(await countOf(organization)).toBe(0);
});

test("after 400 events, 20 at a time, of 12 users in 4 organizations in random order, every members_count is correct", async () => {
  const organizations = Array.from({ length: 4 }, () => clerkId("org"));
  const users = Array.from({ length: 12 }, () => clerkId("user"));
  const pick = <T>(list: T[]): T => {
    const [picked] = list.slice(Math.floor(Math.random() * list.length));
    if (picked === undefined) throw new Error("The list is empty.");
    return picked;
  };
  const memberships = Array.from({ length: 40 }, () => ({
    id: clerkId("orgmem"),
    userId: pick(users),
    organizationId: pick(organizations),
  }));
  const at = () => ({ updated_at: 1_790_000_000_000 + Math.floor(Math.random() * 1_000) });
  const makers = [
    () => event("user.updated", userJson({ id: pick(users), ...at() })),
    () => event("organization.updated", organizationJson({ id: pick(organizations), ...at() })),
    () =>
      event("organizationMembership.updated", membershipJson({ ...pick(memberships), ...at() })),
    () =>
      event("organizationMembership.created", membershipJson({ ...pick(memberships), ...at() })),
    () => event("organizationMembership.deleted", deletedJson(pick(memberships).id)),
  ];
  const events = Array.from({ length: 396 }, () => pick(makers)());
  const deletions = users.slice(0, 4).map((id) => event("user.deleted", deletedJson(id)));
  const all = [...events, ...deletions].sort(() => Math.random() - 0.5);
  const waiting = all.values();
  const lane = async () => {
    for (const payload of waiting) expect(await sendWebhook(payload)).toBe(200);
  };
  await Promise.all(Array.from({ length: 20 }, lane));
  expect(await wrongCounts()).toEqual([]);
  expect(await prisma.organization.count({ where: { membersCount: { gt: 0 } } })).toBeGreaterThan(
    0,
  );
  await runErasures();
  expect(await wrongCounts()).toEqual([]);
});

/** Turns sorting off, because for the few rows of this test the planner would prefer a sort to the index. */
const withoutSort = "SET LOCAL enable_sort = off";

test("the console's order by members reads the index, not every organization", async () => {
  const { rows } = await transaction(async (db) => {
    await db.query(withoutSort);
    return db.query<{ "QUERY PLAN": string }>(
      `EXPLAIN SELECT * FROM organizations WHERE NOT deleted AND version > 0
     ORDER BY members_count DESC NULLS LAST, id DESC LIMIT 51`,
    );
  });
  expect(rows.map((row) => row["QUERY PLAN"]).join("\n")).toContain(
    "Index Scan using organizations_members_count_id_idx",
  );
});
