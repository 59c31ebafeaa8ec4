import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { GET } from "@/app/api/cron/route";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, userJson } from "@/dev/testing/clerk-payloads";
import { listening } from "@/dev/testing/listening";
import { database } from "../db";
import { provisionUser } from "../identity/provision";
import { startWorker, type Worker } from "./start";

const secret = "a cron secret of some length";
// The variables are set before the first call of env(), which caches the environment.
const api = await startBackendApi();
Object.assign(process.env, { CLERK_API_URL: api.url, CRON_SECRET: secret });
const { pool, prisma } = database();

let worker: Worker | undefined;
beforeAll(listening);
beforeEach(async () => {
  await pool.query("DELETE FROM provisionings");
  await pool.query("DELETE FROM graphile_worker._private_jobs");
});
afterEach(async () => {
  await worker?.stop();
  worker = undefined;
});
afterAll(() => api.close());

/**
 * Creates a user whose provisioning failed because Clerk responded with 500. Afterwards Clerk responds normally. Resolves to the
 * id of the user.
 */
async function failedUser(): Promise<string> {
  const id = clerkId("user");
  api.intercept = (response) => answerJson(response, 500, clerkError("x"));
  expect(await provisionUser(id)).toBe("later");
  // On a busy machine, provisionUser may resolve at its deadline, before the failure is recorded.
  const where = { userId: id, error: "clerk" };
  await expect.poll(() => prisma.provisioning.count({ where }), { timeout: 5_000 }).toBe(1);
  api.intercept = null;
  api.users.push(userJson({ id, first_name: "Ada" }));
  return id;
}

const makeRowDue = () =>
  pool.query("UPDATE provisionings SET claimed_until = now() - interval '1 s'");
const findName = async (id: string) =>
  (await prisma.user.findUnique({ where: { id } }))?.firstName ?? null;

test("a failed provisioning adds a job that retries it when its retry delay is over", async () => {
  await failedUser();
  const { rows } = await pool.query(
    `SELECT j.run_at = p.claimed_until AS "isWhenDue" FROM graphile_worker.jobs j, provisionings p
     WHERE j.task_identifier = 'retry-provisionings'`,
  );
  expect(rows).toEqual([{ isWhenDue: true }]);
});

test("the worker fetches a user whose provisioning failed because Clerk responded with 500", async () => {
  const id = await failedUser();
  await makeRowDue();
  await pool.query("UPDATE graphile_worker._private_jobs SET run_at = now()");
  worker = await startWorker();
  await expect.poll(() => findName(id), { timeout: 10_000 }).toBe("Ada");
  await expect.poll(() => prisma.provisioning.count(), { timeout: 5_000 }).toBe(0);
});

test("the cron route fetches a user whose provisioning failed, even if the process died before it added a job", async () => {
  const id = await failedUser();
  await makeRowDue();
  await pool.query("DELETE FROM graphile_worker._private_jobs");
  await pool.query(
    "INSERT INTO sync_facts (name, value) VALUES ('due reconcile', '{}'), ('due retention', '{}')",
  );
  const headers = { authorization: `Bearer ${secret}` };
  const response = await GET(new Request("https://rollcall.test/api/cron", { headers }));
  expect(response.status).toBe(200);
  expect(await findName(id)).toBe("Ada");
  expect(await prisma.provisioning.count()).toBe(0);
});

test("one run of the task retries all failed provisionings, even if they do not fit into one batch", async () => {
  const ids: string[] = [];
  for (let made = 0; made < 25; made += 1) ids.push(await failedUser());
  await makeRowDue();
  await pool.query("UPDATE graphile_worker._private_jobs SET run_at = now()");
  worker = await startWorker();
  const where = { id: { in: ids }, version: { gt: 0 } };
  await expect.poll(() => prisma.user.count({ where }), { timeout: 10_000 }).toBe(25);
});
