import { afterAll, beforeAll, expect, test } from "vitest";
import { answerJson, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, userJson } from "@/dev/testing/clerk-payloads";
import { listening } from "@/dev/testing/listening";
import { mirrorUser } from "@/dev/testing/mirror";
import { database } from "../db";
import { provisionUser } from "./provision";
import { retryProvisionings } from "./provision-retry";

// Before anything reads the environment.
const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;
process.env.PROVISIONING_COMPENSATION = "remove-new-account";
const { pool, prisma } = database();

beforeAll(listening);
afterAll(() => api.close());

/** Of what Clerk says of them, a part that the mirror cannot store. */
const unstorable = { username: 42 };
const HOUR_MS = 3_600_000;

/** Fails for somebody until `attempts` are made, then once more. */
async function failing(id: string, attempts: number): Promise<string[]> {
  await provisionUser(id);
  await pool.query(
    "UPDATE provisionings SET claimed_until = now() - interval '1 s', attempts = $2 WHERE user_id = $1",
    [id, attempts],
  );
  api.asked.length = 0;
  await retryProvisionings();
  return api.asked.filter((request) => !request.startsWith("GET "));
}

test("asked for by the policy, a new account that can never be stored is removed, and audited", async () => {
  const id = clerkId("user");
  api.people.set(id, { ...userJson({ id, created_at: Date.now() - HOUR_MS }), ...unstorable });
  expect(await failing(id, 8)).toEqual([`DELETE /v1/users/${id}`]);
  expect(await prisma.auditEntry.findMany({ where: { subject: id } })).toMatchObject([
    { actor: "provisioning", action: "account.removed" },
  ]);
});

test.each<[string, object, number]>([
  ["an account that is older than a day", { created_at: Date.now() - 25 * HOUR_MS }, 8],
  ["an account of an age that nobody can tell", { created_at: "yesterday" }, 8],
  ["an account that was tried a few times only", { created_at: Date.now() }, 3],
])("%s stays", async (_name, fields, attempts) => {
  const id = clerkId("user");
  api.people.set(id, { ...userJson({ id, ...fields }), ...unstorable });
  expect(await failing(id, attempts)).toEqual([]);
});

test("a failure of Clerk removes nobody, however often it is met", async () => {
  const id = clerkId("user");
  api.answer = (response) => answerJson(response, 500, { errors: [{ code: "x", message: "x" }] });
  expect(await failing(id, 50)).toEqual([]);
  api.answer = null;
});

test("a failure of Clerk in the last attempt removes nobody, whatever the ones before met", async () => {
  const id = clerkId("user");
  api.people.set(id, { ...userJson({ id, created_at: Date.now() }), ...unstorable });
  await provisionUser(id);
  api.answer = (response) => {
    api.answer = null;
    answerJson(response, 500, { errors: [{ code: "x", message: "x" }] });
  };
  expect(await failing(id, 8)).toEqual([]);
});

test.each<[string, (id: string) => Promise<unknown>]>([
  [
    "whom another process tries again",
    (id) =>
      pool.query(
        "UPDATE provisionings SET attempts = attempts + 1, claimed_until = now() + interval '30 s' WHERE user_id = $1",
        [id],
      ),
  ],
  ["whom the mirror has meanwhile", (id) => mirrorUser(id)],
])("an account stays %s", async (_name, meanwhile) => {
  const id = clerkId("user");
  const person = { ...userJson({ id, created_at: Date.now() }), ...unstorable };
  api.people.set(id, person);
  let asked = 0;
  await provisionUser(id);
  // The attempt asks once; whether the account is to be removed is asked then.
  api.answer = (response) => {
    asked += 1;
    const before = asked === 2 ? meanwhile(id) : Promise.resolve();
    before.then(() => answerJson(response, 200, person));
  };
  expect(await failing(id, 8)).toEqual([]);
  expect(asked).toBe(2);
  api.answer = null;
});
