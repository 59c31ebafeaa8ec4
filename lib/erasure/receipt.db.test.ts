/** Tests the receipts of erasures: what they contain, their chain, and how others verify it. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { makeCanary } from "../../dev/testing/canary-person";
import { clerkId, deletedJson, event } from "../../dev/testing/clerk-payloads";
import { sendWebhook } from "../../dev/testing/webhook";
import { database } from "../db";
import { onUser } from "../effects/effect";
import { createRegistry } from "../effects/registry";
import { EffectRunner } from "../effects/runner";
import { subscribeHandlers } from "../effects/subscribers";
import { runErasures } from "./erase";
import { canonicalJson, findReceipt, lockChain, readLinks, verifyChain } from "./receipt";
import { registry } from "./registry";
import { recordErasureRequest } from "./request";

const { pool } = database();
const sql = async (text: string, values: unknown[] = []) => (await pool.query(text, values)).rows;

/** Runs SQL without the triggers that refuse every change of a receipt. */
const withoutTriggers = (text: string, values: unknown[] = []) =>
  sql("ALTER TABLE erasure_receipts DISABLE TRIGGER USER")
    .then(() => sql(text, values))
    .finally(() => sql("ALTER TABLE erasure_receipts ENABLE TRIGGER USER"));

beforeEach(async () => {
  await sql(
    "TRUNCATE users, erasures, erased_ids, late_events, deliveries, versions, effect_jobs CASCADE",
  );
  await withoutTriggers("DELETE FROM erasure_receipts");
});

afterEach(() => vi.restoreAllMocks());

const deleteUser = async (id: string) =>
  expect(await sendWebhook(event("user.deleted", deletedJson(id)))).toBe(200);

/** Runs all erasures until they are done, as if their deadlines had passed. */
async function finish(): Promise<void> {
  await sql("UPDATE erasures SET deleted_at = deleted_at - interval '60 s'");
  expect(await runErasures()).toBeNull();
}

async function erase(count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => clerkId("user"));
  for (const id of ids) await deleteUser(id);
  await finish();
  return ids;
}

async function lines(): Promise<string[]> {
  const read: string[] = [];
  for await (const { line } of readLinks(pool)) read.push(line);
  return read;
}

/**
 * Verifies the lines with the algorithm of docs/privacy.md, written without our code. Returns the number of the first wrong line,
 * or 0.
 */
function firstWrongLine(ndjson: string[]): number {
  let previous = "0".repeat(64);
  for (const [index, line] of ndjson.entries()) {
    const { hash, receipt } = JSON.parse(line);
    const body = line.slice(`{"hash":"${hash}","receipt":`.length, -1);
    const expected = createHash("sha256")
      .update(previous + body)
      .digest("hex");
    if (hash !== expected || receipt.sequence !== index + 1) return index + 1;
    previous = hash;
  }
  return 0;
}

test("a receipt contains what was erased, when and at whose request, and no personal data", async () => {
  const canary = await makeCanary();
  const token = await recordErasureRequest({
    id: canary.id,
    reason: "user_requested",
    requestedBy: canary.id,
  });
  await deleteUser(canary.id);
  expect(await findReceipt(token)).toEqual({ isFinished: false, isWaiting: false, line: null });
  await sql("UPDATE erasures SET step = 'held' WHERE receipt_token = $1", [token]);
  expect(await findReceipt(token)).toMatchObject({ isFinished: false, isWaiting: true });
  await sql("UPDATE erasures SET step = 'rows' WHERE receipt_token = $1", [token]);
  await finish();
  const line = (await findReceipt(token))?.line ?? "";
  for (const trace of [...canary.traces, canary.id, canary.friendId, token])
    expect(line.toLowerCase()).not.toContain(trace.toLowerCase());
  const { receipt } = JSON.parse(line);
  const commit = (id: string) => createHash("sha256").update(`${token}:${id}`).digest("hex");
  expect(receipt).toMatchObject({
    sequence: 1,
    kind: "user",
    reason: "user_requested",
    cause: "webhook",
    subject: commit(canary.id),
    requestedBy: commit(canary.id),
    counts: { memberships: 1, invitations: 1, sessions: 1 },
    registry: expect.stringMatching(/^[0-9a-f]{64}$/),
    erasedAt: expect.stringMatching(/Z$/),
  });
});

test("a receipt cannot be read without its token", async () => {
  await erase(1);
  for (const token of ["", "x", "' OR true", "00000000-0000-4000-8000-000000000000"])
    expect(await findReceipt(token)).toBeNull();
});

test("the receipts of erasures that several processes run form one chain without gaps", async () => {
  const ids = Array.from({ length: 12 }, () => clerkId("user"));
  await Promise.all(ids.map(deleteUser));
  await sql("UPDATE erasures SET deleted_at = deleted_at - interval '60 s'");
  await Promise.all([runErasures(), runErasures(), runErasures()]);
  await finish();
  const { head, broken } = await verifyChain(pool);
  expect([head.sequence, broken]).toEqual([12, null]);
  expect(firstWrongLine(await lines())).toBe(0);
});

test("an erasure that waits for the chain of receipts holds no lock that the owner of the chain needs", async () => {
  await deleteUser(clerkId("user"));
  await sql("UPDATE erasures SET deleted_at = deleted_at - interval '60 s'");
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await runErasures((name) => {
    if (name === "sweep committed") throw new Error("interrupted");
  });
  expect(await sql("UPDATE erasures SET next_at = now() RETURNING step")).toEqual([
    { step: "receipt" },
  ]);
  const owner = await pool.connect();
  try {
    await owner.query("BEGIN; SET LOCAL lock_timeout = '3s'");
    await lockChain(owner);
    const waiting = runErasures();
    await expect
      .poll(() =>
        sql("SELECT FROM pg_locks WHERE relation = 'erasure_receipts'::regclass AND NOT granted"),
      )
      .toHaveLength(1);
    // As `erasure:reapply` does.
    await owner.query("UPDATE erasures SET cause = cause");
    await owner.query("COMMIT");
    expect(await waiting).toBeNull();
  } finally {
    owner.release();
  }
  expect(await lines()).toHaveLength(1);
});

test("a late event adds a second receipt only if its erasure has erased further rows", async () => {
  const [id] = await erase(1);
  await deleteUser(id ?? "");
  await finish();
  expect(await lines()).toHaveLength(1);
  await sql("INSERT INTO late_events (erasure_id) SELECT id FROM erasures");
  await sql("INSERT INTO handles (user_id, handle) VALUES ($1, $2)", [id, `late_${id}`]);
  await finish();
  expect(await lines()).toHaveLength(2);
  expect((await verifyChain(pool)).broken).toBeNull();
});

/** SQL that counts the rows that an erasure can still delete or empty, by table. */
const ERASABLE: Record<string, string> = {
  ...Object.fromEntries(
    registry
      .filter(({ isDeleted, table }) => isDeleted && table !== "erasure_calls")
      .map(({ table }) => [table, `SELECT count(*)::int AS n FROM ${table}`]),
  ),
  users: "SELECT count(*)::int AS n FROM users WHERE NOT deleted AND version > 0",
  memberships: "SELECT count(*)::int AS n FROM memberships WHERE NOT deleted",
  invitations: "SELECT count(*)::int AS n FROM invitations WHERE NOT deleted",
  profile_handles: "SELECT count(*)::int AS n FROM profile_handles WHERE user_id IS NOT NULL",
  versions: "SELECT count(*)::int AS n FROM versions WHERE state IS NOT NULL",
  audit_log: "SELECT count(*)::int AS n FROM audit_log WHERE detail ? 'reason'",
  bulk_acts: "SELECT count(*)::int AS n FROM bulk_acts WHERE reason IS NOT NULL",
  bulk_act_items: "SELECT count(*)::int AS n FROM bulk_act_items WHERE note IS NOT NULL",
  acts: "SELECT count(*)::int AS n FROM acts WHERE reason IS NOT NULL OR error_message IS NOT NULL",
  payment_attempts: "SELECT count(*)::int AS n FROM payment_attempts WHERE amount IS NOT NULL",
};

async function countErasable(): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const [table, text] of Object.entries(ERASABLE)) counts[table] = (await sql(text))[0].n;
  return counts;
}

const countsOf = async (id: string) =>
  (await sql("SELECT counts FROM erasures WHERE subject_id = $1", [id]))[0].counts;

test("a receipt counts each erased row once, also a row that a trigger erases and after a failure at any checkpoint, and a late event that erases nothing adds no receipt", async () => {
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const canary = await makeCanary();
  const before = await countErasable();
  await deleteUser(canary.id);
  const failed = new Set<string>();
  await sql("UPDATE erasures SET deleted_at = deleted_at - interval '60 s'");
  for (let isDone = false; !isDone; ) {
    await runErasures((name) => {
      if (failed.has(name)) return;
      failed.add(name);
      throw new Error("planted");
    });
    await sql("UPDATE erasures SET next_at = now() WHERE next_at IS NOT NULL");
    const [{ step }] = await sql("SELECT step FROM erasures WHERE subject_id = $1", [canary.id]);
    isDone = step === "done";
  }
  expect(failed.size).toBeGreaterThan(8);
  const after = await countErasable();
  const erased = Object.entries(before).flatMap(([table, n]) =>
    n === after[table] ? [] : [[table, n - (after[table] ?? 0)]],
  );
  const { deliveries, ...counts } = await countsOf(canary.id);
  expect(counts).toEqual(Object.fromEntries(erased));
  expect(counts).toMatchObject({
    acts: 1,
    blocks: 1,
    follows: 2,
    profiles: 1,
    users: 1,
    versions: 3,
  });
  const late = { ...canary.userObject, updated_at: 1_790_000_000_500 };
  expect(await sendWebhook(event("user.updated", late))).toBe(200);
  await finish();
  expect(await countsOf(canary.id)).toEqual({ deliveries, ...counts });
  expect(await lines()).toHaveLength(1);
}, 60_000);

test("a handler or feed receiver that ends after the receipt adds a second receipt that says so, with the same id and counts", async () => {
  const seen: string[] = [];
  const registry = createRegistry([
    onUser("deleted", "mail-tool", async ({ previous }) => void seen.push(previous.id)),
    onUser("deleted", "failing", () => Promise.reject(new Error()), { maxAttempts: 1 }),
  ]);
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  await subscribeHandlers(registry);
  const canary = await makeCanary();
  await deleteUser(canary.id);
  await finish();
  await new EffectRunner(registry).runDue(new AbortController().signal);
  expect(seen).toEqual([canary.id]);
  await finish();
  const [first, second, ...more] = (await lines()).map((line) => JSON.parse(line).receipt);
  expect(first.acknowledgements).toEqual({ failing: "pending", "mail-tool": "pending" });
  expect(second).toEqual({
    ...first,
    deletedAt: second.deletedAt,
    sequence: 2,
    acknowledgements: { failing: "dead", "mail-tool": "done" },
  });
  expect(more).toEqual([]);
  await sql("DELETE FROM effect_subscribers");
});

/** Columns: the change, its SQL, the receipt that verifyChain reports, and the line at which the documented algorithm fails. */
test.each([
  [
    "a receipt was changed",
    "UPDATE erasure_receipts SET body = replace(body, '\"user\"', '\"xser\"') WHERE sequence = 2",
    2,
    2,
  ],
  ["a receipt was deleted", "DELETE FROM erasure_receipts WHERE sequence = 2", 3, 2],
  ["the first was deleted", "DELETE FROM erasure_receipts WHERE sequence = 1", 2, 1],
  [
    "a hash was changed",
    "UPDATE erasure_receipts SET hash = repeat('a', 64) WHERE sequence = 3",
    3,
    3,
  ],
  [
    "a receipt was deleted and the later hashes were computed again",
    `DELETE FROM erasure_receipts WHERE sequence = 2; ${[3, 4]
      .map(
        (sequence) =>
          `UPDATE erasure_receipts SET hash = encode(sha256(convert_to((SELECT hash FROM erasure_receipts WHERE sequence < ${sequence} ORDER BY sequence DESC LIMIT 1) || body, 'UTF8')), 'hex') WHERE sequence = ${sequence}`,
      )
      .join("; ")}`,
    3,
    2,
  ],
  [
    "two receipts were exchanged",
    "UPDATE erasure_receipts a SET body = b.body, id = b.id, hash = b.hash FROM erasure_receipts b WHERE a.sequence + b.sequence = 5 AND a.sequence IN (2, 3)",
    2,
    2,
  ],
])("verifyChain reports the first broken link when %s", async (_name, change, sequence, line) => {
  await erase(4);
  await withoutTriggers(change);
  expect((await verifyChain(pool)).broken).toMatchObject({ sequence });
  expect(firstWrongLine(await lines())).toBe(line);
});

test("the database refuses to change, delete or truncate receipts, and to add a receipt that does not continue the chain", async () => {
  await erase(2);
  const refused = { code: "23001" };
  for (const text of [
    "UPDATE erasure_receipts SET body = body",
    "DELETE FROM erasure_receipts",
    "TRUNCATE erasure_receipts",
    "INSERT INTO erasure_receipts VALUES (3, repeat('0', 64), '', '{}')",
    "INSERT INTO erasure_receipts SELECT 4, encode(sha256(convert_to(hash || '{}', 'UTF8')), 'hex'), '', '{}' FROM erasure_receipts WHERE sequence = 2",
  ]) {
    await expect(sql(text), text).rejects.toMatchObject(refused);
  }
  await sql(
    "INSERT INTO erasure_receipts SELECT 3, encode(sha256(convert_to(hash || '{}', 'UTF8')), 'hex'), '', '{}' FROM erasure_receipts WHERE sequence = 2",
  );
});

test("canonical JSON sorts keys at every depth and keeps the order of arrays", () => {
  expect(canonicalJson({ b: [{ d: 1, c: null }, "é"], a: 2 })).toBe(
    '{"a":2,"b":[{"c":null,"d":1},"é"]}',
  );
});

function run(...args: string[]) {
  return new Promise<{ code: number | null; output: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      ["--import", "tsx", "lib/command/erasure.ts", ...args],
      (_error, stdout, stderr) => resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });
}

test("npm run erasure:receipts prints lines that the documented algorithm accepts, and npm run erasure:verify fails at the first broken link", async () => {
  await erase(3);
  const [printed, verified] = await Promise.all([run("receipts"), run("verify")]);
  const ndjson = printed.output.trim().split("\n");
  expect([ndjson.length, firstWrongLine(ndjson)]).toEqual([3, 0]);
  const head = JSON.parse(ndjson[2] ?? "").hash;
  expect(verified).toEqual({
    code: 0,
    output: `3 receipts, none missing or changed.
No head was given (--head FILE|URL, or ERASURE_HEAD_URL): receipts that were removed from the end are not noticed.
Head: 3 ${head}
`,
  });
  await withoutTriggers("DELETE FROM erasure_receipts WHERE sequence = 2");
  const broken = await run("verify");
  expect(broken.code).toBe(1);
  expect(broken.output).toContain("The chain is broken at receipt 3: receipt 2 is missing.");
});

test("npm run erasure:verify -- --head notices that the end of the chain was removed or replaced", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-head-"));
  const [note, file, empty] = ["note.txt", "head.json", "none.txt"].map((name) =>
    join(folder, name),
  );
  try {
    await erase(3);
    const { head } = await verifyChain(pool);
    const { rows } = await pool.query("SELECT * FROM erasure_receipts ORDER BY sequence");
    const receipts = rows.map(({ sequence, hash, id, body }) => ({
      ...{ hash, id, body, sequence: Number(sequence), subject: "0".repeat(64) },
    }));
    writeFileSync(note ?? "", `Head: ${head.sequence} ${head.hash}\n`);
    writeFileSync(file ?? "", JSON.stringify({ format: 1, salt: "s".repeat(32), receipts }));
    writeFileSync(empty ?? "", "nothing");
    for (const given of [note, file]) {
      const { code, output } = await run("verify", "--head", given ?? "");
      expect([code, output]).toEqual([
        0,
        expect.stringContaining("The published head is receipt 3: it is there."),
      ]);
    }
    await withoutTriggers("DELETE FROM erasure_receipts WHERE sequence = 3");
    const missing = "the published head is receipt 3, but the chain ends with 2";
    for (const given of [note, file])
      expect(await run("verify", "--head", given ?? "")).toEqual({
        code: 1,
        output: expect.stringContaining(missing),
      });
    expect((await run("verify")).code).toBe(0);
    await erase(2);
    expect(await run("verify", "--head", note ?? "")).toEqual({
      code: 1,
      output: expect.stringContaining("Receipt 3 is not that of the published head"),
    });
    expect(await run("verify", "--head", empty ?? "")).toEqual({
      code: 1,
      output: expect.stringContaining("There is no head of the erasures at"),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 120_000);
