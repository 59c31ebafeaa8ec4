import { beforeAll, describe, expect, test } from "vitest";
import { clerkId, emailJson } from "@/dev/testing/clerk-payloads";
import {
  mirrorAdmin,
  mirrorMembership,
  mirrorOrganization,
  mirrorUser,
} from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../db";
import { findViewer } from "./viewer";
import { viewerDbFor } from "./viewer-db";

const [ours, theirs] = [clerkId("org"), clerkId("org")];
const [member, colleague, stranger, admin] = ["m", "c", "s", "a"].map(() => clerkId("user"));

async function dbAs(sub: string | undefined) {
  const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub, sid: clerkId("sess") });
  const result = await findViewer(new Headers({ authorization: `Bearer ${token}` }));
  return viewerDbFor(result.viewer);
}

beforeAll(async () => {
  for (const id of [ours, theirs]) await mirrorOrganization(id);
  await mirrorAdmin(admin ?? "");
  for (const id of [member, colleague, stranger]) await mirrorUser(id ?? "");
  for (const id of [member, colleague]) await mirrorMembership(clerkId("orgmem"), id ?? "", ours);
  await mirrorMembership(clerkId("orgmem"), stranger ?? "", theirs);
  await database().pool.query(
    `INSERT INTO invitations (id, version, organization_id, email) VALUES ('i1', 1, $1, NULL), ('i2', 1, $2, NULL),
      ('i3', 1, $2, $3), ('i4', 1, $2, $4)`,
    [ours, theirs, `${stranger}@EXAMPLE.com`, "unverified@example.com"],
  );
});

describe("a query without a filter", () => {
  test("an unfiltered query of a member returns only rows of the member's organizations", async () => {
    const db = await dbAs(member);
    expect(await db.organization.findMany({ select: { id: true } })).toEqual([{ id: ours }]);
    const users = await db.user.findMany({ select: { id: true } });
    expect(users.map(({ id }) => id).sort()).toEqual([member, colleague].sort());
    const memberships = await db.membership.findMany({ include: { user: true } });
    expect(memberships.map(({ organizationId }) => organizationId)).toEqual([ours, ours]);
    expect(await db.invitation.count()).toBe(1);
    expect(await db.delivery.count()).toBe(0);
  });

  test("an unfiltered query of an invited user returns the invitations to their verified addresses", async () => {
    await mirrorUser("user_invited", {
      email_addresses: [
        emailJson("idn_1", `${stranger}@example.com`),
        { ...emailJson("idn_2", "unverified@example.com"), verification: { status: "unverified" } },
      ],
    });
    const db = await dbAs("user_invited");
    expect(await db.invitation.findMany({ select: { id: true } })).toEqual([{ id: "i3" }]);
    expect(await db.organization.count()).toBe(0);
  });

  test("an unfiltered query without a viewer returns no rows", async () => {
    const db = viewerDbFor(null);
    expect(await db.organization.count()).toBe(0);
    expect(await db.invitation.count()).toBe(0);
    expect(await db.user.count()).toBe(0);
    expect(await db.membership.findMany()).toEqual([]);
  });

  test("an unfiltered query of a platform admin returns all rows", async () => {
    const db = await dbAs(admin);
    expect(await db.organization.count()).toBe(2);
    expect(await db.user.count()).toBe(5);
    expect(await db.delivery.count()).toBeGreaterThan(5);
  });
});

test("a write through the viewer's database client is refused, even for a platform admin", async () => {
  const db = await dbAs(admin);
  await expect(db.organization.updateMany({ data: { name: "x" } })).rejects.toThrow();
});

test("after a viewer's query, the pooled connection has the app's own role again", async () => {
  const db = await dbAs(member);
  await Promise.all(Array.from({ length: 30 }, () => db.organization.count()));
  expect(await database().prisma.organization.count()).toBe(2);
});

test("every table that the viewer role may read has row level security", async () => {
  const { rows } = await database().pool.query(
    `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
     AND has_table_privilege(viewer_role(), oid, 'SELECT') AND NOT relrowsecurity`,
  );
  expect(rows).toEqual([]);
});
