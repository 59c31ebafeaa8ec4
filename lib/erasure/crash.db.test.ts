/** Tests an erasure whose process is killed with SIGKILL, compared with the simple erasure of naive-erasure.ts. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeCanary } from "../../dev/testing/canary-person";
import { deletedJson, event } from "../../dev/testing/clerk-payloads";
import { findLeftovers } from "../../dev/testing/erasure-leftovers";
import { createNaiveArchive, eraseNaively } from "../../dev/testing/naive-erasure";
import { sendWebhook } from "../../dev/testing/webhook";
import { database } from "../db";
import { lookUpArchive } from "./archive-admin";
import { runErasures } from "./erase";

const { pool, prisma } = database();
const sql = (text: string, values: unknown[] = []) => pool.query(text, values);

const lookUp = (id: string) => lookUpArchive("user_admin", id, "refund request 4711");

async function finish(): Promise<void> {
  await runErasures();
  await sql(
    "UPDATE erasures SET deleted_at = deleted_at - interval '60 s', next_at = CASE WHEN next_at IS NOT NULL THEN now() END",
  );
  expect(await runErasures()).toBeNull();
}

const crash = (kind: "ours" | "naive", userId: string, checkpoint: string) =>
  once(
    spawn(
      process.execPath,
      [
        "--import",
        "tsx",
        fileURLToPath(new URL("../../dev/testing/erasure-crash.ts", import.meta.url)),
        kind,
        userId,
        checkpoint,
      ],
      { env: process.env, stdio: ["ignore", "ignore", "inherit"] },
    ),
    "exit",
  );

test("a killed erasure leaves each purchase either in its table or in the archive, and the next run completes the erasure", async () => {
  for (const checkpoint of ["archived", "emptied", "rows committed"]) {
    const canary = await makeCanary();
    expect(await sendWebhook(event("user.deleted", deletedJson(canary.id)))).toBe(200);
    expect(await crash("ours", canary.id, checkpoint), checkpoint).toEqual([null, "SIGKILL"]);
    const isKept =
      (await prisma.paymentAttempt.count({ where: { userId: canary.id, amount: 2200n } })) === 1;
    const isArchived = (await lookUp(canary.id)).length === 1;
    expect([isKept, isArchived], checkpoint).toEqual([
      !isArchived,
      checkpoint === "rows committed",
    ]);
    await finish();
    expect(await lookUp(canary.id), checkpoint).toMatchObject([
      { content: { purchases: [{ values: { amount: "2200" } }] } },
    ]);
    expect(await findLeftovers(canary), checkpoint).toEqual({ places: [], wrongCounts: 0 });
  }
}, 60_000);

test("after the same kills, an erasure without a transaction and a queue leaves data of the person and wrong counts", async () => {
  await createNaiveArchive();
  const lines: string[] = [];
  for (const checkpoint of ["archived", "pulled", "half deleted"]) {
    const canary = await makeCanary();
    expect(await crash("naive", canary.id, checkpoint), checkpoint).toEqual([null, "SIGKILL"]);
    // Runs the erasure again, as when Clerk delivers the webhook again.
    await eraseNaively(canary.id, () => undefined).catch(() => undefined);
    const { places, wrongCounts } = await findLeftovers(canary);
    expect(places.length, checkpoint).toBeGreaterThan(5);
    if (checkpoint === "pulled") expect(wrongCounts).toBeGreaterThan(0);
    lines.push(
      `killed at "${checkpoint}": naive ${places.length} columns with the person's data, ${wrongCounts} wrong counts of followers · ours nothing`,
    );
    await sql(
      "TRUNCATE users, deliveries, versions, payment_attempts, naive_deleted_users CASCADE",
    );
  }
  process.stdout.write(`${lines.join("\n")}\n`);
  await sql("DROP TABLE naive_deleted_users");
}, 60_000);
