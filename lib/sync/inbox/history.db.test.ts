import { describe, expect, test } from "vitest";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";
import { findVersion, findVersions } from "../mirror/history";

const day = 86_400_000;
const start = 1_790_000_000_000;
const on = (days: number) => new Date(start + days * day);

const named = (id: string, days: number, first_name: string) =>
  event("user.updated", userJson({ id, first_name, updated_at: +on(days) }), +on(days));

describe("findVersion and the table versions", () => {
  test("findVersion returns a user's state at `asOf`, from the versions that were received until `knownAt`", async () => {
    const id = clerkId("user");
    await sendWebhook(named(id, 0, "First"));
    await sendWebhook(named(id, 4, "Third"));
    const before = new Date();
    await database().pool.query("SELECT pg_sleep(0.005)");
    await sendWebhook(named(id, 2, "Second"));
    expect(await findVersion(id, { asOf: on(3) })).toMatchObject({
      state: { first_name: "Second" },
      isLate: true,
      occurredAt: on(2),
    });
    expect(await findVersion(id, { asOf: on(3), knownAt: before })).toMatchObject({
      state: { first_name: "First" },
    });
    expect(await findVersion(id)).toMatchObject({ state: { first_name: "Third" }, isLate: false });
    expect(await findVersion(id, { asOf: on(-1) })).toBeNull();
    expect((await findVersions(id)).map(({ isLate }) => isLate)).toEqual([false, false, true]);
  });

  test("findVersion chooses among equal timestamps the version that the version guard kept, whatever the database's collation", async () => {
    const id = clerkId("user");
    await sendWebhook(named(id, 0, "By event"), { id: clerkId("msg") });
    const { pool } = database();
    await pool.query(
      `INSERT INTO versions SELECT object_table, object_id, deleted, version, event_timestamp, '~', 1, user_id,
         organization_id, occurred_at, received_at, is_late, '{"first_name": "Repaired"}'
       FROM versions WHERE object_id = $1`,
      [id],
    );
    const order = (collation: string) =>
      pool.query(`ALTER TABLE versions ALTER COLUMN svix_id TYPE text COLLATE "${collation}"`);
    await order("en-x-icu");
    expect(await findVersion(id)).toMatchObject({ state: { first_name: "Repaired" } });
    await order("C");
  });

  test("the table versions has one row for each delivery, with its svix-id, however often the delivery is sent", async () => {
    const id = clerkId("org");
    const svixId = clerkId("msg");
    const payload = event("organization.created", organizationJson({ id }));
    await Promise.all(Array.from({ length: 5 }, () => sendWebhook(payload, { id: svixId })));
    expect(await findVersions(id)).toMatchObject([{ svixId, objectTable: "organizations" }]);
  });
});

test("deleting an organization clears its rows in versions, and a version that arrives later is stored without its state", async () => {
  const id = clerkId("org");
  await sendWebhook(event("organization.created", organizationJson({ id, name: "Remembered" })));
  await sendWebhook(event("organization.deleted", deletedJson(id)));
  expect(await findVersions(id)).toMatchObject([{ deleted: true, state: null }]);
  const late = organizationJson({ id, name: "Remembered", updated_at: +on(9) });
  await sendWebhook(event("organization.updated", late));
  expect((await findVersions(id)).map(({ state }) => state)).toEqual([null, null]);
});

describe("the deletion of a user", () => {
  test("deleting a user clears all versions of the user, and a version that arrives later is stored without its state", async () => {
    const [id, organizationId, membershipId] = [clerkId("user"), clerkId("org"), clerkId("orgmem")];
    const membership = membershipJson({ id: membershipId, userId: id, organizationId });
    await sendWebhook(named(id, 0, "Remembered"));
    await sendWebhook(event("organizationMembership.created", membership));
    expect(await findVersions(membershipId)).toMatchObject([
      { objectTable: "memberships", state: { role: "org:member" }, userId: id, organizationId },
    ]);
    await sendWebhook(event("user.deleted", deletedJson(id)));
    expect(await findVersions(id)).toMatchObject([{ deleted: true, state: null }]);
    expect(await findVersions(membershipId)).toEqual([]);
    await sendWebhook(named(id, 9, "Remembered"));
    const late = event("organizationMembership.updated", { ...membership, updated_at: +on(9) });
    await sendWebhook(late);
    const after = [...(await findVersions(id)), ...(await findVersions(membershipId))];
    expect(after.map(({ state }) => state)).toEqual([null, null, null]);
  });

  test("deleting a user leaves no data in the table versions when a late update is written concurrently", async () => {
    const ids = Array.from({ length: 40 }, () => clerkId("user"));
    await Promise.all(
      ids.flatMap((id) => [
        sendWebhook(named(id, 1, "Raced")),
        sendWebhook(event("user.deleted", deletedJson(id))),
        sendWebhook(named(id, 2, "Raced")),
      ]),
    );
    const left = await database().prisma.version.findMany({
      where: { userId: { in: ids }, deleted: false },
    });
    expect(left.filter(({ state }) => state !== null)).toEqual([]);
  });
});
