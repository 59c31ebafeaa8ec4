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
      query: `{ syncState {
        findings { code state sentence parts { text at } remedy commands href }
        connectionMode newestAt pending dead pipeline { name state } canary { fault } lastRun { status found repaired }
      } }`,
    }),
  });
  const { data } = await (await POST(request)).json();
  const { pipeline, findings, ...state } = data.syncState;
  const stateOf = (name: string) =>
    pipeline.find((stage: { name: string }) => stage.name === name).state;
  return {
    ...state,
    verdict: findings[0],
    codes: findings.map(({ code }: { code: string }) => code),
    worker: stateOf("WORKER"),
    signature: stateOf("SIGNATURE"),
  };
}

const { pool } = database();
const setWorker = () =>
  pool.query(
    "INSERT INTO sync_facts (name, value) VALUES ('worker', '{}') ON CONFLICT (name) DO UPDATE SET updated_at = now()",
  );

test("syncState.findings reports pending deliveries, dead letters, a missing worker and a failed canary round", async () => {
  const current = { newestAt: expect.stringMatching(/^20\d\d-.*Z$/), signature: "WORKING" };
  // The event of this test occurred months before its receipt, which Health would report as a finding. So the times are made
  // equal.
  await pool.query("UPDATE deliveries SET occurred_at = received_at");
  expect(await stateNow()).toMatchObject({
    ...current,
    connectionMode: "DIRECT",
    codes: ["no-worker", "current"],
    worker: "BROKEN",
  });
  await setWorker();
  expect(await stateNow()).toMatchObject({ ...current, codes: ["current"], worker: "WORKING" });
  const { verdict } = await stateNow();
  expect(verdict).toMatchObject({
    state: "GOOD",
    sentence: expect.stringMatching(/^Up to date\. Last event (just now|\d+ s ago)\.$/),
    parts: [
      { text: "Up to date. Last event ", at: null },
      { text: null, at: expect.any(String) },
      { text: ".", at: null },
    ],
    remedy: null,
    commands: [],
  });
  const insert = (outcome: string) =>
    pool.query(
      `INSERT INTO deliveries (svix_id, sha256, outcome)
       SELECT $1, sha256, $2 FROM deliveries LIMIT 1`,
      [`msg_${outcome}`, outcome],
    );
  await insert("pending");
  expect(await stateNow()).toMatchObject({ codes: ["pending", "current"], pending: 1 });
  await insert("dead");
  expect(await stateNow()).toMatchObject({
    codes: ["dead", "pending", "current"],
    dead: 1,
    verdict: {
      state: "BAD",
      commands: ["npm run replay -- --dead", "npm run replay -- --dead --discard"],
      href: "/admin/deliveries?outcome=dead",
    },
  });
  await pool.query(
    "INSERT INTO canary_rounds (nonce, started_at, fault) VALUES ('wrong', now() + interval '1 s', 'secret')",
  );
  const found = { codes: ["secret", "dead", "pending", "current"], signature: "BROKEN" };
  expect(await stateNow()).toMatchObject({ ...found, canary: { fault: "secret" } });
  // The fault of the last round is still reported while the next round is running.
  await pool.query(
    "INSERT INTO canary_rounds (nonce, started_at) VALUES ('next', now() + interval '2 s')",
  );
  expect(await stateNow()).toMatchObject({ ...found, canary: { fault: null } });
});

test("each count of syncState equals the length of the list that the API returns for it", async () => {
  const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub: admin });
  const request = new Request("https://rollcall.test/api/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({
      query: `fragment L on QueryDeliveriesConnection { totalCount edges { node { id unread } } } {
        syncState { pending dead quarantined unreadable partial unknown unreadAtClerk provisioning }
        pending: deliveries(filter: { list: PENDING }) { ...L } dead: deliveries(filter: { list: DEAD }) { ...L }
        quarantined: deliveries(filter: { list: QUARANTINED }) { ...L } unreadable: deliveries(filter: { list: UNREADABLE }) { ...L }
        partial: deliveries(filter: { list: PARTIAL }) { ...L } unknown: deliveries(filter: { list: UNKNOWN }) { ...L }
        unreadObjects { id paths } provisioningFailures { userId }
      }`,
    }),
  });
  await pool.query(
    `INSERT INTO deliveries (svix_id, sha256, outcome, type, unread)
     SELECT 'msg_' || o.outcome || n, '\\x00', o.outcome, o.type, o.unread FROM generate_series(1, 3) n,
     (VALUES ('quarantined', 'user.created', NULL), ('unreadable', 'user.created', 'id'), ('applied', 'user.created', 'banned, emails.2'),
       ('ignored', 'unheard.of', NULL), ('dead', 'user.created', NULL)) AS o(outcome, type, unread)`,
  );
  await pool.query(
    "INSERT INTO provisionings (user_id, claimed_until, failed_at, error) VALUES ('user_failing', now() + interval '1 h', now(), 'timeout')",
  );
  await pool.query(
    `WITH run AS (INSERT INTO sync_runs (mode, trigger, status, holder, cursor, counts, started_at)
       VALUES ('repair', 'schedule', 'done', 'test', '{}', '{}', now() + interval '1 s') RETURNING id)
     INSERT INTO drift_findings (run_id, kind, object_table, object_id, fields, cause)
     SELECT id, kind, 'users', 'user_' || kind, '{"banned": {"ours": null, "theirs": "not readable"}}', 'unreadable at Clerk'
     FROM run, unnest(ARRAY['partial', 'unreadable', 'missing']) AS kind`,
  );
  const { data } = await (await POST(request)).json();
  const { syncState, unreadObjects, provisioningFailures, ...lists } = data;
  for (const [name, { totalCount, edges }] of Object.entries<{
    totalCount: number;
    edges: object[];
  }>(lists)) {
    expect([name, totalCount, edges.length]).toEqual([name, syncState[name], syncState[name]]);
    expect(totalCount).toBeGreaterThan(0);
  }
  expect(data.partial.edges[0].node).toMatchObject({ unread: "banned, emails.2" });
  expect(unreadObjects).toEqual([
    { id: "user_partial", paths: ["banned"] },
    { id: "user_unreadable", paths: ["banned"] },
  ]);
  expect(syncState.unreadAtClerk).toBe(2);
  expect(syncState.provisioning).toBe(provisioningFailures.length);
  await pool.query("DELETE FROM sync_runs");
});

test("the differences that the last reconciliation found are summed over all tables", async () => {
  const tally = { read: 9, missing: 1, stale: 2, different: 3, extra: 4, repaired: 5 };
  const counts = { requests: 2, users: tally, organizations: tally };
  await pool.query(
    `INSERT INTO sync_runs (mode, trigger, status, holder, cursor, counts)
     VALUES ('repair', 'schedule', 'done', 'test', '{}', $1)`,
    [counts],
  );
  expect(await stateNow()).toMatchObject({
    lastRun: { status: "done", found: 20, repaired: 10 },
  });
});
