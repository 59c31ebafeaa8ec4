/**
 * Reads and writes the tables of the archive. The tables have their own schema and their own role, so every statement in this
 * file runs inside {@link withArchive}.
 */
import { z } from "zod";
import type { Queryable } from "../db";
import { type ArchiveKey, env } from "../env";
import {
  ArchiveUnreadable,
  lookupHash,
  open,
  randomKey,
  seal,
  unwrap,
  type WrappedKey,
  wrap,
} from "./archive-crypto";
import type { SubjectKind } from "./subject";

/** Why a user or an organization was deleted. */
export const deletionReasons = [
  "user_requested",
  "admin_action",
  "policy_violation",
  "unknown",
] as const;
export type Reason = (typeof deletionReasons)[number];

/** The unencrypted part of an entry. Nothing in it identifies the person. */
export type Entry = {
  /** The pseudonymous key. It has no connection to the subject's id. */
  id: string;
  kind: SubjectKind;
  reason: Reason;
  deletedAt: Date;
  archivedAt: Date;
  purgeAt: Date;
  /** The time at which a legal hold was set on the entry; null without a hold. */
  heldAt: Date | null;
};

const purchase = z.object({
  table: z.string(),
  id: z.string(),
  /**
   * The row's archived columns and its pseudonymous ids, except those of users and organizations. Null values are left out.
   * Numbers are text, because JSON would round large amounts.
   */
  values: z.record(z.string(), z.unknown()),
});
export type Purchase = z.output<typeof purchase>;

/** The encrypted part of an entry. */
const content = z.object({
  purchases: z.array(purchase),
  notes: z.array(z.object({ at: z.string(), by: z.string(), text: z.string() })),
});
export type Content = z.output<typeof content>;

export const COLUMNS = `id, subject_kind AS kind, reason, deleted_at AS "deletedAt", archived_at AS "archivedAt",
  purge_at AS "purgeAt", held_at AS "heldAt"`;

/**
 * Runs `work` inside the archive's schema, as the role that owns its tables. `db` must be in a transaction. If `work` throws, the
 * caller must roll back or call {@link leaveArchive}: both restore the role and the schema. @throws ArchiveUnreadable if the app
 * may not use the archive.
 */
export async function withArchive<Result>(
  db: Queryable,
  work: () => Promise<Result>,
): Promise<Result> {
  const { rows } = await db.query<{ isInside: boolean; role: string }>(
    'SELECT enter_archive() AS "isInside", archive_role() AS role',
  );
  if (!rows[0]?.isInside) {
    throw new ArchiveUnreadable(
      `The app’s database role may not become ${rows[0]?.role}. Run \`npm run db:migrate\`, which prints the GRANT.`,
    );
  }
  const result = await work();
  await leaveArchive(db);
  return result;
}

/** Restores role and schema after {@link withArchive} has thrown, if the transaction continues. */
export async function leaveArchive(db: Queryable): Promise<void> {
  await db.query(
    `SELECT set_config('role', coalesce(nullif(current_setting('rollcall.outer_role', true), ''), current_setting('role')), true),
       set_config('search_path', coalesce(nullif(current_setting('rollcall.outer_path', true), ''), current_setting('search_path')), true)`,
  );
}

const LOOKUP = "lookup";
const wrappedColumns = 'wrapped_by AS "wrappedBy", wrapped';

/** Resolves to the key of the lookup hashes, which is created at the first use. @throws ArchiveUnreadable */
export async function lookupKey(db: Queryable, ring: ArchiveKey[]): Promise<Buffer> {
  const find = () =>
    db
      .query<WrappedKey>(`SELECT ${wrappedColumns} FROM archive_lookup_key`)
      .then(({ rows }) => rows[0]);
  const stored = await find();
  if (stored) return unwrap(ring, LOOKUP, stored);
  const { wrappedBy, wrapped } = wrap(ring, LOOKUP, randomKey());
  await db.query(
    "INSERT INTO archive_lookup_key (wrapped_by, wrapped) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    [wrappedBy, wrapped],
  );
  // Reads the stored key again: another process may have stored its key first.
  const first = await find();
  if (!first) throw new ArchiveUnreadable("Its lookup key was not stored.");
  return unwrap(ring, LOOKUP, first);
}

/** Resolves to the reason why ARCHIVE_KEY cannot be used, or to null if it can. */
export async function findArchiveProblem(db: Queryable): Promise<string | null> {
  try {
    await lookupKey(db, env().archiveKeys);
    return null;
  } catch (error) {
    if (error instanceof ArchiveUnreadable) return error.message;
    throw error;
  }
}

/** Resolves to the entries that have one of the hashes, newest first. With a lock, no other transaction can change them. */
export async function findByHash(
  db: Queryable,
  hashes: Buffer[],
  lock: "" | "FOR SHARE" | "FOR UPDATE" = "",
): Promise<Entry[]> {
  const { rows } = await db.query<Entry>(
    `SELECT ${COLUMNS} FROM archive_entries WHERE id IN (SELECT entry_id FROM archive_lookups WHERE hash = ANY ($1::bytea[]))
     ORDER BY deleted_at DESC, id LIMIT 100 ${lock}`,
    [hashes],
  );
  return rows;
}

export async function findEntry(
  db: Queryable,
  id: string,
  lock: "" | "FOR SHARE" | "FOR UPDATE" = "",
): Promise<Entry | null> {
  const { rows } = await db.query<Entry>(
    `SELECT ${COLUMNS} FROM archive_entries WHERE id = $1 ${lock}`,
    [id],
  );
  return rows[0] ?? null;
}

async function keyOf(db: Queryable, ring: ArchiveKey[], id: string): Promise<Buffer> {
  const { rows } = await db.query<WrappedKey>(
    `SELECT ${wrappedColumns} FROM archive_keys WHERE entry_id = $1`,
    [id],
  );
  if (!rows[0]) {
    throw new ArchiveUnreadable(
      "Its key is missing. If archive_keys was restored from a backup, restore it from a newer one.",
    );
  }
  return unwrap(ring, id, rows[0]);
}

/** Decrypts an entry. @throws ArchiveUnreadable */
export async function readContent(db: Queryable, ring: ArchiveKey[], id: string): Promise<Content> {
  const key = await keyOf(db, ring, id);
  const { rows } = await db.query<{ sealed: Buffer }>(
    "SELECT sealed FROM archive_entries WHERE id = $1",
    [id],
  );
  if (!rows[0]) throw new ArchiveUnreadable("It was purged.");
  return content.parse(JSON.parse(open(key, id, rows[0].sealed).toString("utf8")));
}

const sealContent = (key: Buffer, id: string, given: Content) =>
  seal(key, id, Buffer.from(JSON.stringify(given)));

export async function writeContent(
  db: Queryable,
  ring: ArchiveKey[],
  id: string,
  given: Content,
): Promise<void> {
  const sealed = sealContent(await keyOf(db, ring, id), id, given);
  await db.query("UPDATE archive_entries SET sealed = $2 WHERE id = $1", [id, sealed]);
}

export async function insertEntry(
  db: Queryable,
  ring: ArchiveKey[],
  entry: Omit<Entry, "archivedAt" | "heldAt">,
  given: Content,
): Promise<void> {
  const { id, kind, reason, deletedAt, purgeAt } = entry;
  const key = randomKey();
  await db.query(
    `INSERT INTO archive_entries (id, subject_kind, reason, deleted_at, purge_at, sealed) VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, kind, reason, deletedAt, purgeAt, sealContent(key, id, given)],
  );
  const { wrappedBy, wrapped } = wrap(ring, id, key);
  await db.query("INSERT INTO archive_keys (entry_id, wrapped_by, wrapped) VALUES ($1, $2, $3)", [
    id,
    wrappedBy,
    wrapped,
  ]);
}

/** Makes the entry findable by an id and e-mail addresses. */
export async function insertLookups(db: Queryable, key: Buffer, id: string, names: string[]) {
  await db.query(
    "INSERT INTO archive_lookups (hash, entry_id) SELECT unnest($2::bytea[]), $1 ON CONFLICT DO NOTHING",
    [id, names.map((name) => lookupHash(key, name))],
  );
}
