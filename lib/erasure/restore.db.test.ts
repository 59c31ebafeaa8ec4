/** Tests a restore from a backup: the app serves no data until the erasures after the backup are repeated. */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { POST } from "@/app/api/graphql/route";
import { GET as READY } from "@/app/api/ready/route";
import { withClient } from "../../dev/postgres/server";
import { type Canary, makeCanary } from "../../dev/testing/canary-person";
import {
  clerkId,
  deletedJson,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "../../dev/testing/clerk-payloads";
import { findInDatabase } from "../../dev/testing/personal-data-scan";
import { signToken } from "../../dev/testing/sign";
import { sendWebhook } from "../../dev/testing/webhook";
import { closeDatabase, database } from "../db";
import { env } from "../env";
import { startWorker } from "../worker/start";
import { listArchive } from "./archive-admin";
import { runErasures } from "./erase";
import { verifyChain } from "./receipt";
import { recordErasureRequest } from "./request";
import { isKnownCurrent, reapplyErasures, requireCurrentDatabase } from "./restore";

const folder = mkdtempSync(join(tmpdir(), "rollcall-head-"));
const head = join(folder, "volume", "head.json");
process.env.ERASURE_HEAD_URL = head;
const url = new URL(process.env.DATABASE_URL ?? "");
const name = url.pathname.slice(1);
const maintenance = Object.assign(new URL(url), { pathname: "/postgres" }).href;

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await withClient(maintenance, (client) =>
    client.query(`DROP DATABASE IF EXISTS "${name}_backup" WITH (FORCE)`),
  );
});

const sql = async (text: string, values: unknown[] = []) =>
  (await database().pool.query(text, values)).rows;

/** Clears the connections and caches of this process, as a restart does. */
async function restart(): Promise<void> {
  await closeDatabase();
  Reflect.deleteProperty(globalThis, "rollcallDatabase");
  Reflect.deleteProperty(globalThis, "rollcallErasureGate");
}

async function copyDatabase(from: string, to: string): Promise<void> {
  await restart();
  await withClient(maintenance, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS "${to}" WITH (FORCE)`);
    await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1",
      [from],
    );
    await client.query(`CREATE DATABASE "${to}" TEMPLATE "${from}"`);
  });
}

const backup = () => copyDatabase(name, `${name}_backup`);
const restore = () => copyDatabase(`${name}_backup`, name);

beforeEach(async () => {
  env().erasureHeadUrl = head;
  rmSync(head, { force: true });
  Reflect.deleteProperty(globalThis, "rollcallErasureGate");
  await sql(`TRUNCATE users, organizations, erasures, erased_ids, erased_hashes, late_events, deliveries, versions, payment_attempts,
     rollcall_archive.archive_entries CASCADE`);
  await sql("ALTER TABLE erasure_receipts DISABLE TRIGGER USER");
  await sql("DELETE FROM erasure_receipts");
  await sql("ALTER TABLE erasure_receipts ENABLE TRIGGER USER");
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
});
afterEach(() => vi.restoreAllMocks());

async function erase(id: string): Promise<void> {
  expect(await sendWebhook(event("user.deleted", deletedJson(id)))).toBe(200);
  await sql("UPDATE erasures SET deleted_at = deleted_at - interval '60 s'");
  expect(await runErasures()).toBeNull();
}

async function query(text: string, sub?: string) {
  const authorization = sub && `Bearer ${signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub })}`;
  const response = await POST(
    new Request("https://rollcall.test/api/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", ...(authorization && { authorization }) },
      body: JSON.stringify({ query: text }),
    }),
  );
  const { errors } = await response.json();
  return { status: response.status, message: errors?.[0].message };
}
const ANYBODY = '{ country(slug: "portugal") { id } }';

test("after a backup, an erasure, a restore and a start, the person is erased again before the first request is served", async () => {
  const canary = await makeCanary();
  await backup();
  await erase(canary.id);
  await restore();
  expect((await findInDatabase(canary.traces)).length).toBeGreaterThan(5);
  const refused = { status: 503, message: expect.stringContaining("restored from a backup") };
  expect(await query(ANYBODY)).toMatchObject(refused);
  expect(await query("{ viewer { email } }", canary.id)).toMatchObject(refused);
  expect(await query("{ viewer { email } }", canary.friendId)).toMatchObject(refused);
  const ready = await READY(new Request("https://rollcall.test/api/ready"));
  expect([ready.status, (await ready.json()).findings[0].code]).toEqual([503, "restored"]);
  const late = event("user.updated", { ...canary.userObject, updated_at: 1_790_000_000_500 });
  expect(await sendWebhook(late)).toBe(200);
  const worker = await startWorker();
  try {
    // Requested before the worker runs any job.
    expect(await sql("SELECT cause FROM erasures")).toEqual([{ cause: "restore" }]);
    await expect
      .poll(async () => (await query(ANYBODY)).status, { timeout: 20_000, interval: 20 })
      .toBe(200);
    expect(await findInDatabase(canary.traces)).toEqual([]);
  } finally {
    await worker.stop();
  }
  expect((await query("{ viewer { email } }", canary.id)).status).toBe(401);
  expect((await query("{ viewer { email } }", canary.friendId)).status).toBe(200);
  const { head: last, broken } = await verifyChain(database().pool);
  expect([last.sequence, broken]).toEqual([2, null]);
  expect(await sql("SELECT cause, step FROM erasures")).toEqual([
    { cause: "restore", step: "done" },
  ]);
});

test("after a restore, pending deliveries about a person who was erased after the backup do not restore the person's data", async () => {
  const canary = await makeCanary();
  const id = clerkId("user");
  await sql(
    "INSERT INTO deliveries (svix_id, sha256, body, type, object_id, user_id, outcome) VALUES ('msg_p', '', convert_to($2, 'UTF8'), 'user.created', $1, $1, 'dead')",
    [id, JSON.stringify(event("user.created", userJson({ id, first_name: canary.traces[0] })))],
  );
  await backup();
  await erase(id);
  await restore();
  expect(await reapplyErasures()).toBe(1);
  await runErasures();
  await requireCurrentDatabase();
  expect(await sql("SELECT deleted FROM users WHERE id = $1", [id])).toEqual([{ deleted: true }]);
  expect(await sql("SELECT outcome, body FROM deliveries WHERE svix_id = 'msg_p'")).toEqual([
    { outcome: "discarded", body: null },
  ]);
});

test("after a restore, the archive and the receipt of a repeated erasure have the reason and the time of the first deletion", async () => {
  const canary = await makeCanary();
  await backup();
  await recordErasureRequest({ id: canary.id, reason: "user_requested", requestedBy: canary.id });
  expect(await sendWebhook(event("user.deleted", deletedJson(canary.id)))).toBe(200);
  await sql("UPDATE erasures SET deleted_at = '2025-03-04T05:06:07Z'");
  expect(await runErasures()).toBeNull();
  await restore();
  expect(await reapplyErasures()).toBe(1);
  expect(await runErasures()).toBeNull();
  const first = { reason: "user_requested", deletedAt: new Date("2025-03-04T05:06:07Z") };
  const { entries } = await listArchive();
  expect(entries).toMatchObject([{ ...first, purgeAt: new Date("2028-03-04T05:06:07Z") }]);
  const [receipt] = await sql("SELECT body FROM erasure_receipts ORDER BY sequence DESC LIMIT 1");
  expect(JSON.parse(receipt.body)).toMatchObject({
    cause: "restore",
    reason: "user_requested",
    deletedAt: "2025-03-04T05:06:07Z",
  });
});

describe("after a restore, events are sent again about a person who was created and erased after the backup", () => {
  /** Resolves to an organization that was created and erased after the backup, which is restored now. */
  async function organizationErasedAfterBackup() {
    await backup();
    const organization = organizationJson({ id: clerkId("org"), name: "Aviary of the backup" });
    expect(await sendWebhook(event("organization.created", organization))).toBe(200);
    const deleted = { ...deletedJson(organization.id), object: "organization" };
    expect(await sendWebhook(event("organization.deleted", deleted))).toBe(200);
    await finish();
    await restore();
    await reapplyErasures();
    return organization;
  }

  async function erasedAfterBackup(): Promise<Canary> {
    await backup();
    const canary = await makeCanary();
    await recordErasureRequest({ id: canary.id, reason: "admin_action", requestedBy: canary.id });
    await erase(canary.id);
    await restore();
    expect(await reapplyErasures()).toBe(0);
    await requireCurrentDatabase();
    return canary;
  }

  async function finish(): Promise<void> {
    await runErasures();
    await sql(
      "UPDATE erasures SET deleted_at = deleted_at - interval '60 s', next_at = now() WHERE next_at IS NOT NULL",
    );
    expect(await runErasures()).toBeNull();
  }

  test("user.created stores a tombstone and none of the person's data, and the app keeps serving", async () => {
    const canary = await erasedAfterBackup();
    expect(await sendWebhook(event("user.created", canary.userObject))).toBe(200);
    expect(await findInDatabase(canary.traces)).toEqual([]);
    expect(await sql("SELECT deleted FROM users WHERE id = $1", [canary.id])).toEqual([
      { deleted: true },
    ]);
    Reflect.get(globalThis, "rollcallErasureGate").checkedAt = Number.NEGATIVE_INFINITY;
    expect((await query(ANYBODY)).status).toBe(200);
    expect((await query("{ viewer { email } }", canary.id)).status).toBe(401);
    expect(await sendWebhook(event("user.updated", canary.userObject))).toBe(200);
    expect(await sendWebhook(event("user.deleted", deletedJson(canary.id)))).toBe(200);
    await finish();
    expect(await findInDatabase(canary.traces)).toEqual([]);
    expect(await sql("SELECT step, reason, cause FROM erasures")).toEqual([
      { step: "done", reason: "admin_action", cause: "restore" },
    ]);
  });

  test("events of the person's sessions and memberships, which come first, leave none of the person's data", async () => {
    const { id, organizationId, traces, userObject } = await erasedAfterBackup();
    const times = { created_at: 1_790_000_000_000, updated_at: 1_790_000_000_000 };
    const session = { object: "session", id: clerkId("sess"), user_id: id, client_id: "c" };
    expect(
      await sendWebhook(
        event("session.created", { ...session, ...times, status: "active", user: userObject }),
      ),
    ).toBe(200);
    const membership = membershipJson({
      ...{ id: clerkId("orgmem"), userId: id, organizationId },
      public_user_data: { user_id: id, identifier: traces[0], first_name: traces[0] },
    });
    expect(await sendWebhook(event("organizationMembership.created", membership))).toBe(200);
    expect(await sendWebhook(event("user.created", userObject))).toBe(200);
    await finish();
    expect(await findInDatabase(traces)).toEqual([]);
    expect(await sql("SELECT FROM sessions WHERE user_id = $1", [id])).toEqual([]);
    expect(await sql("SELECT FROM memberships WHERE user_id = $1 AND NOT deleted", [id])).toEqual(
      [],
    );
    expect((await query("{ viewer { email } }", id)).status).toBe(401);
  });

  test("user.deleted, which comes first, requests an erasure with the former reason that the brake does not count", async () => {
    const { id } = await erasedAfterBackup();
    expect(await sendWebhook(event("user.deleted", deletedJson(id)))).toBe(200);
    expect(await sql("SELECT reason, cause FROM erasures")).toEqual([
      { reason: "admin_action", cause: "restore" },
    ]);
    await finish();
  });

  test("organizationMembership.created, which names an erased organization, is stored without its body", async () => {
    const organization = await organizationErasedAfterBackup();
    const member = { id: clerkId("orgmem"), userId: clerkId("user") };
    const ids = { ...member, organizationId: organization.id };
    const membership = membershipJson({ ...ids, organization });
    expect(await sendWebhook(event("organizationMembership.created", membership))).toBe(200);
    expect(await findInDatabase([organization.name])).toEqual([]);
    await finish();
    expect(await sql("SELECT FROM memberships WHERE NOT deleted")).toEqual([]);
  });

  test("organization.created stores a tombstone", async () => {
    const organization = await organizationErasedAfterBackup();
    expect(await sendWebhook(event("organization.created", organization))).toBe(200);
    expect(await findInDatabase([organization.name])).toEqual([]);
    expect(await sql("SELECT id, deleted FROM organizations")).toEqual([
      { id: organization.id, deleted: true },
    ]);
  });
});

test("an erasure that was incomplete in the backup is completed after a restore, and its receipt continues the chain", async () => {
  const canary = await makeCanary();
  expect(await sendWebhook(event("user.deleted", deletedJson(canary.id)))).toBe(200);
  await backup();
  await sql("UPDATE erasures SET deleted_at = deleted_at - interval '60 s'");
  await runErasures();
  await restore();
  await expect(requireCurrentDatabase()).rejects.toThrow("older than its erasures");
  await reapplyErasures();
  await expect(requireCurrentDatabase()).rejects.toThrow("older than its erasures");
  expect(await runErasures()).toBeNull();
  await requireCurrentDatabase();
  expect(await findInDatabase(canary.traces)).toEqual([]);
  expect(await verifyChain(database().pool)).toMatchObject({ head: { sequence: 2 }, broken: null });
});

test("after a crash between writing the head and committing the receipt, no erasure is repeated", async () => {
  const canary = await makeCanary();
  expect(await sendWebhook(event("user.deleted", deletedJson(canary.id)))).toBe(200);
  await sql("UPDATE erasures SET deleted_at = deleted_at - interval '60 s'");
  await runErasures((name) => {
    if (name === "receipt recorded") throw new Error("planted");
  });
  expect(await sql("SELECT step FROM erasures")).toEqual([{ step: "receipt" }]);
  await expect(requireCurrentDatabase()).rejects.toThrow("older than its erasures");
  expect(await reapplyErasures()).toBe(0);
  await requireCurrentDatabase();
  expect(await sql("SELECT step, cause FROM erasures")).toEqual([
    { step: "done", cause: "webhook" },
  ]);
  expect(await verifyChain(database().pool)).toMatchObject({ head: { sequence: 1 }, broken: null });
});

test("the head contains no id or personal data, and does not grow when nothing was erased", async () => {
  const canary = await makeCanary();
  await erase(canary.id);
  const text = readFileSync(head, "utf8");
  for (const trace of [...canary.traces, canary.id, canary.friendId])
    expect(text.toLowerCase()).not.toContain(trace.toLowerCase());
  expect(JSON.parse(text).receipts).toHaveLength(1);
  await reapplyErasures();
  expect(readFileSync(head, "utf8")).toBe(text);
});

test("a process that runs during a restore detects the restored database", async () => {
  const canary = await makeCanary();
  await backup();
  await erase(canary.id);
  expect((await query(ANYBODY)).status).toBe(200);
  const gate = Reflect.get(globalThis, "rollcallErasureGate");
  await restore();
  Reflect.set(globalThis, "rollcallErasureGate", { ...gate, watched: new WeakSet() });
  rmSync(head);
  // Makes the gate check again, as a new connection does after a restore.
  Reflect.get(globalThis, "rollcallErasureGate").checkedAt = Number.NEGATIVE_INFINITY;
  expect((await query(ANYBODY)).status).toBe(503);
});

const headFile = () => JSON.parse(readFileSync(head, "utf8"));

test("a head whose own chain is broken is refused, and nothing is served", async () => {
  await erase(clerkId("user"));
  await erase(clerkId("user"));
  const file = headFile();
  file.receipts[1].body = file.receipts[1].body.replace('"user"', '"xser"');
  writeFileSync(head, JSON.stringify(file));
  Reflect.deleteProperty(globalThis, "rollcallErasureGate");
  await expect(reapplyErasures()).rejects.toThrow("cannot be read");
  expect((await query(ANYBODY)).status).toBe(503);
});

test("a backup that is older than the head's first receipt is refused", async () => {
  const canary = await makeCanary();
  await backup();
  await erase(clerkId("user"));
  await erase(canary.id);
  const file = headFile();
  writeFileSync(head, JSON.stringify({ ...file, receipts: file.receipts.slice(1) }));
  await restore();
  await expect(reapplyErasures()).rejects.toThrow("Restore a newer backup");
  expect((await query(ANYBODY)).status).toBe(503);
});

test("the head forgets receipts that are older than ERASURE_HEAD_DAYS, and goes on", async () => {
  await erase(clerkId("user"));
  const { erasureHeadDays } = env();
  env().erasureHeadDays = 0;
  await erase(clerkId("user"));
  expect(headFile().receipts.map(({ sequence }: { sequence: number }) => sequence)).toEqual([2]);
  env().erasureHeadDays = erasureHeadDays;
  await erase(clerkId("user"));
  expect(headFile().receipts.map(({ sequence }: { sequence: number }) => sequence)).toEqual([2, 3]);
  expect((await query(ANYBODY)).status).toBe(200);
});

test("erasures that repeat after a restore are neither held nor counted by the brake", async () => {
  const [first, second] = [await makeCanary(), await makeCanary()];
  await backup();
  await erase(first.id);
  await erase(second.id);
  await restore();
  await sql(
    `INSERT INTO sync_facts (name, value) VALUES ('erasure_settings', '{"holdbackSeconds":3600,"brakeCount":1,"brakeShare":1}')
     ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value`,
  );
  expect(await reapplyErasures()).toBe(2);
  expect(await sql("SELECT FROM erasure_brakes")).toEqual([]);
  expect(await runErasures()).toBeNull();
  expect(await findInDatabase([...first.traces, ...second.traces])).toEqual([]);
  await sql("DELETE FROM sync_facts WHERE name = 'erasure_settings'");
});

test("after the repeated erasures, a late event whose receipt cannot be written to the head stops no request", async () => {
  const canary = await makeCanary();
  await backup();
  await erase(canary.id);
  await restore();
  expect(await reapplyErasures()).toBe(1);
  expect(await runErasures()).toBeNull();
  expect((await query(ANYBODY)).status).toBe(200);
  rmSync(head);
  mkdirSync(head);
  try {
    const late = { ...canary.userObject, updated_at: 1_790_000_000_500 };
    expect(await sendWebhook(event("user.updated", late))).toBe(200);
    expect(await runErasures()).toBeInstanceOf(Date);
    Reflect.get(globalThis, "rollcallErasureGate").checkedAt = Number.NEGATIVE_INFINITY;
    expect((await query(ANYBODY)).status).toBe(200);
  } finally {
    rmSync(head, { recursive: true });
  }
});

test("a new connection to the database is checked at once", async () => {
  await erase(clerkId("user"));
  expect((await query(ANYBODY)).status).toBe(200);
  expect(isKnownCurrent()).toBe(true);
  await withClient(maintenance, (client) =>
    client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", [
      name,
    ]),
  );
  await expect.poll(() => sql("SELECT 1").catch(() => null)).not.toBeNull();
  expect(isKnownCurrent()).toBe(false);
});

test("the head of another database is refused, and erases nothing", async () => {
  const canary = await makeCanary();
  await erase(clerkId("user"));
  const others = JSON.parse(readFileSync(head, "utf8"));
  await sql("ALTER TABLE erasure_receipts DISABLE TRIGGER USER");
  await sql("UPDATE erasure_receipts SET hash = repeat('a', 64)");
  await sql("ALTER TABLE erasure_receipts ENABLE TRIGGER USER");
  expect(others.receipts).toHaveLength(1);
  await expect(reapplyErasures()).rejects.toThrow("may be that of another database");
  expect((await query(ANYBODY)).status).toBe(503);
  expect(await sql("SELECT id FROM users WHERE id = $1 AND NOT deleted", [canary.id])).toHaveLength(
    1,
  );
});

test("while the store of the head is away, one attempt for all receipts is made ever later, and other erasures go on", async () => {
  let attempts = 0;
  const server = createServer((_request, response) => {
    attempts += 1;
    response.writeHead(500).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ids = Array.from({ length: 4 }, () => clerkId("user"));
  /** Deletes users, and runs all steps that are due once their deadlines have passed. */
  const deleteUsers = async (users: string[]) => {
    for (const id of users)
      expect(await sendWebhook(event("user.deleted", deletedJson(id)))).toBe(200);
    await sql("UPDATE erasures SET deleted_at = now() - interval '60 s' WHERE step <> 'receipt'");
    expect(await runErasures()).toBeInstanceOf(Date);
  };
  const waits = () =>
    sql(`SELECT step, count(*)::int, round(min(extract(epoch FROM next_at - now())) / 5)::int * 5 AS "from",
      round(max(extract(epoch FROM next_at - now())) / 5)::int * 5 AS "to" FROM erasures GROUP BY step`);
  /** Attempts again, as if the receipts had waited for so many seconds. */
  const attemptAfter = async (seconds: number) => {
    await sql("UPDATE erasures SET erased_at = now() - $1 * interval '1 s', next_at = now()", [
      seconds,
    ]);
    expect(await runErasures()).toBeInstanceOf(Date);
  };
  try {
    env().erasureHeadUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/head.json`;
    await deleteUsers(ids.slice(0, 3));
    expect(attempts).toBe(1);
    expect(await waits()).toEqual([{ step: "receipt", count: 3, from: 5, to: 5 }]);
    await deleteUsers(ids.slice(3));
    expect(attempts).toBe(1);
    expect(await waits()).toEqual([{ step: "receipt", count: 4, from: 5, to: 5 }]);
    await attemptAfter(20);
    expect(attempts).toBe(2);
    expect(await waits()).toEqual([{ step: "receipt", count: 4, from: 20, to: 20 }]);
    await attemptAfter(3_600);
    expect(attempts).toBe(3);
    expect(await waits()).toEqual([{ step: "receipt", count: 4, from: 50, to: 50 }]);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  env().erasureHeadUrl = head;
  await sql("UPDATE erasures SET next_at = now()");
  expect(await runErasures()).toBeNull();
  expect(headFile().receipts).toHaveLength(4);
});

test("the head can be stored at a URL with GET and PUT, and no data is served until it was read once", async () => {
  let stored: string | null = null;
  let isDown = true;
  const server = createServer((request, response) => {
    if (isDown) return void response.writeHead(500).end();
    if (request.method === "GET") {
      response.writeHead(stored === null ? 404 : 200).end(stored);
      return;
    }
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      stored = body;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    env().erasureHeadUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/head.json`;
    expect((await query(ANYBODY)).status).toBe(503);
    await expect(reapplyErasures()).rejects.toThrow("Check ERASURE_HEAD_URL");
    isDown = false;
    const canary = await makeCanary();
    await erase(canary.id);
    expect(JSON.parse(stored ?? "").receipts).toHaveLength(1);
    expect((await query(ANYBODY)).status).toBe(200);
    isDown = true;
    expect((await query(ANYBODY)).status).toBe(200);
    // What was read before is still a lower bound.
    const gate = Reflect.get(globalThis, "rollcallErasureGate");
    Object.assign(gate, {
      checkedAt: Number.NEGATIVE_INFINITY,
      readAt: performance.now() - 61_000,
    });
    expect((await query(ANYBODY)).status).toBe(200);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
});

test("npm run erasure:reapply prints the number of repeated erasures, or that ERASURE_HEAD_URL is missing", async () => {
  const run = (headUrl: string) =>
    new Promise<{ code: number | null; output: string }>((resolve) => {
      const child = execFile(
        process.execPath,
        ["--import", "tsx", "lib/command/erasure.ts", "reapply"],
        { env: { ...process.env, ERASURE_HEAD_URL: headUrl } },
        (_error, stdout, stderr) => resolve({ code: child.exitCode, output: stdout + stderr }),
      );
    });
  const canary = await makeCanary();
  await backup();
  await erase(canary.id);
  await restore();
  const [unset, again] = await Promise.all([run(""), run(head)]);
  expect(unset).toMatchObject({ code: 1, output: expect.stringContaining("is not set") });
  expect(again.output).toContain("1 erased again. The app serves data now.");
  expect(await findInDatabase(canary.traces)).toEqual([]);
});
