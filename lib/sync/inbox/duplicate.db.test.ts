import { expect, test } from "vitest";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database, runStatement } from "../../db";

async function backends(): Promise<number[]> {
  const { rows } = await database().pool.query<{ pid: number }>(
    // Without the server's own workers, such as autovacuum, which come and go.
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'",
  );
  return rows.map(({ pid }) => pid);
}

test("a duplicate delivery does not close the database connection", async () => {
  const payload = event("user.created", userJson({ id: clerkId("user") }));
  await sendWebhook(payload, { id: "msg_again" });
  const before = await backends();
  for (let copies = 0; copies < 5; copies += 1) {
    expect(await sendWebhook(payload, { id: "msg_again" })).toBe(200);
  }
  expect(await backends()).toEqual(expect.arrayContaining(before));
});

test("a statement fails when its connection breaks, and the next statement uses a new connection", async () => {
  const die = { text: "SELECT pg_terminate_backend(pg_backend_pid())" };
  const alive = { text: "SELECT 1 AS one" };
  for (let rounds = 0; rounds < 20; rounds += 1) {
    const answers = await Promise.allSettled([die, ...Array(20).fill(alive)].map(runStatement));
    expect(answers[0]?.status).toBe("rejected");
  }
  expect(await runStatement(alive)).toEqual([{ one: 1 }]);
});
