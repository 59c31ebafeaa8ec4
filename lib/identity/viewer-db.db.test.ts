import { beforeAll, describe, expect, test } from "vitest";
import { clerkId } from "@/dev/testing/clerk-payloads";
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

async function mirrorAs(sub: string | undefined) {
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
    "INSERT INTO invitations (id, version, organization_id) VALUES ('i1', 1, $1), ('i2', 1, $2)",
    [ours, theirs],
  );
});

describe("a query that forgets its filter", () => {
  test("returns a member the rows of their own organization only", async () => {
    const mirror = await mirrorAs(member);
    expect(await mirror.organization.findMany({ select: { id: true } })).toEqual([{ id: ours }]);
    const people = await mirror.user.findMany({ select: { id: true } });
    expect(people.map(({ id }) => id).sort()).toEqual([member, colleague].sort());
    const memberships = await mirror.membership.findMany({ include: { user: true } });
    expect(memberships.map(({ organizationId }) => organizationId)).toEqual([ours, ours]);
    expect(await mirror.invitation.count()).toBe(1);
    expect(await mirror.delivery.count()).toBe(0);
  });

  test("returns nobody nothing", async () => {
    const mirror = viewerDbFor(null);
    expect(await mirror.organization.count()).toBe(0);
    expect(await mirror.user.count()).toBe(0);
    expect(await mirror.membership.findMany()).toEqual([]);
  });

  test("returns a platform admin everything", async () => {
    const mirror = await mirrorAs(admin);
    expect(await mirror.organization.count()).toBe(2);
    expect(await mirror.user.count()).toBe(4);
    expect(await mirror.delivery.count()).toBeGreaterThan(5);
  });
});

test("nothing can be written through it, not even by an admin", async () => {
  const mirror = await mirrorAs(admin);
  await expect(mirror.organization.updateMany({ data: { name: "x" } })).rejects.toThrow();
});

test("the role is that of one query: the connection is the app's own again", async () => {
  const mirror = await mirrorAs(member);
  await Promise.all(Array.from({ length: 30 }, () => mirror.organization.count()));
  expect(await database().prisma.organization.count()).toBe(2);
});

test("a table that the role may read has a wall", async () => {
  const { rows } = await database().pool.query(
    `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace
     AND has_table_privilege(viewer_role(), oid, 'SELECT') AND NOT relrowsecurity`,
  );
  expect(rows).toEqual([]);
});
