/**
 * Kills the process that erases a person with SIGKILL: after each part of each step in turn, and at random times. The next run
 * must complete the erasure, and purchases must be in exactly one place after every kill.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { database } from "../../../lib/db";
import { lookUpArchive } from "../../../lib/erasure/archive-admin";
import { runErasures } from "../../../lib/erasure/erase";
import { type Canary, makeCanary } from "../../testing/canary-person";
import { deletedJson, event } from "../../testing/clerk-payloads";
import { findLeftovers } from "../../testing/erasure-leftovers";
import { sendWebhook } from "../../testing/webhook";
import { finishErasures, passMinute } from "./finish";
import { createNaiveArchive, eraseNaively } from "./naive";

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

export async function deleteUser(id: string): Promise<void> {
  const status = await sendWebhook(event("user.deleted", deletedJson(id)));
  if (status !== 200) throw new Error(`user.deleted was answered with ${status}`);
}

/** Runs the eraser in a separate process. Resolves to true if the process was killed, and to false if it finished. */
async function runEraser(
  kind: "ours" | "naive",
  userId: string,
  checkpoint: string,
): Promise<boolean> {
  const script = fileURLToPath(new URL("./eraser.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, kind, userId, checkpoint], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code, signal] = await once(child, "exit");
  if (signal === null && code !== 0) throw new Error(`the eraser ended with ${code}`);
  return signal === "SIGKILL";
}

/** The names of all checkpoints of an erasure, in order. */
export async function findCheckpoints(): Promise<string[]> {
  const { id } = await makeCanary();
  await deleteUser(id);
  const names = new Set<string>();
  await runErasures((name) => void names.add(name));
  await passMinute();
  await runErasures((name) => void names.add(name));
  return [...names];
}

/** The number of places that have the canary's payment: its table and the archive. */
async function countPayments({ id }: Canary): Promise<number> {
  const { rows } = await sql(
    "SELECT FROM payment_attempts WHERE user_id = $1 AND status IS NOT NULL",
    [id],
  );
  const archived = (await lookUpArchive("proof", id, "kill round")).filter(({ content }) =>
    content?.purchases.some(({ table }) => table === "payment_attempts"),
  );
  return rows.length + archived.length;
}

async function countReceipts({ id }: Canary): Promise<number> {
  const { rows } = await sql(
    `SELECT FROM erasure_receipts r JOIN erasures e ON receipt_id(e.receipt_token) = r.id WHERE e.subject_id = $1 AND e.step = 'done'`,
    [id],
  );
  return rows.length;
}

export type KillRound = { checkpoint: string; isKilled: boolean; faults: string[] };

export async function killRound(checkpoint: string): Promise<KillRound> {
  const canary = await makeCanary();
  await deleteUser(canary.id);
  const isKilled = await runEraser("ours", canary.id, checkpoint);
  const faults: string[] = [];
  const places = await countPayments(canary);
  if (places !== 1) faults.push(`after the kill, the payment was in ${places} places`);
  await finishErasures();
  const left = await findLeftovers(canary);
  faults.push(...left.places.map((place) => `data in ${place}`));
  if (left.wrongCounts > 0) faults.push("a wrong number of followers");
  if ((await countPayments(canary)) !== 1) faults.push("the payment is not in the archive");
  const receipts = await countReceipts(canary);
  if (receipts !== 1) faults.push(`${receipts} receipts`);
  return { checkpoint, isKilled, faults };
}

/** The checkpoints of `count` rounds: each in turn, and every fourth round at a random time. */
export function planRounds(count: number, checkpoints: string[]): string[] {
  let next = 0;
  return Array.from({ length: count }, (_, round) => {
    if (round % 4 === 3) return `+${Math.floor(Math.random() * 60)}`;
    const name = checkpoints[next++ % checkpoints.length];
    if (name === undefined) throw new Error("an erasure has no checkpoints");
    return name;
  });
}

/** The same kills for the erasure that a product usually begins with. Clerk sends the webhook again, as it does. */
export async function killNaive(): Promise<string[]> {
  await createNaiveArchive();
  const lines: string[] = [];
  for (const checkpoint of ["archived", "pulled", "half deleted"]) {
    const canary = await makeCanary();
    if (!(await runEraser("naive", canary.id, checkpoint)))
      throw new Error(`the naive erasure has not reached ${checkpoint}`);
    await eraseNaively(canary.id, () => undefined).catch(() => undefined);
    const { places, wrongCounts } = await findLeftovers(canary);
    lines.push(
      `  killed at "${checkpoint}" and called again: ${places.length} columns with the person's data, ${wrongCounts} wrong numbers of followers`,
    );
  }
  return lines;
}
