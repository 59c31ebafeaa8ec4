/**
 * Repeats erasures after a restore. A database that lacks receipts of the head was restored from a backup, so it contains the
 * data of persons who have since been erased. Until they are erased again, the app refuses to serve data, but accepts webhooks.
 */
import pg from "pg";
import { z } from "zod";
import { database, directConnection, type Queryable } from "../db";
import { env } from "../env";
import { UserError } from "../errors";
import { log } from "../log";
import {
  entryOf,
  type HeadEntry,
  type HeadFile,
  headOf,
  readHeadFile,
  writeHeadFile,
} from "./head-store";
import { findHead, type Head, insertLinks, type Link, lockChain, receiptShape } from "./receipt";
import { type SubjectKind, subjectTables } from "./subject";
import { makeTombstones } from "./tombstone";

/** The recorded cause of an erasure that is repeated after a restore. */
export const RESTORE_CAUSE = "restore";

/**
 * Returns the receipts of the head that the database lacks. @throws UserError if the head belongs to another database, or if
 * receipts are missing between the database's last one and the head's first one.
 */
function missingEntries({ receipts }: HeadFile, head: Head): HeadEntry[] {
  const [first] = receipts;
  if (!first) return [];
  if (first.sequence > head.sequence + 1) {
    throw new UserError(
      `The head of the erasures begins with receipt ${first.sequence}, but this database ends with ${head.sequence}. Restore a newer backup.`,
    );
  }
  const same = receipts.find(({ sequence }) => sequence === head.sequence);
  if (same && same.hash !== head.hash) {
    throw new UserError(
      `Receipt ${head.sequence} of this database is not that of the head. ERASURE_HEAD_URL may be that of another database.`,
    );
  }
  return receipts.filter(({ sequence }) => sequence > head.sequence);
}

/** Adds the receipts that the database lacks. Ends the erasures that were about to get these receipts. */
async function adopt(client: Queryable, missing: HeadEntry[]): Promise<void> {
  await insertLinks(client, missing);
  await client.query(
    `UPDATE erasures e SET step = 'done', next_at = NULL, receipt_sequence = l.sequence
     FROM unnest($1::text[], $2::bigint[]) AS l(id, sequence)
     WHERE e.step = 'receipt' AND l.id = receipt_id(e.receipt_token)`,
    [missing.map(({ id }) => id), missing.map(({ sequence }) => sequence)],
  );
}

/**
 * Reads the receipts with a greater number than `sequence`, each with the id of its subject, or "" if its erasure is not in the
 * database.
 */
async function readLinksAfter(client: Queryable, sequence: number) {
  const { rows } = await client.query<
    Omit<Link, "sequence"> & { sequence: string; subjectId: string }
  >(
    `SELECT r.sequence, r.hash, r.id, r.body, coalesce(e.subject_id, '') AS "subjectId" FROM erasure_receipts r
     LEFT JOIN erasures e ON receipt_id(e.receipt_token) = r.id
     WHERE r.sequence > $1 ORDER BY r.sequence`,
    [sequence],
  );
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }));
}

/**
 * Writes to the head the receipts that it lacks. Called before the transaction that added the receipts is committed, so the head
 * may be newer than the database, but never older. A crash between this write and the commit looks like a restore, and the repair
 * finds nothing to erase. The caller must have locked the chain.
 */
export async function recordHead(client: Queryable): Promise<void> {
  const file = await readHeadFile();
  if (!file) return;
  const known = headOf(file)?.sequence ?? 0;
  const links = await readLinksAfter(client, known);
  if (links.length === 0) return;
  const receipts = links.map(({ subjectId, ...link }) => entryOf(link, subjectId, file));
  await writeHeadFile({ ...file, receipts: [...withoutOld(file.receipts), ...receipts] });
}

const DAY = 86_400_000;
/** The parts of a receipt that are needed after a restore. A receipt of an earlier version may differ in others. */
const erasedBody = z.object({
  kind: receiptShape.shape.kind,
  reason: receiptShape.shape.reason,
  deletedAt: receiptShape.shape.deletedAt,
  erasedAt: receiptShape.shape.erasedAt,
});

/**
 * Leaves out the oldest receipts, those from before the last ERASURE_HEAD_DAYS, so that the head does not grow for ever. No
 * backup in use lacks these receipts.
 */
function withoutOld(receipts: HeadEntry[]): HeadEntry[] {
  const since = Date.now() - env().erasureHeadDays * DAY;
  const first = receipts.findIndex(
    ({ body }) => Date.parse(erasedBody.parse(JSON.parse(body)).erasedAt) >= since,
  );
  return first < 0 ? [] : receipts.slice(first);
}

const IDS: Record<SubjectKind, string> = {
  user: `SELECT id FROM users WHERE NOT deleted UNION SELECT user_id FROM deliveries WHERE user_id IS NOT NULL
    UNION SELECT subject_id FROM erasures WHERE subject_kind = 'user' AND step <> 'done'`,
  organization: `SELECT id FROM organizations WHERE NOT deleted UNION SELECT object_id FROM deliveries WHERE type LIKE 'organization.%'
    UNION SELECT subject_id FROM erasures WHERE subject_kind = 'organization' AND step <> 'done'`,
};

/**
 * Stores the erasures of `missing` by the hashes of their subjects. Subjects that are not in the database are deleted again when an
 * event or a request brings them (the trigger `refuse_erased`). A late event may have added receipts: the last one counts.
 */
async function storeHashes(client: Queryable, salt: string, missing: HeadEntry[]): Promise<void> {
  const bodies = missing.map(({ subject, body }) => ({
    hash: subject,
    ...erasedBody.parse(JSON.parse(body)),
  }));
  const column = (name: "hash" | "kind" | "reason" | "deletedAt" | "erasedAt") =>
    bodies.map((body) => body[name]);
  await client.query(
    `INSERT INTO erased_hashes (salt, hash, subject_kind, reason, deleted_at, erased_at)
     SELECT DISTINCT ON (hash) $1, hash, kind, reason, deleted_at, erased_at
     FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[]) WITH ORDINALITY
       AS missing(hash, kind, reason, deleted_at, erased_at, position)
     ORDER BY hash, position DESC
     ON CONFLICT (salt, hash) DO UPDATE SET reason = EXCLUDED.reason, deleted_at = EXCLUDED.deleted_at, erased_at = EXCLUDED.erased_at`,
    [
      salt,
      column("hash"),
      column("kind"),
      column("reason"),
      column("deletedAt"),
      column("erasedAt"),
    ],
  );
}

/**
 * Resolves to the ids in the database that were erased before the restore. Leaves out subjects whose erasure is done in this
 * database.
 */
async function findSubjects(client: Queryable, kind: SubjectKind, salt: string) {
  const { rows } = await client.query<{ id: string }>(
    `SELECT known.id FROM (${IDS[kind]}) AS known (id)
     JOIN erased_hashes h ON h.hash = encode(sha256(convert_to($1 || ':' || known.id, 'UTF8')), 'hex')
     WHERE (h.salt, h.subject_kind) = ($1, $2)
       AND NOT EXISTS (SELECT FROM erasures e WHERE (e.subject_kind, e.subject_id, e.step) = ($2, known.id, 'done'))`,
    [salt, kind],
  );
  return rows.map(({ id }) => id);
}

/**
 * Makes the subjects tombstones, as their deletion did, and requests their erasure for the reason of the former one, which is also
 * the archive's. Adds no effects, because the effects of the deletion have run before the restore.
 */
async function deleteAgain(client: Queryable, kind: SubjectKind, ids: string[]): Promise<void> {
  if (ids.length === 0) return;
  const table = subjectTables[kind];
  await client.query(`INSERT INTO ${table} (id) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, [
    ids,
  ]);
  await client.query("SELECT set_config('rollcall.erase_now', 'on', true)");
  await makeTombstones(client, kind, ids);
  // Sets `deleted_at` to at least a minute ago, so that the deadline for the handlers of `deleted` has passed: they have run
  // before the restore.
  await client.query(
    `UPDATE erasures e SET step = 'rows', next_at = now(), held_row = NULL, brake_id = NULL, erased_at = NULL, cause = $3,
       deleted_at = least(e.deleted_at, now() - interval '1 minute'), reason = h.reason, first_deleted_at = h.deleted_at
     FROM unnest($2::text[]) AS known(id), find_erased_hash(known.id) AS h
     WHERE (e.subject_kind, e.subject_id) = ($1, known.id) AND e.step <> 'done'`,
    [kind, ids, RESTORE_CAUSE],
  );
}

/**
 * Adds the receipts that only the head has, and requests the erasure of their subjects again. Resolves to the number of these
 * subjects. The caller must have locked the chain.
 */
export async function catchUpWithHead(client: Queryable): Promise<number> {
  const file = await readHeadFile();
  if (!file) return 0;
  const missing = missingEntries(file, await findHead(client));
  if (missing.length === 0) return 0;
  await adopt(client, missing);
  await storeHashes(client, file.salt, missing);
  let count = 0;
  for (const kind of ["user", "organization"] as const) {
    const ids = await findSubjects(client, kind, file.salt);
    await deleteAgain(client, kind, ids);
    count += ids.length;
  }
  log.warn("erasure: the database is older than its head", {
    receipts: missing.length,
    subjects: count,
  });
  return count;
}

/**
 * Runs {@link catchUpWithHead} and {@link recordHead} in a transaction of its own. Resolves to the number of subjects to erase
 * again. @throws UserError, HeadUnavailable
 */
export async function reapplyErasures(): Promise<number> {
  if (env().erasureHeadUrl === undefined) return 0;
  const client = new pg.Client(directConnection("rollcall erasure"));
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("BEGIN");
    await lockChain(client);
    const count = await catchUpWithHead(client);
    await recordHead(client);
    await client.query("COMMIT");
    return count;
  } finally {
    await client.end();
  }
}

const RECHECK_MS = 5_000;
const REREAD_MS = 60_000;

type Gate = {
  /** The newest head that this process has read, from the store or from the database. */
  known: Head | null;
  readAt: number;
  checkedAt: number;
  watched: WeakSet<pg.Pool>;
  running: Promise<void> | null;
};

/** Kept on globalThis because `next dev` evaluates modules again on every change. */
const store = globalThis as typeof globalThis & { rollcallErasureGate?: Gate };

function gate(): Gate {
  store.rollcallErasureGate ??= {
    known: null,
    readAt: Number.NEGATIVE_INFINITY,
    checkedAt: Number.NEGATIVE_INFINITY,
    watched: new WeakSet(),
    running: null,
  };
  return store.rollcallErasureGate;
}

/** Thrown while personal data must not be served: after a restore, the database contains the data of erased persons again. */
export class DatabaseOlderThanErasures extends Error {
  override name = "DatabaseOlderThanErasures";
  constructor() {
    super(
      "This database is older than its erasures: it was restored from a backup. Start a worker, or run npm run erasure:reapply.",
    );
  }
}

/**
 * True until the data of all persons who are erased again is erased. A late event makes such an erasure due once more, but then
 * `erased_at` is set, and the app keeps serving.
 */
async function isErasingAgain(db: Queryable): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT FROM erasures WHERE cause = '${RESTORE_CAUSE}' AND step <> 'done' AND erased_at IS NULL LIMIT 1`,
  );
  return rows.length > 0;
}

/**
 * True if the database has the receipt. If the receipt is missing, waits for the transactions that are writing receipts and looks
 * again: the head is written before the receipt is committed. Always true for the beginning of the chain (0).
 */
export async function hasReceipt({ sequence, hash }: Head): Promise<boolean> {
  if (sequence === 0) return true;
  const { pool } = database();
  const client = await pool.connect();
  try {
    const text = "SELECT FROM erasure_receipts WHERE (sequence, hash) = ($1, $2)";
    if ((await client.query(text, [sequence, hash])).rows.length > 0) return true;
    await client.query("BEGIN");
    await client.query("LOCK TABLE erasure_receipts IN SHARE MODE");
    const { rows } = await client.query(text, [sequence, hash]);
    await client.query("COMMIT");
    return rows.length > 0;
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  } finally {
    client.release();
  }
}

/**
 * Reads the head from its store. If the read fails, keeps the head that was read last, because the head in the store can only be
 * newer. @throws HeadUnavailable if the head was never read
 */
async function refreshKnown(state: Gate): Promise<void> {
  try {
    const file = await readHeadFile();
    const head = file && headOf(file);
    if (head && head.sequence >= (state.known?.sequence ?? 0)) state.known = head;
  } catch (error) {
    if (!Number.isFinite(state.readAt)) throw error;
    log.warn("erasure: the head was not read again", {}, error);
  }
  state.readAt = performance.now();
}

async function check(state: Gate): Promise<void> {
  const startedAt = performance.now();
  if (startedAt - state.readAt > REREAD_MS) await refreshKnown(state);
  const { pool } = database();
  if (state.known && !(await hasReceipt(state.known))) throw new DatabaseOlderThanErasures();
  if (await isErasingAgain(pool)) throw new DatabaseOlderThanErasures();
  const newest = await findHead(pool);
  if (newest.sequence > 0) state.known = newest;
  state.checkedAt = startedAt;
}

/**
 * True if the database was found current within the last {@link RECHECK_MS}, or there is no ERASURE_HEAD_URL. A new connection
 * may lead to another database, so the database is checked again after each new connection.
 */
export function isKnownCurrent(): boolean {
  return env().erasureHeadUrl === undefined || performance.now() - gate().checkedAt < RECHECK_MS;
}

/**
 * Checks that the database is not older than its erasures. @throws DatabaseOlderThanErasures, or HeadUnavailable if the head was
 * never read
 */
export async function requireCurrentDatabase(): Promise<void> {
  if (isKnownCurrent()) return;
  const state = gate();
  const { pool } = database();
  if (!state.watched.has(pool)) {
    state.watched.add(pool);
    pool.on("connect", () => {
      state.checkedAt = Number.NEGATIVE_INFINITY;
    });
  }
  state.running ??= check(state).finally(() => {
    state.running = null;
  });
  await state.running;
}
