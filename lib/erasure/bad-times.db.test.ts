/** Erasures at bad times: at once, beside everything else, interrupted twice, with a clock that jumps and a schema that changed. */
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { GET as downloadData } from "@/app/api/account/archive/route";
import { GET as exportList } from "@/app/api/console/export/route";
import { archiveRequest } from "../../dev/testing/archive";
import { answerJson, startBackendApi } from "../../dev/testing/backend-api";
import { makeCanary } from "../../dev/testing/canary-person";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  userJson,
} from "../../dev/testing/clerk-payloads";
import { findLeftovers } from "../../dev/testing/erasure-leftovers";
import { askGraphQL } from "../../dev/testing/graphql";
import { mirrorAdmin, mirrorUser } from "../../dev/testing/mirror";
import { findInDatabase } from "../../dev/testing/personal-data-scan";
import { signToken } from "../../dev/testing/sign";
import { sendWebhook } from "../../dev/testing/webhook";
import { runBulk } from "../acts/bulk";
import { database, transaction } from "../db";
import { env } from "../env";
import { follow } from "../social/follows"; // part of the sample product
import { reconcile } from "../sync/reconcile/reconcile";
import { runErasures } from "./erase";
import { findBrake, releaseBrake, writeHoldSettings } from "./hold";
import { recordErasureRequest } from "./request";

const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
afterAll(() => clerk.close());

const { pool, prisma } = database();
const T = 1_790_000_000_000;
const sql = async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows;

beforeEach(async () => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await sql(
    `TRUNCATE users, organizations, memberships, invitations, sessions, payment_attempts, versions, deliveries, erasures, erased_ids,
     late_events, erasure_brakes, erasure_calls, profile_handles, handles, sync_runs CASCADE`,
  );
});
afterEach(() => vi.restoreAllMocks());

const send = async (payload: object) => expect(await sendWebhook(payload)).toBe(200);
const deleteUser = (id: string) => send(event("user.deleted", deletedJson(id)));
const stepsOf = async () =>
  (await sql("SELECT step, count(*)::int AS count FROM erasures GROUP BY 1 ORDER BY 1")).map(
    ({ step, count }) => `${step} ${count}`,
  );

const age = () =>
  sql(
    "UPDATE erasures SET deleted_at = deleted_at - interval '60 s', next_at = now() WHERE next_at IS NOT NULL",
  );

async function finish(): Promise<void> {
  await runErasures();
  await age();
  expect(await runErasures()).toBeNull();
}

/** Starts a bulk act of an admin on the person, without its worker. Resolves to the id of the bulk act. */
async function startBan(adminId: string, id: string): Promise<string> {
  const { data } = await askGraphQL(
    { sub: adminId },
    `mutation { startBulkAct(name: USER_BAN, objectIds: ["${id}"], reason: "spam") { bulkId error } }`,
  );
  expect(data.startBulkAct).toEqual({ bulkId: expect.any(String), error: null });
  return data.startBulkAct.bulkId;
}

/** Exports the list of users as an admin. */
async function exportUsers(adminId: string): Promise<number> {
  const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub: adminId });
  const url = "https://rollcall.test/api/console/export?list=users&format=json&fields=name,email";
  const response = await exportList(
    new Request(`${url}&variables={}`, { headers: { authorization: `Bearer ${token}` } }),
  );
  await response.arrayBuffer();
  return response.status;
}

test("a deletion beside a webhook, a first call, a bulk act, an export, a download, a follow, a second deletion and a reconciliation of that person leaves nothing", async () => {
  for (let round = 0; round < 3; round += 1) {
    const adminId = clerkId("user");
    await mirrorAdmin(adminId);
    const canary = await makeCanary();
    const { id, userObject, friendId } = canary;
    clerk.intercept = (response, url, request) =>
      request.method === "POST" && url.pathname.endsWith(`/${id}/ban`)
        ? answerJson(response, 200, { ...userObject, banned: true, updated_at: T + 95 + round })
        : false;
    const others = await sql("SELECT id FROM users WHERE NOT deleted AND id <> $1", [id]);
    clerk.users = others.map(({ id: other }) => ({
      ...userJson({ id: other, ...(other === adminId && { public_metadata: { role: "admin" } }) }),
      created_at: 1,
    }));
    const bulkId = await startBan(adminId, id);
    const [profile] = await sql("SELECT id FROM profiles WHERE user_id = $1", [id]);
    const [exportStatus] = await Promise.all([
      exportUsers(adminId),
      runBulk(bulkId, { pauseMs: 0, retryDelaysMs: [1, 1] }),
      deleteUser(id),
      deleteUser(id),
      send(event("user.updated", { ...userObject, updated_at: T + 90 + round }, T + 90 + round)),
      recordErasureRequest({ id, reason: "admin_action", requestedBy: friendId }),
      askGraphQL({ sub: id }, "{ viewer { email handle } }"),
      downloadData(archiveRequest({ sub: id })).then((response) => response.arrayBuffer()),
      transaction((db) => follow(db, friendId, profile.id)).catch(() => undefined),
      reconcile({ mode: "repair", trigger: "command", deletionShare: 1 }),
    ]);
    expect(exportStatus).toBe(200);
    await finish();
    expect(await findLeftovers(canary)).toEqual({ places: [], wrongCounts: 0 });
    const after = await askGraphQL({ sub: id }, "{ viewer { email } }");
    expect([after.data?.viewer?.email ?? null, (await findLeftovers(canary)).places]).toEqual([
      null,
      [],
    ]);
  }
}, 60_000);

/** A person with one row for each way in which an erasure changes rows. Written by SQL: cheaper than the canary. */
async function makePerson() {
  const [id, tag] = [clerkId("user"), clerkId("tag").slice(-10)];
  const address = `${tag}@example.com`;
  await sql("INSERT INTO organizations (id, version) VALUES ('org_1', 1) ON CONFLICT DO NOTHING");
  await sql(
    "INSERT INTO users (id, version, first_name, email, identifiers) VALUES ($1, 1, $2, $3, $3)",
    [id, tag, address],
  );
  await sql(
    `WITH name AS (INSERT INTO handles (user_id, handle) VALUES ($1, $2)),
       member AS (INSERT INTO memberships (id, version, user_id, organization_id, public_metadata)
         VALUES ('orgmem_' || $1, 1, $1, 'org_1', jsonb_build_object('tag', $2::text))),
       invited AS (INSERT INTO invitations (id, version, organization_id, email, status) VALUES ('orginv_' || $1, 1, 'org_1', $3, 'accepted')),
       paid AS (INSERT INTO payment_attempts (id, version, user_id, status, amount) VALUES ('pay_' || $1, 1, $1, 'paid', 7))
     INSERT INTO deliveries (svix_id, sha256, body, type, object_id, user_id, outcome)
       VALUES ('msg_' || $1, '', convert_to($3, 'UTF8'), 'user.created', $1, $1, 'applied')`,
    [id, tag, address],
  );
  return { id, tag };
}

test("an erasure that fails between any two pairs of its steps resumes, and leaves nothing", async () => {
  const names: string[] = [];
  await deleteUser((await makePerson()).id);
  await runErasures((name) => void names.push(name));
  await age();
  await runErasures((name) => void names.push(name));
  const checkpoints = [...new Set(names)].filter((name) => / (recorded|committed)$/.test(name));
  expect(checkpoints).toHaveLength(8);
  const tags: string[] = [];
  const planned = new Map<string, string[]>();
  for (const [index, first] of checkpoints.entries()) {
    for (const second of checkpoints.slice(index + 1)) {
      const { id, tag } = await makePerson();
      tags.push(tag);
      await sql(
        "UPDATE users SET deleted = true, first_name = NULL, email = NULL, identifiers = NULL WHERE id = $1",
        [id],
      );
      const [erasure] = await sql("SELECT id FROM erasures WHERE subject_id = $1", [id]);
      planned.set(erasure.id, [first, second]);
    }
  }
  const fail = (name: string, erasureId: string) => {
    const faults = planned.get(erasureId) ?? [];
    if (name !== faults[0]) return;
    faults.shift();
    throw new Error(`planted after ${name}`);
  };
  for (let run = 0; run < 5; run += 1) {
    await runErasures(fail);
    await age();
  }
  // One transaction writes the receipts of all, so its faults are those of one erasure.
  const left = [...planned.values()].flat().filter((name) => !name.startsWith("receipt"));
  expect(left).toEqual([]);
  expect(await stepsOf()).toEqual([`done ${tags.length + 1}`]);
  expect(await findInDatabase(tags)).toEqual([]);
  expect(await sql("SELECT FROM payment_attempts WHERE amount IS NOT NULL")).toEqual([]);
}, 120_000);

test("of 1,000 deletions at once, those above the limit wait for an admin, and access ends for all", async () => {
  Object.assign(env(), { erasureBrakeCount: 100 });
  await writeHoldSettings(pool);
  await sql(
    "INSERT INTO users (id, version, email) SELECT 'user_mass' || i, 1, i || '@example.com' FROM generate_series(1, 1000) i",
  );
  for (let from = 1; from <= 1_000; from += 100)
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => deleteUser(`user_mass${from + index}`)),
    );
  expect(await sql("SELECT FROM users WHERE NOT deleted OR email IS NOT NULL")).toEqual([]);
  const brake = await findBrake();
  // The deletions of one batch of webhooks may exceed the limit.
  expect(brake?.waiting).toBeGreaterThan(700);
  expect(await releaseBrake({ actor: "user_admin", reason: "wanted" })).toBe(brake?.waiting);
  expect(await sql("SELECT FROM erasures WHERE next_at IS NULL")).toEqual([]);
  Object.assign(env(), { erasureBrakeCount: 1_000_000 });
  await writeHoldSettings(pool);
}, 60_000);

test("an erasure whose registry names a column that is gone does not end before the column is back", async () => {
  const { id, tag } = await makePerson();
  await sql("ALTER TABLE payment_attempts RENAME COLUMN failed_reason TO gone");
  await deleteUser(id);
  await finish().catch(() => undefined);
  expect(await stepsOf()).toEqual(["rows 1"]);
  await sql("ALTER TABLE payment_attempts RENAME COLUMN gone TO failed_reason");
  await age();
  await finish();
  expect(await stepsOf()).toEqual(["done 1"]);
  expect(await findInDatabase([tag])).toEqual([]);
});

test("a clock that is set back by a day delays no erasure by a day", async () => {
  const { id, tag } = await makePerson();
  await deleteUser(id);
  const setBack = () =>
    sql(
      "UPDATE erasures SET deleted_at = deleted_at + interval '1 day', next_at = next_at + interval '1 day'",
    );
  await setBack();
  const next = await runErasures();
  expect(next?.getTime()).toBeLessThan(Date.now() + 10_000);
  await setBack();
  expect(await runErasures()).toBeNull();
  expect(await stepsOf()).toEqual(["done 1"]);
  expect(await findInDatabase([tag])).toEqual([]);
});

test("a holdback ends only when it has ended for the clocks of the database and of the worker", async () => {
  Object.assign(env(), { erasureHoldbackSeconds: 3_600 });
  await writeHoldSettings(pool);
  const { id } = await makePerson();
  await deleteUser(id);
  await sql("UPDATE erasures SET next_at = now() - interval '1 s'");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() - 3_600_000 });
  await runErasures();
  expect(await stepsOf()).toEqual(["held 1"]);
  vi.useRealTimers();
  await runErasures();
  expect(await stepsOf()).not.toEqual(["held 1"]);
  Object.assign(env(), { erasureHoldbackSeconds: 0 });
  await writeHoldSettings(pool);
});

test("a person who is only named by a membership, and whom a reconciliation does not find at Clerk, is erased", async () => {
  const [id, organizationId] = [clerkId("user"), clerkId("org")];
  const json = membershipJson({ id: clerkId("orgmem"), userId: id, organizationId });
  expect(await sendWebhook(event("organizationMembership.created", json))).toBe(200);
  const others = await sql("SELECT id FROM users WHERE NOT deleted AND id <> $1", [id]);
  clerk.users = others.map(({ id }) => ({ ...userJson({ id }), created_at: 1 }));
  await reconcile({ mode: "repair", trigger: "command", deletionShare: 1 });
  await finish();
  expect(await prisma.erasure.findFirstOrThrow({ where: { subjectId: id } })).toMatchObject({
    step: "done",
  });
});

test("a person whom a reconciliation no longer finds at Clerk is erased like a deleted one", async () => {
  const canary = await makeCanary();
  const other = clerkId("user");
  await mirrorUser(other);
  const others = await sql("SELECT id FROM users WHERE NOT deleted AND id <> $1", [canary.id]);
  clerk.users = others.map(({ id }) => ({ ...userJson({ id }), created_at: 1 }));
  await reconcile({ mode: "repair", trigger: "command", deletionShare: 1 });
  await finish();
  expect(await findInDatabase(canary.traces)).toEqual([]);
  expect(await prisma.erasure.findFirstOrThrow({ where: { subjectId: canary.id } })).toMatchObject({
    step: "done",
    cause: "reconciliation",
    reason: "unknown",
  });
});
