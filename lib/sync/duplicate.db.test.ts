import { expect, test } from "vitest";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";

async function backends(): Promise<number[]> {
  const { rows } = await database().pool.query<{ pid: number }>(
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() ORDER BY pid",
  );
  return rows.map(({ pid }) => pid);
}

test("a duplicate costs no connection", async () => {
  const payload = event("user.created", userJson({ id: clerkId("user") }));
  await sendWebhook(payload, { id: "msg_again" });
  const before = await backends();
  for (let copies = 0; copies < 5; copies += 1) {
    expect(await sendWebhook(payload, { id: "msg_again" })).toBe(200);
  }
  expect(await backends()).toEqual(before);
});
