/** The objects in which the newest reconciliation found a difference from Clerk. */
import { z } from "zod";
import { database } from "../../db";

/** An `IN` has at most 32,767 values. A first backfill finds every object missing; its findings are no drift. */
const MAX_DRIFTED = 30_000;

export const DRIFTED = `Whether the newest reconciliation found a difference from Clerk. Of more than ${MAX_DRIFTED}, the first ones.`;

const ids = z.array(z.object({ id: z.string() }));

export async function findDrifted(table: "users" | "organizations"): Promise<string[]> {
  const rows = await database().prisma.$queryRaw`
    SELECT DISTINCT object_id AS id FROM drift_findings WHERE object_table = ${table} AND run_id = (
      SELECT id FROM sync_runs WHERE status = 'done' AND NOT is_backfill ORDER BY id DESC LIMIT 1
    ) LIMIT ${MAX_DRIFTED}`;
  return ids.parse(rows).map(({ id }) => id);
}
