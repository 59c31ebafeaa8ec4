/**
 * Makes the mirror equal to Clerk: a backfill of an empty database, or a repair. Reads page by page, compares field by field, and
 * writes through the version guard. A dry run only reports.
 * The cursor is saved after each page, so that a killed run can be resumed at that page.
 */
import { env } from "../../env";
import { applyReconciled, resetEditedVersions } from "../mirror/apply";
import type { EffectSource } from "../mirror/cause";
import { type ReconciledTable, reconciledTables } from "../mirror/columns";
import { refreshMemberCounts } from "../mirror/member-counts";
import { firstPosition, readPage } from "./clerk-lists";
import type { ReadObject, Row } from "./clerk-objects";
import { addCauses, type Finding, findDrift, recordListed, unreadableFindings } from "./drift";
import { DeletionLimitExceeded, findGoneAtClerk } from "./gone-at-clerk";
import {
  type CallOptions,
  type ClerkCalls,
  ClerkUnavailable,
  clerkCalls,
  NotOffered,
} from "./rate-limited-calls";
import {
  beginRun,
  type Counts,
  endRun,
  type Mode,
  type Run,
  recordFindings,
  saveRun,
  type Trigger,
  takeLease,
} from "./runs";

type Progress = { table: ReconciledTable; read: number; total: number };

export type ReconcileOptions = {
  mode: Mode;
  trigger: Trigger;
  /**
   * True: all changes add effects, also those of a backfill. False: no change adds effects. Undefined: all changes add effects,
   * except those of a backfill.
   */
  effects?: boolean;
  /** Deletes rows without the deletion limit. */
  force?: boolean;
  /** The share of a table's rows that a run may delete without `force`; 0.05 by default. */
  deletionShare?: number;
  /** Pauses the run when it is aborted. The next run resumes it. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  onFindings?: (findings: Finding[]) => void;
  calls?: Partial<CallOptions>;
};

export type Summary = {
  runId: bigint;
  status: "done" | "paused" | "failed";
  /** Why the run is paused or failed, or notes for the operator. One line for each reason. */
  reason: string | null;
  isResumed: boolean;
  counts: Counts;
};

/**
 * Returns our share of Clerk's rate limit, which is 1,000 requests in 10 s for a production instance and 100 for a development
 * instance.
 */
function perTenSeconds(): number {
  const { secretKey, clerkRateShare } = env();
  return (secretKey.startsWith("sk_live_") ? 1_000 : 100) * clerkRateShare;
}

/**
 * Returns which changes of a run add effects. The first repair is a backfill, and so is the repair of an emptied mirror. Objects
 * that existed at Clerk before a backfill began are not new to the team, so they add no effects.
 */
function effectSource({ isBackfill, startedAt }: Run, effects: boolean | undefined): EffectSource {
  if (effects === false) return { cause: null, createdSince: null };
  if (effects && isBackfill) return { cause: "backfill", createdSince: null };
  return { cause: "reconciliation", createdSince: isBackfill ? startedAt : null };
}

type Context = ReconcileOptions & {
  run: Run;
  source: EffectSource;
  reader: ClerkCalls;
  requestsBefore: number;
  notes: string[];
};

/** Counts and records all findings of a page. In a repair, also writes the repairable rows. */
async function repairAndRecord(
  context: Context,
  table: ReconciledTable,
  findings: Finding[],
  rows: Row[],
) {
  const { run, mode, source, onFindings } = context;
  const repairableIds = new Set(
    findings.flatMap(({ id, isRepairable }) => (isRepairable ? [id] : [])),
  );
  const writable = rows.filter(({ id }) => repairableIds.has(id));
  const edited = findings.flatMap((finding) => finding.edited ?? []);
  if (mode === "repair" && edited.length > 0) await resetEditedVersions(table, edited);
  const repaired =
    mode === "repair" && writable.length > 0
      ? await applyReconciled(table, writable, run.id, source)
      : new Set<string>();
  const tally = run.counts[table];
  for (const { kind } of findings) tally[kind] += 1;
  tally.repaired += repaired.size;
  await recordFindings(run, findings, repaired);
  if (findings.length > 0) onFindings?.(findings);
}

/** Records objects that cannot be read as findings. Such an object neither ends the run nor counts as deleted. */
async function recordUnreadable(context: Context, table: ReconciledTable, objects: ReadObject[]) {
  const refused = objects.filter(({ row }) => row === null);
  await recordListed(
    table,
    refused.flatMap(({ id }) => id ?? []),
  );
  await repairAndRecord(context, table, unreadableFindings(table, objects), []);
}

async function reconcileList(context: Context, table: ReconciledTable): Promise<void> {
  const { run, reader, signal, onProgress } = context;
  const tally = run.counts[table];
  const readBefore = tally.read;
  let total = 0;
  while (run.cursor.position) {
    signal?.throwIfAborted();
    const page = await readPage(reader, table, run.cursor.position);
    total ||= readBefore + page.total;
    const unique = [...new Map(page.rows.map((row) => [row.id, row])).values()];
    await recordUnreadable(context, table, page.unreadable);
    await repairAndRecord(context, table, await findDrift(table, unique), unique);
    tally.read += unique.length;
    run.cursor = { table, position: page.next };
    run.counts.requests = context.requestsBefore + reader.requests;
    await saveRun(run);
    onProgress?.({ table, read: tally.read, total: Math.max(total, tally.read) });
  }
}

async function recordGone(context: Context, table: ReconciledTable, gone: Row[]): Promise<void> {
  const extras = await addCauses(
    gone.map(({ id }) => ({ kind: "extra", table, id, fields: {}, isRepairable: true })),
  );
  await repairAndRecord(context, table, extras, gone);
}

/**
 * Deletes rows that no longer exist at Clerk. @throws DeletionLimitExceeded in a repair. A dry run reports the rows found before
 * the limit, and adds a note.
 */
async function deleteGone(context: Context, table: ReconciledTable): Promise<void> {
  const { reader, run, mode, notes, force = false, deletionShare = 0.05 } = context;
  const { read, missing } = run.counts[table];
  try {
    const { gone, stillAtClerk } = await findGoneAtClerk(reader, table, {
      share: force ? 1 : deletionShare,
      added: mode === "repair" && !force ? missing : 0,
      listsKnownRows: read > missing,
    });
    await recordGone(context, table, gone);
    await repairAndRecord(context, table, await findDrift(table, stillAtClerk), stillAtClerk);
  } catch (error) {
    if (mode === "repair" || !(error instanceof DeletionLimitExceeded)) throw error;
    await recordGone(context, table, error.gone);
    notes.push(`A repair would stop here: ${error.message}`);
  }
}

/** Reconciles the tables from the cursor on. Adds notes for the operator to `context.notes`. */
async function reconcileTables(context: Context): Promise<void> {
  const { run, notes } = context;
  const notOffered: ReconciledTable[] = [];
  for (const table of reconciledTables.slice(reconciledTables.indexOf(run.cursor.table))) {
    if (run.cursor.table !== table) run.cursor = { table, position: firstPosition };
    try {
      await reconcileList(context, table);
      await deleteGone(context, table);
    } catch (error) {
      if (!(error instanceof NotOffered) || table === "users") throw error;
      notOffered.push(table);
    }
  }
  if (notOffered.length > 0) {
    notes.push(
      `Not compared, because Clerk does not offer them to this instance: ${notOffered.join(", ")}.`,
    );
  }
}

/**
 * Runs a reconciliation. @throws LeaseTaken if another run is in progress, or the database's error; the run can then be resumed.
 */
export async function reconcile(options: ReconcileOptions): Promise<Summary> {
  const lease = await takeLease();
  const leaseLost = new AbortController();
  void lease.lost.then(() => leaseLost.abort());
  const signal = AbortSignal.any([leaseLost.signal, ...(options.signal ? [options.signal] : [])]);
  try {
    const start = { table: reconciledTables[0], position: firstPosition };
    const run = await beginRun(options.mode, options.trigger, start);
    const reader = clerkCalls({ perTenSeconds: perTenSeconds(), signal, ...options.calls });
    const requestsBefore = run.counts.requests;
    const end = async (status: Summary["status"], reason: string | null): Promise<Summary> => {
      run.counts.requests = requestsBefore + reader.requests;
      await endRun(run, status, reason);
      return { runId: run.id, status, reason, isResumed: run.isResumed, counts: run.counts };
    };
    try {
      const notes: string[] = [];
      const source = effectSource(run, options.effects);
      await reconcileTables({ ...options, signal, run, source, reader, requestsBefore, notes });
      await refreshMemberCounts();
      return await end("done", notes.length > 0 ? notes.join("\n") : null);
    } catch (error) {
      if (error instanceof DeletionLimitExceeded) return await end("failed", error.message);
      if (error instanceof NotOffered) {
        return await end("paused", "Clerk refuses the key: check CLERK_SECRET_KEY.");
      }
      if (error instanceof ClerkUnavailable) return await end("paused", error.message);
      if (signal.aborted) return await end("paused", "Stopped; the next run continues from here.");
      throw error;
    }
  } finally {
    await lease.release();
  }
}
