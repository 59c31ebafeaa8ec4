import { beforeAll, expect, test } from "vitest";
import { POST } from "@/app/api/graphql/route";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../../db";

const admin = clerkId("user");
beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await caughtUp();
});

async function stateNow() {
  const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub: admin });
  const request = new Request("https://rollcall.test/api/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({
      query:
        "{ syncState { verdict newestAt pending needsAttention pipeline { name state } canary { fault } lastRun { status found repaired } } }",
    }),
  });
  const { data } = await (await POST(request)).json();
  const { pipeline, ...state } = data.syncState;
  const stateOf = (name: string) =>
    pipeline.find((stage: { name: string }) => stage.name === name).state;
  return { ...state, worker: stateOf("WORKER"), signature: stateOf("SIGNATURE") };
}

const newestAt = expect.stringMatching(/^20\d\d-.*Z$/);
const healthy = {
  newestAt,
  pending: 0,
  needsAttention: 0,
  signature: "WORKING",
  canary: null,
  lastRun: null,
};

test("the state shows pending deliveries, dead letters, the worker and the fault that the canary found", async () => {
  const { pool } = database();
  expect(await stateNow()).toEqual({ ...healthy, verdict: "NO_WORKER", worker: "BROKEN" });
  await pool.query(
    "INSERT INTO sync_facts (name, value, updated_at) VALUES ('worker', '{}', now())",
  );
  expect(await stateNow()).toEqual({ ...healthy, verdict: "CURRENT", worker: "WORKING" });
  const insert = (outcome: string) =>
    pool.query(
      `INSERT INTO deliveries (svix_id, sha256, outcome)
       SELECT $1, sha256, $2 FROM deliveries LIMIT 1`,
      [`msg_${outcome}`, outcome],
    );
  await insert("pending");
  expect(await stateNow()).toMatchObject({ verdict: "PENDING", pending: 1 });
  await insert("dead");
  await insert("quarantined");
  expect(await stateNow()).toMatchObject({
    verdict: "NEEDS_ATTENTION",
    pending: 1,
    needsAttention: 2,
  });
  await pool.query(
    "INSERT INTO canary_rounds (nonce, started_at, fault) VALUES ('wrong', now() + interval '1 s', 'secret')",
  );
  const found = { verdict: "BROKEN_STAGE", signature: "BROKEN", canary: { fault: "secret" } };
  expect(await stateNow()).toMatchObject(found);
  // The fault of one round stands while the next round is running.
  await pool.query(
    "INSERT INTO canary_rounds (nonce, started_at) VALUES ('next', now() + interval '2 s')",
  );
  expect(await stateNow()).toMatchObject({ ...found, canary: { fault: null } });
});

test("the findings of the last reconciliation are summed over all tables", async () => {
  const tally = { read: 9, missing: 1, stale: 2, different: 3, extra: 4, repaired: 5 };
  const counts = { requests: 2, users: tally, organizations: tally };
  await database().pool.query(
    `INSERT INTO sync_runs (mode, trigger, status, holder, cursor, counts)
     VALUES ('repair', 'schedule', 'done', 'test', '{}', $1)`,
    [counts],
  );
  expect(await stateNow()).toMatchObject({
    lastRun: { status: "done", found: 20, repaired: 10 },
  });
});
