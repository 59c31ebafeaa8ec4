import { afterAll, beforeAll, expect, test } from "vitest";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, userJson } from "@/dev/testing/clerk-payloads";
import { listening } from "@/dev/testing/listening";
import { mirrorUser } from "@/dev/testing/mirror";
import { database } from "../db";
import { provisionUser } from "./provision";
import { retryProvisionings } from "./provision-retry";

// The variables are set before the first call of env(), which caches the environment.
const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;
process.env.PROVISIONING_COMPENSATION = "remove-new-account";
const { pool, prisma } = database();

beforeAll(listening);
afterAll(() => api.close());

/** Attributes that make a user unstorable: the mirror cannot read a version from this `updated_at`. */
const unstorable = { updated_at: "soon" };
const HOUR_MS = 3_600_000;

/**
 * Makes a provisioning fail, sets its number of attempts to `attempts`, and retries it. Resolves to the requests other than GET
 * that Clerk received during the retry.
 */
async function writesAfterRetry(id: string, attempts: number): Promise<string[]> {
  await provisionUser(id);
  // On a busy machine, provisionUser may resolve at its deadline, before the failure is recorded.
  const where = { userId: id, failedAt: { not: null } };
  await expect.poll(() => prisma.provisioning.count({ where }), { timeout: 5_000 }).toBe(1);
  await pool.query(
    "UPDATE provisionings SET claimed_until = now() - interval '1 s', attempts = $2 WHERE user_id = $1",
    [id, attempts],
  );
  api.requests.length = 0;
  await retryProvisionings();
  return api.requests.filter((request) => !request.startsWith("GET "));
}

test("with PROVISIONING_COMPENSATION, a new account whose data cannot be stored is deleted at Clerk and audited", async () => {
  const id = clerkId("user");
  api.users.push({ ...userJson({ id, created_at: Date.now() - HOUR_MS }), ...unstorable });
  expect(await writesAfterRetry(id, 8)).toEqual([`DELETE /v1/users/${id}`]);
  expect(await prisma.auditEntry.findMany({ where: { subject: id } })).toMatchObject([
    { actor: "provisioning", action: "account.removed" },
  ]);
});

test.each<[string, object, number]>([
  ["older than a day", { created_at: Date.now() - 25 * HOUR_MS }, 8],
  ["without a valid creation time", { created_at: "yesterday" }, 8],
  ["with fewer than 8 failed attempts", { created_at: Date.now() }, 3],
])("an account %s is not removed", async (_name, fields, attempts) => {
  const id = clerkId("user");
  api.users.push({ ...userJson({ id, ...fields }), ...unstorable });
  expect(await writesAfterRetry(id, attempts)).toEqual([]);
});

test("an account is not removed after any number of attempts in which Clerk failed", async () => {
  const id = clerkId("user");
  api.intercept = (response) => answerJson(response, 500, clerkError("x"));
  expect(await writesAfterRetry(id, 50)).toEqual([]);
  api.intercept = null;
});

test("an account is not removed when Clerk fails in the last attempt, even if earlier attempts found unstorable data", async () => {
  const id = clerkId("user");
  api.users.push({ ...userJson({ id, created_at: Date.now() }), ...unstorable });
  await provisionUser(id);
  api.intercept = (response) => {
    api.intercept = null;
    return answerJson(response, 500, clerkError("x"));
  };
  expect(await writesAfterRetry(id, 8)).toEqual([]);
});

test.each<[string, (id: string) => Promise<unknown>]>([
  [
    "that another process retries meanwhile",
    (id) =>
      pool.query(
        "UPDATE provisionings SET attempts = attempts + 1, claimed_until = now() + interval '30 s' WHERE user_id = $1",
        [id],
      ),
  ],
  ["that is mirrored meanwhile", (id) => mirrorUser(id)],
])("an account %s is not removed", async (_name, meanwhile) => {
  const id = clerkId("user");
  const user = { ...userJson({ id, created_at: Date.now() }), ...unstorable };
  api.users.push(user);
  let requests = 0;
  await provisionUser(id);
  // The first request to Clerk is the retry. The second reads the account again, just before it would be removed.
  api.intercept = (response) => {
    requests += 1;
    const before = requests === 2 ? meanwhile(id) : Promise.resolve();
    void before.then(() => answerJson(response, 200, user));
    return true;
  };
  expect(await writesAfterRetry(id, 8)).toEqual([]);
  expect(requests).toBe(2);
  api.intercept = null;
});
