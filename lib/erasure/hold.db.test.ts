/** Tests the holdback, the undo of a deletion, the brake and the blast radius. */
import pg from "pg";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startBackendApi } from "../../dev/testing/backend-api";
import { makeCanary } from "../../dev/testing/canary-person";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "../../dev/testing/clerk-payloads";
import {
  deliver,
  mirrorMembership,
  mirrorOrganization,
  mirrorUser,
} from "../../dev/testing/mirror";
import { findInDatabase } from "../../dev/testing/personal-data-scan";
import { sendWebhook } from "../../dev/testing/webhook";
import { database, directConnection } from "../db";
import { env } from "../env";
import { findHealth } from "../sync/monitoring/health";
import { reconcile } from "../sync/reconcile/reconcile";
import { startWorker } from "../worker/start";
import { findBlastRadius } from "./blast-radius";
import { runErasures } from "./erase";
import { findBrake, releaseBrake, undoErasure, writeHoldSettings } from "./hold";
import { registry } from "./registry";
import { recordErasureRequest } from "./request";
import { subjectOf, subjectSql, subjectValues } from "./subject";

const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
const { pool, prisma } = database();
const sql = async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows;
const act = { actor: "user_admin", reason: "wrong file" };

async function limit(limits: { holdback?: number; count?: number; share?: number }) {
  Object.assign(env(), {
    erasureHoldbackSeconds: limits.holdback ?? 0,
    erasureBrakeCount: limits.count ?? 1_000_000,
    erasureBrakeShare: limits.share ?? 1,
  });
  await writeHoldSettings(pool);
}

beforeEach(async () => {
  await sql(
    "TRUNCATE users, organizations, memberships, invitations, sessions, erasures, erased_ids, late_events, erasure_brakes, deliveries, versions, profile_handles, handles CASCADE",
  );
  await limit({});
});
afterEach(() => vi.restoreAllMocks());

const deleteUser = async (id: string) =>
  expect(await sendWebhook(event("user.deleted", deletedJson(id)))).toBe(200);
const erasureOf = (id: string) => prisma.erasure.findFirstOrThrow({ where: { subjectId: id } });
const stepOf = async (id: string) => (await erasureOf(id)).step;

/** Makes all erasures `seconds` older: sets the deletion and the next step to earlier times. */
const age = (seconds: number) =>
  sql(
    `UPDATE erasures SET deleted_at = deleted_at - $1 * interval '1 s', next_at = next_at - $1 * interval '1 s'`,
    [seconds],
  );

async function finish(): Promise<void> {
  await runErasures();
  await age(60);
  await runErasures();
}

/** Tables that the deletion itself adds rows to. */
const GROWS = ["deliveries", "erasures", "erased_ids", "audit_log", "effect_jobs"];

/** Resolves to the user's rows in all tables of the registry except {@link GROWS}, and the profile of a friend. */
async function rowsOf(id: string, addresses: string[], friendId: string) {
  const subject = await subjectOf(pool, "user", { id, addresses, deletedAt: null });
  const rows: Record<string, unknown> = {};
  for (const { table, user } of registry) {
    if (user === undefined || GROWS.includes(table)) continue;
    const live = table === "versions" ? " AND NOT t.deleted" : "";
    rows[table] = await sql(
      `SELECT to_jsonb(t) AS row FROM ${table} t, ${subjectSql} WHERE ${user}${live} ORDER BY to_jsonb(t)::text`,
      subjectValues(subject),
    );
  }
  rows.friend = await sql("SELECT * FROM profiles WHERE user_id = $1", [friendId]); // part of the sample product
  return rows;
}

describe("a holdback", () => {
  test("in a holdback, access ends at once, and an undo restores every row of the user and is audited", async () => {
    await limit({ holdback: 3_600 });
    const canary = await makeCanary();
    const addresses = (
      await sql("SELECT lower(email) AS a FROM users WHERE id = $1", [canary.id])
    ).map(({ a }) => a);
    const before = await rowsOf(canary.id, addresses, canary.friendId);
    await deleteUser(canary.id);
    expect(await prisma.user.findUnique({ where: { id: canary.id } })).toMatchObject({
      deleted: true,
      email: null,
    });
    expect(await runErasures()).toEqual((await erasureOf(canary.id)).nextAt);
    expect(await stepOf(canary.id)).toBe("held");
    await undoErasure(canary.id, act);
    expect(await rowsOf(canary.id, addresses, canary.friendId)).toEqual(before);
    expect(await erasureOf(canary.id)).toMatchObject({
      step: "undone",
      heldRow: null,
      nextAt: null,
    });
    expect(
      await sql(
        "SELECT actor, detail FROM audit_log WHERE action = 'erasure.undo' AND subject = $1",
        [canary.id],
      ),
    ).toEqual([{ actor: "user_admin", detail: { reason: "wrong file" } }]);
    await sendWebhook(
      event("user.updated", { ...canary.userObject, first_name: "After", updated_at: Date.now() }),
    );
    expect(await prisma.user.findUnique({ where: { id: canary.id } })).toMatchObject({
      firstName: "After",
    });
    // Not stored like a late event about an erased user, whose body is removed.
    const newest = "SELECT body IS NOT NULL AS kept FROM deliveries WHERE object_id = $1";
    expect(await sql(`${newest} ORDER BY received_at DESC LIMIT 1`, [canary.id])).toEqual([
      { kept: true },
    ]);
  });

  test("a second user.deleted and late events of a held user end no holdback", async () => {
    await limit({ holdback: 3_600 });
    const canary = await makeCanary();
    await deleteUser(canary.id);
    await deleteUser(canary.id);
    const session = { object: "session", id: "sess_late", user_id: canary.id, status: "removed" };
    const late = event("session.removed", { ...session, updated_at: Date.now() });
    expect(await sendWebhook(late)).toBe(200);
    await runErasures();
    expect(await stepOf(canary.id)).toBe("held");
    await undoErasure(canary.id, act);
    expect(await prisma.user.findUnique({ where: { id: canary.id } })).toMatchObject({
      deleted: false,
      firstName: canary.userObject.first_name,
    });
  });

  test("after the holdback the user is erased, undo is refused, and no copy of the row is left", async () => {
    await limit({ holdback: 3_600 });
    const canary = await makeCanary();
    await deleteUser(canary.id);
    await age(3_590);
    await runErasures();
    expect(await stepOf(canary.id)).toBe("held");
    await age(20);
    await finish();
    expect(await stepOf(canary.id)).toBe("done");
    expect(await findInDatabase(canary.traces)).toEqual([]);
    await expect(undoErasure(canary.id, act)).rejects.toThrow("already erased");
  });

  test("a user whose deletion was undone can be deleted again", async () => {
    await limit({ holdback: 3_600 });
    const canary = await makeCanary();
    await deleteUser(canary.id);
    await undoErasure(canary.id, act);
    await limit({});
    await deleteUser(canary.id);
    await finish();
    expect(await stepOf(canary.id)).toBe("done");
    expect(await findInDatabase(canary.traces)).toEqual([]);
  });

  test("a reconciliation does not delete a user whose deletion was undone", async () => {
    await limit({ holdback: 3_600 });
    const [kept, undone, gone] = [clerkId("user"), clerkId("user"), clerkId("user")];
    for (const id of [kept, undone, gone]) await mirrorUser(id);
    await deleteUser(undone);
    await undoErasure(undone, act);
    clerk.users = [{ ...userJson({ id: kept }), id: kept, created_at: 1 }];
    await reconcile({ mode: "repair", trigger: "command", deletionShare: 1 });
    const deleted = await sql("SELECT id FROM users WHERE deleted");
    expect(deleted).toEqual([{ id: gone }]);
  });

  test("undoErasure restores a deleted organization during its holdback", async () => {
    await limit({ holdback: 60 });
    const id = clerkId("org");
    await sendWebhook(event("organization.created", organizationJson({ id, name: "Aviary" })));
    const before = await prisma.organization.findUnique({ where: { id } });
    await sendWebhook(
      event("organization.deleted", { ...deletedJson(id), object: "organization" }),
    );
    expect(await prisma.organization.findUnique({ where: { id } })).toMatchObject({ name: null });
    await undoErasure(id, act);
    expect(await prisma.organization.findUnique({ where: { id } })).toEqual(before);
  });

  const deleteOrganization = (id: string) =>
    deliver(event("organization.deleted", { ...deletedJson(id), object: "organization" }));

  test("an organization whose deletion was undone has the number of members that are left", async () => {
    await limit({ holdback: 3_600 });
    const [stays, leaves, id] = [clerkId("user"), clerkId("user"), clerkId("org")];
    for (const user of [stays, leaves]) await mirrorUser(user);
    await mirrorOrganization(id);
    await mirrorMembership("orgmem_stays", stays, id);
    await mirrorMembership("orgmem_leaves", leaves, id);
    await sql("SELECT refresh_member_counts()");
    await deleteOrganization(id);
    const left = membershipJson({ id: "orgmem_leaves", userId: leaves, organizationId: id });
    await deliver(event("organizationMembership.deleted", left));
    await sql("SELECT refresh_member_counts()");
    await undoErasure(id, act);
    await sql("SELECT refresh_member_counts()");
    expect(await sql("SELECT members_count FROM organizations WHERE id = $1", [id])).toEqual([
      { members_count: 1 },
    ]);
  });

  test.each(["user", "organization"] as const)(
    "a reconciliation keeps the memberships of a deleted %s whose deletion was undone",
    async (kind) => {
      await limit({ holdback: 3_600 });
      const [user, organization] = [clerkId("user"), clerkId("org")];
      await mirrorUser(user);
      await mirrorOrganization(organization);
      await mirrorMembership("orgmem_kept", user, organization);
      const undone = kind === "user" ? user : organization;
      await (kind === "user" ? deleteUser(user) : deleteOrganization(organization));
      await undoErasure(undone, act);
      clerk.users = kind === "user" ? [] : [{ ...userJson({ id: user }), id: user, created_at: 1 }];
      clerk.organizations =
        kind === "user" ? [{ ...organizationJson({ id: organization }), created_at: 1 }] : [];
      await reconcile({ mode: "repair", trigger: "command", deletionShare: 1 });
      clerk.organizations = [];
      expect(await sql("SELECT id, deleted FROM memberships")).toEqual([
        { id: "orgmem_kept", deleted: false },
      ]);
    },
  );

  test("an undo after a migration keeps the defaults of the columns that it has added", async () => {
    await limit({ holdback: 3_600 });
    const id = clerkId("user");
    await mirrorUser(id);
    await deleteUser(id);
    await sql("UPDATE erasures SET held_row = held_row - 'is_locked'");
    await undoErasure(id, act);
    expect(await sql("SELECT deleted, is_locked FROM users")).toEqual([
      { deleted: false, is_locked: false },
    ]);
  });

  test("an undo forgets the reason, so that a later deletion by somebody else has the reason unknown", async () => {
    await limit({ holdback: 3_600 });
    const id = clerkId("user");
    await mirrorUser(id);
    await recordErasureRequest({ id, reason: "user_requested", requestedBy: id });
    await deleteUser(id);
    await undoErasure(id, act);
    await deleteUser(id);
    expect(await sql("SELECT reason, requested_by FROM erasures")).toEqual([
      { reason: "unknown", requested_by: null },
    ]);
  });

  test("a request that led to no deletion within three days is not the reason of a later one", async () => {
    const [old, recent] = [clerkId("user"), clerkId("user")];
    for (const [id, days] of [
      [old, 4],
      [recent, 2],
    ] as const) {
      await mirrorUser(id);
      await recordErasureRequest({ id, reason: "policy_violation", requestedBy: "user_admin" });
      await sql(
        "UPDATE erasures SET requested_at = now() - $2 * interval '1 day' WHERE subject_id = $1",
        [id, days],
      );
      await deleteUser(id);
    }
    const reasonOf = (id: string) =>
      sql("SELECT reason, requested_by AS by FROM erasures WHERE subject_id = $1", [id]);
    expect(await reasonOf(old)).toEqual([{ reason: "unknown", by: null }]);
    expect(await reasonOf(recent)).toEqual([{ reason: "policy_violation", by: "user_admin" }]);
  });
});

describe("the brake", () => {
  const people = async (count: number) => {
    const ids = Array.from({ length: count }, () => clerkId("user"));
    for (const id of ids) await mirrorUser(id);
    return ids;
  };
  const steps = async () =>
    (await sql("SELECT step, count(*)::int AS count FROM erasures GROUP BY 1 ORDER BY 1")).map(
      ({ step, count }) => `${step} ${count}`,
    );

  test("when more users are deleted in an hour than the limit, erasures pause until an admin releases the brake, but access ends at once", async () => {
    await limit({ count: 3 });
    const ids = await people(6);
    for (const id of ids) await deleteUser(id);
    await finish();
    expect(await steps()).toEqual(["done 3", "held 3"]);
    expect(await sql("SELECT FROM users WHERE deleted")).toHaveLength(6);
    expect(await findBrake()).toMatchObject({ deletions: 4, waiting: 3 });
    expect((await findHealth()).findings.map(({ code }) => code)).toContain("erasures-paused");
    expect(await releaseBrake(act)).toBe(3);
    await finish();
    expect(await steps()).toEqual(["done 6"]);
    expect(await findBrake()).toBeNull();
    expect(
      await sql("SELECT actor, detail FROM audit_log WHERE action = 'erasure.release'"),
    ).toEqual([{ actor: "user_admin", detail: { reason: "wrong file", erasures: 3 } }]);
    expect(await sql("SELECT released_by, release_reason FROM erasure_brakes")).toEqual([
      { released_by: "user_admin", release_reason: "wrong file" },
    ]);
    await expect(releaseBrake(act)).rejects.toThrow("not engaged");
    for (const id of await people(3)) await deleteUser(id);
    expect(await findBrake()).toBeNull();
  });

  test("the brake engages when more than the allowed share of all users is deleted, but not for fewer than 10 users", async () => {
    await limit({ share: 0.05 });
    const ids = await people(30);
    for (const id of ids.slice(0, 9)) await deleteUser(id);
    expect(await findBrake()).toBeNull();
    await deleteUser(ids[9] ?? "");
    expect(await findBrake()).toMatchObject({ deletions: 10, waiting: 1 });
  });

  test("the brake does not engage while the deletions stay within the allowed share of all users", async () => {
    await limit({ share: 0.05 });
    await sql(
      "INSERT INTO users (id, version) SELECT 'user_many' || i, 1 FROM generate_series(1, 300) i",
    );
    for (let n = 1; n <= 12; n += 1) await deleteUser(`user_many${n}`);
    expect(await findBrake()).toBeNull();
  });

  test("deleted organizations engage the brake too, counted apart from users, and it pauses the erasures of both", async () => {
    await limit({ count: 3 });
    const users = await people(4);
    const organizations = Array.from({ length: 5 }, () => clerkId("org"));
    for (const id of organizations) await mirrorOrganization(id);
    for (const id of users.slice(0, 3)) await deleteUser(id);
    const deleteOrganization = (id: string) =>
      deliver(event("organization.deleted", { ...deletedJson(id), object: "organization" }));
    for (const id of organizations.slice(0, 3)) await deleteOrganization(id);
    expect(await findBrake()).toBeNull();
    await deleteOrganization(organizations[3] ?? "");
    expect(await findBrake()).toMatchObject({ deletions: 4, waiting: 1 });
    await deleteUser(users[3] ?? "");
    expect(await findBrake()).toMatchObject({ deletions: 4, waiting: 2 });
    await undoErasure(organizations[3] ?? "", act);
    expect(await sql("SELECT FROM organizations WHERE NOT deleted")).toHaveLength(2);
    expect(await releaseBrake(act)).toBe(1);
  });

  test("deletions that were undone, and those that repeat after a restore, do not count", async () => {
    await limit({ count: 3 });
    const ids = await people(6);
    for (const id of ids.slice(0, 3)) await deleteUser(id);
    await sql("UPDATE erasures SET step = 'undone' WHERE subject_id = $1", [ids[0]]);
    await sql("UPDATE erasures SET cause = 'restore' WHERE subject_id = $1", [ids[1]]);
    for (const id of ids.slice(3, 5)) await deleteUser(id);
    expect(await findBrake()).toBeNull();
    await deleteUser(ids[5] ?? "");
    expect(await findBrake()).toMatchObject({ deletions: 4 });
  });

  test.each(["", "  ", "asked by jane@example.com"])(
    "a release of the brake and an undo with the reason %j are refused",
    async (reason) => {
      const refused = /reason/;
      await expect(releaseBrake({ actor: "user_admin", reason })).rejects.toThrow(refused);
      await expect(undoErasure("user_1", { actor: "user_admin", reason })).rejects.toThrow(refused);
    },
  );

  test("a worker stores the limits when it starts", async () => {
    await sql("DELETE FROM sync_facts WHERE name = 'erasure_settings'");
    Object.assign(env(), { erasureBrakeCount: 7 });
    const worker = await startWorker();
    await worker.stop();
    expect(await sql("SELECT value FROM sync_facts WHERE name = 'erasure_settings'")).toMatchObject(
      [{ value: { brakeCount: 7 } }],
    );
  });

  test("parallel deletions engage one brake", async () => {
    await limit({ count: 5 });
    const ids = await people(20);
    await Promise.all(ids.map(deleteUser));
    expect(await sql("SELECT FROM erasure_brakes")).toHaveLength(1);
    expect((await findBrake())?.waiting).toBeGreaterThanOrEqual(5);
  });

  test("a deletion that the brake pauses can be undone, and after the brake is released its holdback still applies", async () => {
    await limit({ count: 1, holdback: 3_600 });
    const [first, second, third] = await people(3);
    for (const id of [first, second, third]) await deleteUser(id ?? "");
    await undoErasure(second ?? "", act);
    expect(await releaseBrake(act)).toBe(1);
    await runErasures();
    expect(await stepOf(third ?? "")).toBe("held");
    expect(await prisma.user.findUnique({ where: { id: second ?? "" } })).toMatchObject({
      deleted: false,
    });
  });

  test("a release waits for a deletion that the brake is pausing, and releases it too", async () => {
    await limit({ count: 1 });
    const [first, second, third] = await people(3);
    for (const id of [first, second]) await deleteUser(id ?? "");
    const deletion = new pg.Client(directConnection("test"));
    await deletion.connect();
    await deletion.query("BEGIN");
    await deletion.query("UPDATE users SET deleted = true WHERE id = $1", [third]);
    const release = releaseBrake(act);
    const isWaiting = () =>
      sql(
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
    await expect.poll(isWaiting).toHaveLength(1);
    await deletion.query("COMMIT");
    await deletion.end();
    expect(await release).toBe(2);
    await finish();
    expect(await stepOf(third ?? "")).toBe("done");
  });
});

test("the blast radius has the number of rows of each table that a deletion would delete or empty", async () => {
  const canary = await makeCanary();
  const reached = await findBlastRadius("user", [canary.id]);
  expect(reached).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ table: "memberships", rows: 1, isDeleted: false }),
      expect.objectContaining({ table: "invitations", rows: 1, isDeleted: false }),
      expect.objectContaining({ table: "sessions", rows: 1, isDeleted: true }),
      expect.objectContaining({ table: "intents", rows: 2, isDeleted: true }),
    ]),
  );
  const tables = reached.map(({ table }) => table);
  const scanned = await findInDatabase(canary.traces);
  const held = new Set(scanned.map((place) => place.split(".")[1] ?? ""));
  // The audit log and the bulk acts lose only their reasons.
  for (const table of ["audit_log", "bulk_acts"]) held.delete(table);
  expect(tables).toEqual(expect.arrayContaining([...held]));
  expect(await findBlastRadius("user", [clerkId("user")])).toEqual([]);
  const other = await makeCanary();
  expect(await findBlastRadius("user", [canary.id, other.id])).toEqual(
    expect.arrayContaining([expect.objectContaining({ table: "sessions", rows: 2 })]),
  );
});
