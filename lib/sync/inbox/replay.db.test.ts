import { beforeEach, describe, expect, test } from "vitest";
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
import { clerkUser } from "../event/event";
import { applyProvisioned } from "../mirror/apply";
import { fromBackendApi, userChange } from "../mirror/decide";
import { findVersions } from "../mirror/history";
import { rebuildAndCompare } from "./rebuild";
import { replayDeliveries } from "./replay";
import { applyRetention } from "./retention";

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);
const findUser = (id: string) => database().prisma.user.findUnique({ where: { id } });
const differing = async () =>
  (await rebuildAndCompare()).tables.filter(({ isEqual }) => !isEqual).map(({ table }) => table);

beforeEach(() => sql("TRUNCATE users, organizations, memberships, versions, deliveries CASCADE"));

async function sendSome() {
  const [ada, gone, org, member] = ["user", "user", "org", "orgmem"].map((prefix) =>
    clerkId(prefix),
  );
  if (!ada || !gone || !org || !member) throw new Error("no ids");
  await sendWebhook(event("user.updated", userJson({ id: ada, updated_at: 1_790_000_000_009 })));
  await sendWebhook(event("user.created", userJson({ id: ada })), { id: `msg_${ada}` });
  await sendWebhook(event("user.created", userJson({ id: gone })));
  await sendWebhook(event("organization.created", organizationJson({ id: org })));
  const membership = membershipJson({ id: member, userId: gone, organizationId: org });
  await sendWebhook(event("organizationMembership.created", membership));
  await sendWebhook(event("user.deleted", deletedJson(gone)));
  return { ada, gone };
}

describe("replay", () => {
  test("a replay of all deliveries changes neither the mirror nor the table versions", async () => {
    const { ada, gone } = await sendSome();
    const before = [await findUser(ada), await findUser(gone), await findVersions(ada)];
    expect(await replayDeliveries({})).toEqual({ applied: 5, stale: 1 });
    expect([await findUser(ada), await findUser(gone), await findVersions(ada)]).toEqual(before);
  });

  test("a replay restores lost rows, but not the data of deleted users", async () => {
    const { ada, gone } = await sendSome();
    await sql("DELETE FROM users WHERE id = $1", [ada]);
    await replayDeliveries({});
    expect(await findUser(ada)).toMatchObject({ firstName: "Ada", version: 1_790_000_000_009n });
    expect(await findUser(gone)).toMatchObject({ deleted: true, email: null });
  });

  test("a replay of one svix-id or of a time range applies only those deliveries", async () => {
    const { ada } = await sendSome();
    expect(await replayDeliveries({ svixIds: [`msg_${ada}`] })).toEqual({ stale: 1 });
    expect(await replayDeliveries({ receivedAt: { from: new Date(Date.now() + 1_000) } })).toEqual(
      {},
    );
    expect(
      await replayDeliveries({
        receivedAt: { from: new Date(Date.now() - 60_000), until: new Date(Date.now() + 1_000) },
      }),
    ).toEqual({
      applied: 5,
      stale: 1,
    });
  });

  test("a replay applies a dead letter after the cause of its failure is fixed", async () => {
    const { ada } = await sendSome();
    await sql("DELETE FROM users WHERE id = $1", [ada]);
    await sql("UPDATE deliveries SET outcome = 'dead' WHERE object_id = $1", [ada]);
    expect(await replayDeliveries({ list: "dead" })).toMatchObject({
      applied: expect.any(Number),
    });
    expect(await findUser(ada)).toMatchObject({ version: 1_790_000_000_009n });
  });
});

describe("a rebuild from the inbox", () => {
  test("a rebuild from the inbox equals every table of the mirror, and leaves no scratch schema in the database", async () => {
    await sendSome();
    const { replayed } = await rebuildAndCompare();
    expect(replayed).toBe(6);
    expect(await differing()).toEqual([]);
    const { rows } = await sql("SELECT FROM pg_namespace WHERE nspname = 'rollcall_rebuild'");
    expect(rows).toHaveLength(0);
  });

  test("a rebuild from the inbox differs from the mirror after a local edit", async () => {
    const { ada } = await sendSome();
    await sql("UPDATE users SET first_name = 'Edited' WHERE id = $1", [ada]);
    expect(await differing()).toEqual(["users"]);
  });

  describe("uses the newest version of objects without a stored delivery", () => {
    beforeEach(async () => {
      await sendSome();
      await applyRetention(90, new Date(Date.now() + 98 * 86_400_000));
    });

    test("a rebuild restores objects without a stored delivery from their newest row in `versions`, and its result equals the mirror", async () => {
      const later = userJson({ id: clerkId("user") });
      await applyProvisioned(userChange(clerkUser.parse(later), fromBackendApi).row);
      await sendWebhook(event("user.created", userJson({ id: clerkId("user") })));
      expect((await rebuildAndCompare()).replayed).toBe(1);
      expect(await differing()).toEqual([]);
    });

    test.each([
      ["users", "first_name = 'Edited' WHERE NOT deleted"],
      ["users", "deleted = false WHERE deleted"],
      ["users", "version = version + 1 WHERE NOT deleted"],
      ["organizations", "slug = NULL"],
    ])(
      "a rebuild from the newest rows in `versions` finds a difference after a local edit of %s: %s",
      async (table, change) => {
        expect((await sql(`UPDATE ${table} SET ${change}`)).rowCount).toBe(1);
        expect(await differing()).toEqual([table]);
      },
    );
  });

  test("a rebuild of more rows than fit in one batch restores all rows", async () => {
    const people = Array.from({ length: 1_201 }, () => userJson({ id: clerkId("user") }));
    for (const user of people) {
      await applyProvisioned(userChange(clerkUser.parse(user), fromBackendApi).row);
    }
    expect(await differing()).toEqual([]);
  });
});
