/** Tests that Health reports dead letters, late jobs and jobs of removed handlers, and that each remedy clears its finding. */
import { beforeEach, expect, test } from "vitest";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";
import { findFacts } from "../sync/monitoring/find-facts";
import { assess } from "../sync/monitoring/verdict";
import { onUser } from "./effect";
import { createRegistry } from "./registry";
import { forgetHandler, replayDead } from "./replay";
import { EffectRunner } from "./runner";
import { subscribeHandlers } from "./subscribers";

const { pool } = database();
const MINUTE = 60_000;

beforeEach(async () => {
  await pool.query("TRUNCATE users, versions, deliveries, effect_jobs, effect_subscribers CASCADE");
});

async function findingsAt(at = new Date()): Promise<string[]> {
  const { facts } = await findFacts(at);
  const codes = assess(facts).findings.map(({ code }) => code);
  return codes.filter((code) => code.startsWith("effects"));
}

let isBroken = true;
const welcome = onUser(
  "created",
  "welcome",
  async () => {
    if (isBroken) throw new Error("broken");
  },
  { maxAttempts: 1 },
);
const registry = createRegistry([welcome]);
const runDue = () => new EffectRunner(registry).runDue(new AbortController().signal);

async function createUser(): Promise<void> {
  await subscribeHandlers(registry);
  expect(await sendWebhook(event("user.created", userJson({ id: clerkId("user") })))).toBe(200);
}

test("Health reports a dead letter of a handler until it was replayed", async () => {
  isBroken = true;
  await createUser();
  await runDue();
  expect(await findingsAt()).toEqual(["effects-dead"]);
  const { facts } = await findFacts();
  expect(facts.effects.dead).toMatchObject({ count: 1, handler: "welcome", error: "Error" });
  isBroken = false;
  await replayDead("welcome");
  await runDue();
  expect(await findingsAt()).toEqual([]);
});

test("Health reports a job that has been due for more than five minutes, until it has run", async () => {
  isBroken = false;
  await createUser();
  expect(await findingsAt(new Date(Date.now() + 4 * MINUTE))).toEqual([]);
  expect(await findingsAt(new Date(Date.now() + 6 * MINUTE))).toEqual(["effects-late"]);
  await runDue();
  expect(await findingsAt(new Date(Date.now() + 6 * MINUTE))).toEqual([]);
});

test("Health does not report a job as late while the job waits for the retry of an earlier job of the same object", async () => {
  await createUser();
  await pool.query(
    `INSERT INTO effect_jobs (handler, object_table, object_id, change, cause, key, occurred_at)
     SELECT handler, object_table, object_id, 'updated', cause, 'later', now() FROM effect_jobs`,
  );
  await pool.query(
    "UPDATE effect_jobs SET run_at = now() + interval '1 hour' WHERE change = 'created'",
  );
  expect(await findingsAt(new Date(Date.now() + 6 * MINUTE))).toEqual([]);
});

test("Health reports jobs of a handler that no worker registers, until npm run effects forget removes the handler", async () => {
  await createUser();
  const muchLater = new Date(Date.now() + 3 * 60 * MINUTE);
  expect(await findingsAt(muchLater)).toEqual(["effects-unhandled"]);
  await forgetHandler("welcome");
  expect(await findingsAt(muchLater)).toEqual([]);
});
