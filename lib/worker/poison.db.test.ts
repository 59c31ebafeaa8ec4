/** Tests that events which cannot be applied do not delay the others. One event in ten is such an event; a worker retries it. */
import { afterAll, expect, test } from "vitest";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";
import { startWorker } from "./start";

const BATCHES = 25;
const POISON = "poison";
const sql = (text: string) => database().pool.query(text);

await sql(`ALTER TABLE users ADD CONSTRAINT no_poison CHECK (first_name <> '${POISON}') NOT VALID`);
const worker = await startWorker();
afterAll(() => worker.stop());

const send = (first_name: string) =>
  sendWebhook(event("user.created", userJson({ id: clerkId("user"), first_name }), Date.now()));

test("99 % of the valid events are applied within 2 s while one event in ten cannot be applied", async () => {
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const names = [POISON, ...Array<string>(9).fill("Ada")];
    expect(new Set(await Promise.all(names.map(send)))).toEqual(new Set([200]));
    await sql("UPDATE graphile_worker._private_jobs SET run_at = now() WHERE locked_at IS NULL");
  }
  const isTriedAgain = { outcome: { in: ["pending", "dead"] }, attempts: { gt: 1 } };
  const { prisma } = database();
  await expect
    .poll(() => prisma.delivery.count({ where: isTriedAgain }), { timeout: 15_000 })
    .toBe(BATCHES);
  expect(await prisma.delivery.count({ where: { outcome: "applied" } })).toBe(9 * BATCHES);
  const { rows } = await sql(
    `SELECT extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (ORDER BY settled_at - occurred_at))::float8 AS lag
     FROM deliveries WHERE outcome = 'applied'`,
  );
  expect(rows[0].lag).toBeGreaterThan(0);
  expect(rows[0].lag).toBeLessThanOrEqual(2);
});
