/** Tests the effects of reconciliation, backfill and first-call provisioning, and the retry after a process was killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeEach, expect, test } from "vitest";
import { startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";
import { provisionUser } from "../identity/provision";
import { type ReconcileOptions, reconcile } from "../sync/reconcile/reconcile";
import { onUser } from "./effect";
import { changeKinds, effectTables } from "./object";
import { createRegistry } from "./registry";
import { EffectRunner } from "./runner";
import { subscribe } from "./subscribers";

const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
afterAll(() => clerk.close());

const { pool, prisma } = database();
const T = 1_790_000_000_000;
const all = effectTables.flatMap((table) => changeKinds.map((change) => ({ table, change })));

beforeEach(async () => {
  Object.assign(clerk, { users: [], organizations: [], memberships: [] });
  await pool.query(
    `TRUNCATE users, organizations, memberships, invitations, versions, deliveries, sync_runs, effect_jobs,
     effect_subscribers, provisionings CASCADE`,
  );
  await subscribe(pool, "audit", all);
});

const calls = { perTenSeconds: 100_000, answerWithinMs: 2_000 };
const sync = (options: Partial<ReconcileOptions> = {}) =>
  reconcile({ mode: "repair", trigger: "command", force: true, calls, ...options });

function person(fields: Record<string, unknown> = {}) {
  const id = clerkId("user");
  return { ...userJson({ id, ...fields }), id, created_at: T };
}

async function effects(): Promise<string[]> {
  const jobs = await prisma.effectJob.findMany({ orderBy: { id: "asc" } });
  return jobs.map(({ change, cause }) => `${change} ${cause}`);
}

test("a backfill adds no effects, and the next reconciliation adds effects for the differences that it repairs", async () => {
  const [kept, renamed, gone] = [person(), person(), person()];
  clerk.users = [kept, renamed, gone];
  await sync();
  expect(await prisma.user.count()).toBe(3);
  expect(await effects()).toEqual([]);
  clerk.users = [kept, { ...renamed, first_name: "Grace", updated_at: T + 1 }, person()];
  await sync();
  expect((await effects()).sort()).toEqual([
    "created reconciliation",
    "deleted reconciliation",
    "updated reconciliation",
  ]);
  await sync();
  expect(await effects()).toHaveLength(3);
});

test("a backfill with effects: true adds effects, and a reconciliation with effects: false adds none", async () => {
  clerk.users = [person()];
  await sync({ effects: true });
  expect(await effects()).toEqual(["created backfill"]);
  clerk.users = [...clerk.users, person()];
  await sync({ effects: false });
  expect(await prisma.user.count()).toBe(2);
  expect(await effects()).toHaveLength(1);
});

test("a user who signs up at Clerk during a backfill gets a created effect with the cause reconciliation", async () => {
  clerk.users = [person(), { ...person(), created_at: Date.now() + 60_000 }];
  await sync();
  expect(await effects()).toEqual(["created reconciliation"]);
});

test("a reconciliation of an emptied mirror counts as a backfill and adds no effects", async () => {
  clerk.users = [person()];
  await sync();
  await pool.query("TRUNCATE users CASCADE");
  await sync();
  expect(await prisma.user.count()).toBe(1);
  expect(await effects()).toEqual([]);
});

test("a user provisioned at the first API call has one created effect when the webhook arrives at the same time", async () => {
  const users = Array.from({ length: 10 }, () => person());
  clerk.users = users;
  await Promise.all(
    users.flatMap((user) => [
      provisionUser(user.id),
      sendWebhook(event("user.created", user, T + 5)),
    ]),
  );
  const jobs = await prisma.effectJob.findMany();
  expect(jobs.map(({ objectId }) => objectId).sort()).toEqual(users.map(({ id }) => id).sort());
  expect(new Set(jobs.map(({ change }) => change))).toEqual(new Set(["created"]));
  expect(await prisma.provisioning.count()).toBe(0);
});

test("the job of a process that was killed with kill -9 runs again in another process, with the same idempotency key", async () => {
  await pool.query("DELETE FROM effect_subscribers");
  await subscribe(pool, "welcome", [{ table: "users", change: "created" }]);
  const user = person();
  expect(await sendWebhook(event("user.created", user, T))).toBe(200);
  const script = `
    import { EffectRunner } from "./lib/effects/runner.ts";
    import { createRegistry } from "./lib/effects/registry.ts";
    import { onUser } from "./lib/effects/effect.ts";
    const hangs = onUser("created", "welcome", ({ key }) => { console.log(key); return new Promise(() => {}); });
    await new EffectRunner(createRegistry([hangs]), { leaseMs: 2_000 }).runDue(new AbortController().signal);`;
  const child = spawn(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", script],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const [output] = await once(child.stdout, "data");
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  const keys: string[] = [];
  const registry = createRegistry([
    onUser("created", "welcome", async ({ key }) => void keys.push(key)),
  ]);
  const runner = new EffectRunner(registry);
  const isTakenOver = async () => {
    await runner.runDue(new AbortController().signal);
    return keys.length;
  };
  await expect.poll(isTakenOver, { timeout: 10_000, interval: 100 }).toBe(1);
  expect(keys).toEqual([`welcome:${user.id}:created`]);
  expect(String(output).trim()).toBe(keys[0]);
  expect(await prisma.effectJob.findMany()).toMatchObject([{ doneAt: expect.any(Date) }]);
});
