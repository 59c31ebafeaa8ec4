/**
 * What is known about the chain of receipts without reading all of it. The worker verifies the whole chain every night, and an
 * admin may at any time; the result is stored. The console verifies only the receipts that came later.
 */
import { z } from "zod";
import { database } from "../db";
import { GENESIS_HASH, type Head, verifyChain } from "./receipt";

const FACT = "erasure_receipts_verified";

const stored = z.object({
  value: z.object({ sequence: z.int(), hash: z.string(), fault: z.string().nullable() }),
  updatedAt: z.date(),
});

export type VerifiedHead = {
  count: number;
  hash: string;
  fault: string | null;
  /** When the whole chain was last verified; null if never. */
  verifiedAt: Date | null;
};

const explain = (broken: { sequence: number; reason: string } | null) =>
  broken && `Receipt ${broken.sequence}: ${broken.reason}.`;

async function readStored() {
  const { rows } = await database().pool.query(
    `SELECT value, updated_at AS "updatedAt" FROM sync_facts WHERE name = $1`,
    [FACT],
  );
  return stored.safeParse(rows[0]).data ?? null;
}

/** Verifies the whole chain, and stores the result. */
export async function verifyAllReceipts(): Promise<VerifiedHead> {
  const { pool } = database();
  const { head, broken } = await verifyChain(pool);
  const fault = explain(broken);
  const { rows } = await pool.query<{ at: Date }>(
    `INSERT INTO sync_facts (name, value) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now() RETURNING updated_at AS at`,
    [FACT, JSON.stringify({ ...head, fault })],
  );
  return { count: head.sequence, hash: head.hash, fault, verifiedAt: rows[0]?.at ?? null };
}

/** Verifies the receipts after the stored result. A chain that was broken at that time stays so. */
export async function findVerifiedHead(): Promise<VerifiedHead> {
  const known = await readStored();
  const from: Head = known?.value ?? { sequence: 0, hash: GENESIS_HASH };
  const verifiedAt = known?.updatedAt ?? null;
  if (known && known.value.fault !== null)
    return { count: from.sequence, hash: from.hash, fault: known.value.fault, verifiedAt };
  const { head, broken } = await verifyChain(database().pool, from);
  return { count: head.sequence, hash: head.hash, fault: explain(broken), verifiedAt };
}
