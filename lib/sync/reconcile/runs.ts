/**
 * The table of reconciliation runs. Only one run at a time: a run holds a session advisory lock, which Postgres releases when the
 * process dies. A run that was killed or paused is resumed from its cursor.
 */
import { hostname } from "node:os";
import pg from "pg";
import { z } from "zod";
import { database, directConnection, withAsyncCommit } from "../../db";
import { reconciledTables } from "../mirror/columns";
import { positionShape } from "./clerk-lists";
import type { Finding } from "./drift";

/** The key of the advisory lock that a run holds: advisory locks are shared by all schemas of a database. */
export const LEASE_KEY =
  "(1937336931::bigint + CASE current_schema() WHEN 'public' THEN 0 ELSE hashtext(current_schema()) & 1073741823 END)";
/**
 * The maximum number of stored findings of a run: this many differences, and as many unreadable objects. A first backfill finds
 * every row missing; `counts` has the total.
 */
const MAX_FINDINGS = 1_000;

/** The kinds of findings about objects at Clerk that could not be read, or only in part. */
export const unreadKinds = ["unreadable", "partial"] as const;
const isUnread = ({ kind }: Finding) => kind === "unreadable" || kind === "partial";
const RESUMABLE_MS = 24 * 60 * 60 * 1_000;

const zeroTally = {
  read: 0,
  missing: 0,
  stale: 0,
  different: 0,
  extra: 0,
  unreadable: 0,
  partial: 0,
  repaired: 0,
};
const number = z.number();
/** A number, or 0 if it is missing, as in a run by an earlier release. */
const numberOrZero = number.default(0);
const tally = z
  .object({
    read: number,
    missing: number,
    stale: number,
    different: number,
    extra: number,
    unreadable: numberOrZero,
    partial: numberOrZero,
    repaired: number,
  })
  .default(() => ({ ...zeroTally }));
export const countsShape = z.object({
  requests: number,
  users: tally,
  organizations: tally,
  memberships: tally,
  invitations: tally,
  domains: tally,
  roles: tally,
  permissions: tally,
});
export type Counts = z.output<typeof countsShape>;

const cursorShape = z.object({
  table: z.enum(reconciledTables),
  position: positionShape.nullable(),
});
type Cursor = z.output<typeof cursorShape>;

export type Mode = "dry-run" | "repair";
export type Trigger = "command" | "schedule" | "console";
export type Run = {
  id: bigint;
  mode: Mode;
  startedAt: Date;
  isBackfill: boolean;
  cursor: Cursor;
  counts: Counts;
  isResumed: boolean;
};

/** Thrown when another reconciliation holds the lease. The message names its process. */
export class LeaseTaken extends Error {
  override name = "LeaseTaken";
}

type Lease = { lost: Promise<void>; release(): Promise<void> };

export async function takeLease(): Promise<Lease> {
  const client = new pg.Client(directConnection("rollcall sync"));
  const lost = new Promise<void>((resolve) => {
    client.on("error", () => resolve());
    client.on("end", () => resolve());
  });
  await client.connect();
  const { rows } = await client.query<{ taken: boolean }>(
    `SELECT pg_try_advisory_lock(${LEASE_KEY}) AS taken`,
  );
  if (!rows[0]?.taken) {
    await client.end();
    const run = await database().prisma.syncRun.findFirst({
      where: { status: "running" },
      orderBy: { id: "desc" },
    });
    throw new LeaseTaken(
      `Another reconciliation is running${run ? ` (run ${run.id}, ${run.holder})` : ""}: wait for it to end.`,
    );
  }
  return { lost, release: () => client.end().catch(() => undefined) };
}

const holder = () => `${hostname()} ${process.pid}`;

export async function beginRun(mode: Mode, trigger: Trigger, start: Cursor): Promise<Run> {
  const { prisma } = database();
  const last = await prisma.syncRun.findFirst({
    where: {
      mode,
      status: { in: ["running", "paused"] },
      startedAt: { gt: new Date(Date.now() - RESUMABLE_MS) },
    },
    orderBy: { id: "desc" },
  });
  // We hold the lease, so a run that is still marked as running was killed. Ends all unfinished runs except the run to be
  // resumed.
  await prisma.syncRun.updateMany({
    where: { status: { in: ["running", "paused"] }, id: { not: last?.id } },
    data: {
      status: "failed",
      error: "It was interrupted and not continued within a day.",
      endedAt: new Date(),
    },
  });
  const cursor = cursorShape.safeParse(last?.cursor);
  const counts = countsShape.safeParse(last?.counts);
  if (last && cursor.success && counts.success) {
    const data = { status: "running", holder: holder(), error: null };
    await prisma.syncRun.update({ where: { id: last.id }, data });
    const { id, startedAt, isBackfill } = last;
    const state = { cursor: cursor.data, counts: counts.data, isResumed: true };
    return { id, mode, startedAt, isBackfill, ...state };
  }
  await prisma.syncSeen.deleteMany();
  const fresh = countsShape.parse({ requests: 0 });
  const isBackfill = mode === "repair" && (await isMirrorNew());
  const progress = { status: "running", holder: holder(), cursor: start, counts: fresh };
  const { id, startedAt } = await prisma.syncRun.create({
    data: { mode, trigger, isBackfill, ...progress },
  });
  return { id, mode, startedAt, isBackfill, cursor: start, counts: fresh, isResumed: false };
}

/** True if no repair has ever finished, or if the mirror was emptied since. */
async function isMirrorNew(): Promise<boolean> {
  const { prisma } = database();
  const where = { mode: "repair", status: "done" };
  if ((await prisma.syncRun.findFirst({ where, select: { id: true } })) === null) return true;
  return (await prisma.user.findFirst({ where: { version: { gt: 0 } } })) === null;
}

export async function saveRun({ id, cursor, counts }: Run): Promise<void> {
  await database().pool.query(
    `UPDATE sync_runs SET cursor = $2, counts = $3 FROM ${withAsyncCommit} WHERE id = $1`,
    [id, JSON.stringify(cursor), JSON.stringify(counts)],
  );
}

export async function endRun(
  run: Run,
  status: "done" | "paused" | "failed",
  error: string | null,
): Promise<void> {
  await saveRun(run);
  const { prisma } = database();
  await prisma.syncRun.update({
    where: { id: run.id },
    data: { status, error, endedAt: new Date() },
  });
  if (status !== "paused") await prisma.syncSeen.deleteMany();
}

export async function recordFindings(
  run: Run,
  findings: Finding[],
  repaired: Set<string>,
): Promise<void> {
  // The counts already include these findings.
  const [differences, unread] = reconciledTables.reduce(
    ([differing, unread], table) => {
      const { missing, stale, different, extra, unreadable, partial } = run.counts[table];
      return [differing + missing + stale + different + extra, unread + unreadable + partial];
    },
    [0, 0],
  );
  const within = (found: Finding[], total: number) =>
    found.slice(0, Math.max(0, MAX_FINDINGS - total + found.length));
  const kept = [
    ...within(
      findings.filter((finding) => !isUnread(finding)),
      differences,
    ),
    ...within(findings.filter(isUnread), unread),
  ];
  if (kept.length === 0) return;
  await database().pool.query(
    `INSERT INTO drift_findings (run_id, kind, object_table, object_id, fields, cause, is_repaired)
     SELECT $1, f.kind, f."table", f.id, f.fields, f.cause, f.id = ANY($3::text[])
     FROM jsonb_to_recordset($2::jsonb) AS f(kind text, "table" text, id text, fields jsonb, cause text)`,
    [run.id, JSON.stringify(kept), [...repaired]],
  );
}
