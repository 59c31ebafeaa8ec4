/**
 * Finds the last reconciliations and their findings for the page Sync, and adds the job of a reconciliation that an admin
 * requests.
 */
import { z } from "zod";
import { recordAuditIn } from "../../audit";
import { database, transaction } from "../../db";
import { reconciledTables } from "../mirror/columns";
import { countsShape, type Mode } from "../reconcile/runs";

const LISTED_RUNS = 20;
/** The maximum number of findings that are listed for a run. A run stores at most 2,000. */
export const LISTED_FINDINGS = 200;

const runShape = z.object({
  id: z.bigint(),
  mode: z.string(),
  trigger: z.string(),
  status: z.string(),
  startedAt: z.date(),
  endedAt: z.date().nullable(),
  error: z.string().nullable(),
  counts: z.unknown(),
});

export type RunTally = {
  table: string;
  read: number;
  missing: number;
  stale: number;
  different: number;
  extra: number;
  unreadable: number;
  partial: number;
  repaired: number;
};

export type FoundRun = Omit<z.output<typeof runShape>, "counts"> & {
  requests: number;
  tallies: RunTally[];
};

function foundRun(row: unknown): FoundRun {
  const { counts, ...run } = runShape.parse(row);
  const { data } = countsShape.safeParse(counts);
  const tallies = data ? reconciledTables.map((table) => ({ table, ...data[table] })) : [];
  return { ...run, requests: data?.requests ?? 0, tallies };
}

/** Resolves to the newest runs, of any mode. */
export async function findRuns(): Promise<FoundRun[]> {
  const rows = await database().prisma.syncRun.findMany({
    orderBy: { startedAt: "desc" },
    take: LISTED_RUNS,
  });
  return rows.map(foundRun);
}

export async function findRun(id: bigint): Promise<FoundRun | null> {
  const row = await database().prisma.syncRun.findUnique({ where: { id } });
  return row && foundRun(row);
}

/** Replaces private metadata by •••, because the console never shows it. */
const shown = (name: string, value: unknown) =>
  name === "private_metadata" && value != null ? "•••" : (value ?? null);

const fieldsShape = z.record(z.string(), z.object({ ours: z.unknown(), theirs: z.unknown() }));

export type FoundDrift = {
  id: bigint;
  kind: string;
  objectTable: string;
  objectId: string;
  cause: string;
  isRepaired: boolean;
  fields: { name: string; ours: unknown; theirs: unknown }[];
};

export async function findDriftOf(runId: bigint): Promise<FoundDrift[]> {
  const rows = await database().prisma.driftFinding.findMany({
    where: { runId },
    orderBy: { id: "asc" },
    take: LISTED_FINDINGS,
  });
  return rows.map(({ fields, ...finding }) => ({
    ...finding,
    fields: Object.entries(fieldsShape.safeParse(fields).data ?? {}).map(([name, value]) => ({
      name,
      ours: shown(name, value.ours),
      theirs: shown(name, value.theirs),
    })),
  }));
}

/**
 * Adds a job that reconciles, and its audit entry in the same transaction. A second request before the worker starts the job
 * replaces the first.
 */
export async function requestReconciliation(
  mode: Mode,
  { actor, reason }: { actor: string; reason: string },
): Promise<void> {
  await transaction(async (db) => {
    await db.query(
      `SELECT add_queue_job('reconcile', json_build_object('mode', $1::text, 'trigger', 'console'), run_at => now(),
         job_key => 'reconcile console')`,
      [mode],
    );
    await recordAuditIn(db, {
      ...{ actor, action: "sync.requested", subject: null },
      detail: { mode, reason },
    });
  });
}
