/**
 * Moves the purchases of an erased subject into the archive, in the erasure's own transaction: a crash leaves them either in their
 * tables or in the archive. The registry says which columns are archived. Without purchases, nothing is archived.
 *
 * Without a usable ARCHIVE_KEY the purchases stay in their tables, under the pseudonymous id, because the law requires them; the
 * worker archives them once there is a key (archive-retention.ts). If there is none at the date of the purge, they are deleted.
 */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { recordAuditIn } from "../audit";
import type { Queryable } from "../db";
import { env } from "../env";
import { log } from "../log";
import { ArchiveUnreadable, lookupHash } from "./archive-crypto";
import {
  findByHash,
  insertEntry,
  insertLookups,
  leaveArchive,
  lookupKey,
  type Purchase,
  type Reason,
  readContent,
  withArchive,
  writeContent,
} from "./archive-store";
import { registry } from "./registry";
import type { Counts } from "./rows";
import { type Subject, type SubjectKind, subjectSql, subjectValues } from "./subject";
import type { Basis, TableEntry } from "./table-entry";

export type Deletion = { kind: SubjectKind; reason: Reason; deletedAt: Date };

/** For how many years data of each basis is kept. */
const retentionYears: Record<Basis, () => number> = { purchases: () => env().archiveYears };

/** Returns the number of years for which the rows are kept: those of the basis that keeps them longest. */
function yearsOf(purchases: Purchase[]): number {
  const tables = new Set(purchases.map(({ table }) => table));
  const bases = registry
    .filter(({ table }) => tables.has(table))
    .flatMap(({ columns }) => Object.values(columns))
    .flatMap((verdict) => (typeof verdict === "object" ? verdict.archived : []));
  return Math.max(...bases.map((basis) => retentionYears[basis]()));
}

/** Returns the names of a table's columns that are archived. */
const archivedColumns = ({ columns }: TableEntry): string[] =>
  Object.entries(columns).flatMap(([name, verdict]) => (typeof verdict === "object" ? [name] : []));

/** Returns the tables with purchases of this kind of subject, each with the condition that finds their rows. */
function archivedTables(kind: SubjectKind): { entry: TableEntry; where: string }[] {
  return registry.flatMap((entry) => {
    const where = entry[kind];
    return where !== undefined && archivedColumns(entry).length > 0 ? [{ entry, where }] : [];
  });
}

/** SQL that is true if a row `t` has not been emptied. Emptied columns have their default: null, false or an empty list. */
const hasArchivedValue = (entry: TableEntry): string =>
  archivedColumns(entry)
    .map((name) => `coalesce(to_jsonb(t.${name}) NOT IN ('null', 'false', '[]'), false)`)
    .join(" OR ");

/** Reads the purchases and locks their rows. */
async function readPurchases(
  db: Queryable,
  kind: SubjectKind,
  subject: Subject,
): Promise<Purchase[]> {
  const found: Purchase[] = [];
  for (const { entry, where } of archivedTables(kind)) {
    const kept = Object.entries(entry.columns).flatMap(([name, verdict]) =>
      typeof verdict === "object" ||
      (verdict === "pseudonym" && /^(?!user_|organization_)/.test(name))
        ? [name]
        : [],
    );
    const { rows } = await db.query<Purchase>(
      `SELECT '${entry.table}' AS "table", t.id::text AS id, (SELECT jsonb_object_agg(key,
           CASE jsonb_typeof(value) WHEN 'number' THEN to_jsonb(value #>> '{}') ELSE value END)
         FROM jsonb_each(to_jsonb(t)) WHERE key = ANY ($5::text[]) AND value <> 'null') AS values
       FROM ${entry.table} t, ${subjectSql} WHERE ${where} AND (${hasArchivedValue(entry)}) ORDER BY t.id FOR UPDATE OF t`,
      [...subjectValues(subject), kept],
    );
    found.push(...rows);
  }
  return found;
}

/** Empties the archived columns, or deletes the rows if the registry marks their table as `isDeleted`. */
async function emptyPurchases(db: Queryable, purchases: Purchase[]): Promise<Counts> {
  const counts: Counts = {};
  for (const entry of registry) {
    const ids = purchases.flatMap(({ table, id }) => (table === entry.table ? [id] : []));
    if (ids.length === 0) continue;
    const columns = archivedColumns(entry).map((name) => `${pg.escapeIdentifier(name)} = DEFAULT`);
    await db.query(
      entry.isDeleted
        ? `DELETE FROM ${entry.table} WHERE id::text = ANY ($1::text[])`
        : `UPDATE ${entry.table} SET ${columns.join(", ")} WHERE id::text = ANY ($1::text[])`,
      [ids],
    );
    counts[entry.table] = ids.length;
  }
  return counts;
}

const HOUR = 3_600_000;

/**
 * Resolves to the time from which the years of retention count: the time of the deletion. If the clocks of the database and of
 * this process differ by an hour or more, resolves to the later of their present times. A record that is purged too early is
 * lost.
 */
async function retainedFrom(db: Queryable, deletedAt: Date): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>("SELECT clock_timestamp() AS now");
  const [ours, theirs] = [Date.now(), rows[0]?.now.getTime() ?? 0];
  if (Math.abs(ours - theirs) < HOUR) return deletedAt;
  log.warn("archive: the clocks of the database and of this process differ", {
    seconds: Math.round((ours - theirs) / 1000),
  });
  return new Date(Math.max(ours, theirs));
}

export function addYears(from: Date, years: number): Date {
  const date = new Date(from);
  date.setUTCFullYear(date.getUTCFullYear() + years);
  return date;
}

/**
 * Returns the union of two lists of purchases, by table and id. The newer purchase wins: a refund may arrive after the deletion.
 */
function merged(earlier: Purchase[], newer: Purchase[]): Purchase[] {
  const keyOf = ({ table, id }: Purchase) => `${table} ${id}`;
  return [...new Map([...earlier, ...newer].map((each) => [keyOf(each), each])).values()];
}

/** Adds purchases to an earlier entry of the subject. Resolves to false if there is no such entry, or it cannot be decrypted. */
async function addToEntry(
  db: Queryable,
  key: Buffer,
  subject: Subject,
  purchases: Purchase[],
): Promise<boolean> {
  const ring = env().archiveKeys;
  const [entry] = await findByHash(db, [lookupHash(key, subject.id)], "FOR UPDATE");
  if (!entry) return false;
  try {
    const content = await readContent(db, ring, entry.id);
    await writeContent(db, ring, entry.id, {
      ...content,
      purchases: merged(content.purchases, purchases),
    });
  } catch (error) {
    if (!(error instanceof ArchiveUnreadable)) throw error;
    return false;
  }
  const purgeAt = addYears(await retainedFrom(db, new Date()), yearsOf(purchases));
  await db.query("UPDATE archive_entries SET purge_at = greatest(purge_at, $2) WHERE id = $1", [
    entry.id,
    purgeAt,
  ]);
  await insertLookups(db, key, entry.id, [subject.id, ...subject.addresses]);
  return true;
}

async function addEntry(
  db: Queryable,
  key: Buffer,
  deletion: Deletion,
  subject: Subject,
  purchases: Purchase[],
): Promise<void> {
  const id = randomUUID();
  const purgeAt = addYears(await retainedFrom(db, deletion.deletedAt), yearsOf(purchases));
  const entry = { ...deletion, id, purgeAt };
  await insertEntry(db, env().archiveKeys, entry, { purchases, notes: [] });
  await insertLookups(db, key, id, [subject.id, ...subject.addresses]);
}

/**
 * Resolves to the date until which purchases may stay in their tables: that of the archive's purge. A refund after the deletion
 * moves it.
 */
async function findLastDate(db: Queryable, deletedAt: Date, purchases: Purchase[]): Promise<Date> {
  const changed = purchases.flatMap(({ values: { updated_at } }) =>
    typeof updated_at === "string" ? [Date.parse(updated_at)] : [],
  );
  const from = new Date(Math.max(deletedAt.getTime(), ...changed));
  return addYears(await retainedFrom(db, from), yearsOf(purchases));
}

/** Empties purchases that could not be archived until their last date. */
async function purgePurchases(db: Queryable, subject: Subject, purchases: Purchase[]) {
  // Not under the key "reason": the erasure removes that from the entries about its subject.
  const detail = { cause: "retention date" };
  await recordAuditIn(db, {
    ...{ actor: "retention", action: "purchases.purged", subject: subject.id },
    detail,
  });
  return emptyPurchases(db, purchases);
}

/**
 * Archives the subject's purchases and empties their rows, in the caller's transaction. `counts` has the number of emptied or
 * deleted rows by table. If ARCHIVE_KEY cannot be used, the purchases stay in their tables until the date `waitsUntil`, and are
 * emptied without an archive after it.
 */
export async function archivePurchases(
  db: Queryable,
  deletion: Deletion,
  subject: Subject,
): Promise<{ counts: Counts; waitsUntil: Date | null }> {
  const purchases = await readPurchases(db, deletion.kind, subject);
  if (purchases.length === 0) return { counts: {}, waitsUntil: null };
  try {
    await withArchive(db, async () => {
      const key = await lookupKey(db, env().archiveKeys);
      if (await addToEntry(db, key, subject, purchases)) return;
      await addEntry(db, key, deletion, subject, purchases);
    });
  } catch (error) {
    if (!(error instanceof ArchiveUnreadable)) throw error;
    await leaveArchive(db);
    const waitsUntil = await findLastDate(db, deletion.deletedAt, purchases);
    if (waitsUntil.getTime() <= Date.now())
      return { counts: await purgePurchases(db, subject, purchases), waitsUntil: null };
    log.warn(`archive: purchases stay in their tables. ${error.message}`, {
      purchases: purchases.length,
    });
    return { counts: {}, waitsUntil };
  }
  return { counts: await emptyPurchases(db, purchases), waitsUntil: null };
}
