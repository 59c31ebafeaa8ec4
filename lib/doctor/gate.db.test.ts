/** The states in which a deployment is refused, each made in the database and read as `npm run doctor -- --gate` reads it. */
import { beforeEach, expect, test } from "vitest";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";
import { checkSync } from "./check-sync";
import { gateExitCodes, gateOf } from "./gate";

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

const sendUser = (fields: object = {}) =>
  sendWebhook({
    ...event("user.created", userJson({ id: clerkId("user") }), Date.now()),
    ...fields,
  });
const markAll = (outcome: string, age: string) =>
  sql("UPDATE deliveries SET outcome = $1, received_at = now() - $2::interval", [outcome, age]);
const addRun = (status: string, age: string) =>
  sql(
    `INSERT INTO sync_runs (mode, trigger, holder, cursor, counts, status, started_at, ended_at)
     VALUES ('repair', 'schedule', 'test', '{}', '{}', $1, now() - $2::interval, now() - $2::interval)`,
    [status, age],
  );

/** Makes a healthy mirror: an event just now, a running worker, a reconciliation last night. */
beforeEach(async () => {
  await sql("TRUNCATE users, versions, deliveries, canary_rounds, sync_facts, sync_runs CASCADE");
  await sql("INSERT INTO sync_facts (name, value) VALUES ('worker', '{}')");
  await addRun("done", "9 hours");
  await sendUser();
});

type State = [
  state: string,
  verdict: "pass" | "broken" | "stale",
  code: string,
  make: () => unknown,
];

const states: State[] = [
  ["dead letters", "broken", "dead", () => markAll("dead", "1 minute")],
  [
    "most deliveries from another Clerk instance",
    "broken",
    "wrong-instance",
    async () => {
      for (let sent = 0; sent < 2; sent += 1) await sendUser({ instance_id: "ins_other" });
    },
  ],
  ["deliveries pending for an hour", "stale", "pending", () => markAll("pending", "1 hour")],
  ["no worker", "stale", "no-worker", () => sql("DELETE FROM sync_facts WHERE name = 'worker'")],
  [
    "a worker that stopped an hour ago",
    "stale",
    "no-worker",
    () => sql("UPDATE sync_facts SET updated_at = now() - interval '1 hour'"),
  ],
  ["a failed reconciliation", "stale", "reconciliation", () => addRun("failed", "1 minute")],
  [
    "no reconciliation for two days",
    "stale",
    "reconciliation",
    () =>
      sql(
        "UPDATE sync_runs SET started_at = now() - interval '2 days', ended_at = now() - interval '2 days'",
      ),
  ],
];

test("a healthy mirror lets a deployment pass", async () => {
  expect(gateOf(await checkSync())).toEqual({ verdict: "pass", reasons: [], allowed: [] });
});

test("a delivery that the worker will retry in a moment does not refuse a deployment", async () => {
  await markAll("pending", "1 second");
  expect(gateOf(await checkSync()).verdict).toBe("pass");
});

test.each(states)(
  "%s refuse a deployment as %s: %s, with a remedy",
  async (_, verdict, code, make) => {
    await make();
    const gate = gateOf(await checkSync());
    expect(gate.verdict).toBe(verdict);
    expect(gate.reasons.map((reason) => reason.code)).toEqual([code]);
    for (const { sentence, remedy } of gate.reasons)
      expect([sentence, remedy]).toEqual([
        expect.stringMatching(/\w{3}.*\.$/),
        expect.stringMatching(/\w{3}/),
      ]);
  },
);

test("a finding that the operator allows does not refuse a deployment, and is still named", async () => {
  await markAll("dead", "1 minute");
  const gate = gateOf(await checkSync(), ["dead"]);
  expect(gate).toMatchObject({ verdict: "pass", reasons: [], allowed: [{ code: "dead" }] });
});

test("a failed check outside the sync refuses a deployment, and its warning does not", () => {
  const found = { check: "Clock", code: null, sentence: "Wrong.", remedy: "Set it." };
  expect(gateOf([{ ...found, state: "bad" }]).verdict).toBe("broken");
  expect(gateOf([{ ...found, state: "warn" }]).verdict).toBe("pass");
});

test("each verdict has an exit code of its own", () => {
  expect(gateExitCodes).toEqual({ pass: 0, broken: 1, stale: 2 });
});
