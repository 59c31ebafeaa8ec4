import { beforeAll, expect, test } from "vitest";
import { POST } from "@/app/api/graphql/route";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../db";

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
    body: JSON.stringify({ query: "{ syncState { newestAt waiting setAside isWorkerAlive } }" }),
  });
  const { data } = await (await POST(request)).json();
  return data.syncState;
}

test("what waits and what was set aside is counted, and whether a worker lives is known", async () => {
  const newestAt = expect.stringMatching(/^20\d\d-.*Z$/);
  expect(await stateNow()).toEqual({ newestAt, waiting: 0, setAside: 0, isWorkerAlive: false });
  const { pool } = database();
  for (const outcome of ["pending", "dead", "quarantined"]) {
    await pool.query(
      `INSERT INTO deliveries (svix_id, sha256, outcome)
       SELECT $1, sha256, $2 FROM deliveries LIMIT 1`,
      [`msg_${outcome}`, outcome],
    );
  }
  await pool.query(
    "INSERT INTO sync_facts (name, value, updated_at) VALUES ('worker', '{}', now())",
  );
  expect(await stateNow()).toEqual({ newestAt, waiting: 1, setAside: 2, isWorkerAlive: true });
});
