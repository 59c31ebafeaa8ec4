/**
 * What a platform admin or an operator can do with the archive. Each action is audited in the same transaction. The audit log
 * names the entry by its pseudonymous key, never the person.
 */
import { z } from "zod";
import { recordAuditIn } from "../audit";
import { database, type Queryable, transaction } from "../db";
import { env } from "../env";
import { UserError } from "../errors";
import { visibleText } from "../format";
import { ArchiveUnreadable, lookupHash } from "./archive-crypto";
import { countUnarchived, forgetReasons } from "./archive-retention";
import {
  COLUMNS,
  type Content,
  type Entry,
  findArchiveProblem,
  findByHash,
  findEntry,
  lookupKey,
  readContent,
  withArchive,
  writeContent,
} from "./archive-store";
import { parseReason } from "./reason";

/** An action on an archive entry, as recorded in the audit log. */
export type ArchiveAct = { at: Date; actor: string; action: string; reason: string | null };

/** An entry with its decrypted content; `content` is null if it cannot be read, and `problem` says why. */
export type OpenEntry = {
  entry: Entry;
  content: Content | null;
  problem: string | null;
  acts: ArchiveAct[];
};

/** The user id of the admin, or the name of the command. */
type Actor = string;

const uuid = z.guid();
const MOST_TEXT = 1_000;

function parseNote(text: string): string {
  const note = text.trim();
  if (visibleText(note) === null) throw new UserError("The note is empty.");
  if (note.length > MOST_TEXT)
    throw new UserError(`The note is longer than ${MOST_TEXT} characters.`);
  return note;
}

async function openEntry(db: Queryable, entry: Entry): Promise<Omit<OpenEntry, "acts">> {
  try {
    const content = await readContent(db, env().archiveKeys, entry.id);
    return { entry, content, problem: null };
  } catch (error) {
    if (!(error instanceof ArchiveUnreadable)) throw error;
    return { entry, content: null, problem: error.message };
  }
}

const ACTS = `SELECT at, actor, action, detail ->> 'reason' AS reason FROM audit_log
  WHERE subject = $1 AND action LIKE 'archive.%' ORDER BY id DESC LIMIT 100`;

/** Runs `work` in a transaction. Converts the error ArchiveUnreadable to a UserError, whose message is for the operator. */
async function readably<Result>(work: (db: Queryable) => Promise<Result>): Promise<Result> {
  try {
    return await transaction(work);
  } catch (error) {
    if (!(error instanceof ArchiveUnreadable)) throw error;
    throw new UserError(`The archive cannot be used. ${error.message}`, { cause: error });
  }
}

/** Locks the entries, so that a purge waits for the lookup's audit, whose reason it then removes. */
async function findEntries(db: Queryable, search: string): Promise<Entry[]> {
  if (uuid.safeParse(search).success) {
    const entry = await findEntry(db, search, "FOR SHARE");
    return entry ? [entry] : [];
  }
  const key = await lookupKey(db, env().archiveKeys);
  return findByHash(db, [lookupHash(key, search)], "FOR SHARE");
}

/**
 * Finds entries by e-mail address, user id, organization id or the entry's own key, and decrypts them. The audit log gets the
 * reason and the keys of the entries, but not the searched address or id.
 */
export async function lookUpArchive(
  actor: Actor,
  given: string,
  givenReason: string,
): Promise<OpenEntry[]> {
  const reason = parseReason(givenReason);
  const search = given.trim();
  if (search === "" || search.includes("\0") || search.length > 320) {
    throw new UserError("Search for an e-mail address, a user id, or the key of an entry.");
  }
  return readably(async (db) => {
    const found = await withArchive(db, async () => {
      const opened: Omit<OpenEntry, "acts">[] = [];
      for (const entry of await findEntries(db, search)) opened.push(await openEntry(db, entry));
      return opened;
    });
    const detail = { reason, found: found.length };
    const subjects = found.length > 0 ? found.map(({ entry }) => entry.id) : [null];
    for (const subject of subjects) {
      await recordAuditIn(db, { actor, action: "archive.looked_up", subject, detail });
    }
    const opened: OpenEntry[] = [];
    for (const each of found) {
      const { rows: acts } = await db.query<ArchiveAct>(ACTS, [each.entry.id]);
      opened.push({ ...each, acts });
    }
    return opened;
  });
}

/**
 * Locks one entry, runs `work` on it and audits the action. Resolves to the changed entry. @throws UserError if there is no such
 * entry.
 */
async function act(
  actor: Actor,
  id: string,
  action: string,
  detail: Record<string, string>,
  work: (db: Queryable, entry: Entry) => Promise<void>,
): Promise<Entry> {
  if (!uuid.safeParse(id).success) {
    throw new UserError("Name the entry by its key. A lookup shows it.");
  }
  return readably(async (db) => {
    const changed = await withArchive(db, async () => {
      const entry = await findEntry(db, id, "FOR UPDATE");
      if (!entry) throw new UserError(`The archive has no entry ${id}. It may have been purged.`);
      await work(db, entry);
      return (await findEntry(db, id)) ?? entry;
    });
    await recordAuditIn(db, { actor, action, subject: id, detail });
    if (action === "archive.purged") await forgetReasons(db, [id]);
    return changed;
  });
}

/** Changes the encrypted content of an entry. @throws ArchiveUnreadable */
async function changeContent(db: Queryable, id: string, change: (content: Content) => Content) {
  const ring = env().archiveKeys;
  await writeContent(db, ring, id, change(await readContent(db, ring, id)));
}

const writtenBy = (by: Actor, text: string) => ({ at: new Date().toISOString(), by, text });

export async function addArchiveNote(actor: Actor, id: string, text: string): Promise<Entry> {
  const note = writtenBy(actor, parseNote(text));
  return act(actor, id, "archive.noted", {}, (db) =>
    changeContent(db, id, (content) => ({ ...content, notes: [...content.notes, note] })),
  );
}

/** Keeps an entry beyond its date, until the hold is released. An entry that cannot be decrypted can be held too. */
export async function holdArchiveEntry(
  actor: Actor,
  id: string,
  givenReason: string,
): Promise<Entry> {
  const reason = parseReason(givenReason);
  return act(actor, id, "archive.held", { reason }, async (db, { heldAt }) => {
    if (heldAt) throw new UserError("The entry has a legal hold already.");
    await db.query("UPDATE archive_entries SET held_at = now() WHERE id = $1", [id]);
  });
}

/** Ends a hold. An entry whose date has passed is purged by the worker's next run. */
export async function releaseArchiveEntry(
  actor: Actor,
  id: string,
  givenReason: string,
): Promise<Entry> {
  const reason = parseReason(givenReason);
  return act(actor, id, "archive.released", { reason }, async (db, { heldAt }) => {
    if (!heldAt) throw new UserError("The entry has no legal hold.");
    await db.query("UPDATE archive_entries SET held_at = NULL WHERE id = $1", [id]);
  });
}

/** Destroys an entry and its key before its date. @throws UserError for an entry with a legal hold. */
export async function purgeArchiveEntry(
  actor: Actor,
  id: string,
  givenReason: string,
): Promise<void> {
  const reason = parseReason(givenReason);
  await act(actor, id, "archive.purged", { reason }, async (db, { heldAt }) => {
    if (heldAt) throw new UserError("The entry has a legal hold. Release it first.");
    await db.query("DELETE FROM archive_entries WHERE id = $1", [id]);
  });
}

/**
 * How many entries were archived and purged on one day. `day` is in UTC, such as `2026-11-28`. `archived` does not count entries
 * that were purged since.
 */
export type ArchiveDay = { day: string; archived: number; purged: number };

export type Archive = {
  count: number;
  heldCount: number;
  /** The number of erased subjects whose purchases still wait in their tables for ARCHIVE_KEY. */
  unarchivedCount: number;
  /** The newest entries, by the time of the deletion. */
  entries: Entry[];
  days: ArchiveDay[];
  /** Why nothing can be archived now; null if purchases can be archived. */
  problem: string | null;
};

const LISTED = 100;

const dayOf = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD')`;
const DAY_COUNT = 90;

const ARCHIVED_BY_DAY = `SELECT ${dayOf("archived_at")} AS day, count(*)::int AS count FROM archive_entries
  WHERE archived_at > now() - interval '${DAY_COUNT} days' GROUP BY 1`;
const PURGED_BY_DAY = `SELECT ${dayOf("at")} AS day, count(*)::int AS count FROM audit_log
  WHERE action = 'archive.purged' AND at > now() - interval '${DAY_COUNT} days' GROUP BY 1`;

type DayCounts = Map<string, number>;

async function countsByDay(db: Queryable, text: string): Promise<DayCounts> {
  const { rows } = await db.query<{ day: string; count: number }>(text);
  return new Map(rows.map(({ day, count }) => [day, count]));
}

/** Returns the counts of the last 90 days, oldest first. */
function daysOf(archived: DayCounts, purged: DayCounts): ArchiveDay[] {
  const today = Date.now();
  return Array.from({ length: DAY_COUNT }, (_, index) => {
    const day = new Date(today - (DAY_COUNT - 1 - index) * 86_400_000).toISOString().slice(0, 10);
    return { day, archived: archived.get(day) ?? 0, purged: purged.get(day) ?? 0 };
  });
}

/**
 * Resolves to the archive's counts and newest entries. They contain no personal data: reading them needs no key and is not
 * audited.
 */
export async function listArchive(): Promise<Archive> {
  const { archivedByDay, ...archive } = await findList();
  const { pool } = database();
  return {
    ...archive,
    days: daysOf(archivedByDay, await countsByDay(pool, PURGED_BY_DAY)),
    unarchivedCount: await countUnarchived(pool),
  };
}

type Listed = Omit<Archive, "days" | "unarchivedCount"> & { archivedByDay: DayCounts };

async function findList(): Promise<Listed> {
  try {
    return await transaction((db) => withArchive(db, () => readList(db)));
  } catch (error) {
    if (!(error instanceof ArchiveUnreadable)) throw error;
    return {
      count: 0,
      heldCount: 0,
      entries: [],
      archivedByDay: new Map(),
      problem: error.message,
    };
  }
}

async function readList(db: Queryable): Promise<Listed> {
  const counts = await db.query<{ count: number; heldCount: number }>(
    `SELECT count(*)::int AS count, count(held_at)::int AS "heldCount" FROM archive_entries`,
  );
  const { rows: entries } = await db.query<Entry>(
    `SELECT ${COLUMNS} FROM archive_entries ORDER BY deleted_at DESC, id LIMIT ${LISTED}`,
  );
  const { count = 0, heldCount = 0 } = counts.rows[0] ?? {};
  const problem = await findArchiveProblem(db);
  const archivedByDay = await countsByDay(db, ARCHIVED_BY_DAY);
  return { count, heldCount, entries, archivedByDay, problem };
}
