/**
 * Runs due erasures. The SQL statement that writes a tombstone also requests the erasure, as a row of `erasures`, and ends
 * access. Each step is one transaction that also records the next step. A step may run again, so an erasure resumes after a crash
 * at any point.
 *
 * The step `held` comes first if a holdback or the brake delays the erasure (hold.ts). Step `rows` erases the stored data. Step
 * `effects` waits for the handlers of `deleted`, up to a deadline. Step `sweep` erases the data once more, because statements
 * that began before the deletion was committed may have written rows since. Step `receipt` appends the receipt.
 */
import pg from "pg";
import { z } from "zod";
import { directConnection } from "../db";
import { log } from "../log";
import { archivePurchases } from "./archive";
import { deletionReasons } from "./archive-store";
import {
  emptyJobs,
  findAcknowledgements,
  HANDLERS_DEADLINE_MS,
  hasPendingJobs,
} from "./effect-jobs";
import { appendReceipts, lockChain } from "./receipt";
import { catchUpWithHead, recordHead } from "./restore";
import { type Counts, deleteInBatches, emptyRows } from "./rows";
import { type Subject, subjectOf, withFormerInvitations } from "./subject";

/**
 * The least time between the deletion and the step `sweep`. Statements of the app are cancelled after 4 s (lib/db.ts), so all
 * that began before the deletion have ended by then.
 */
const SWEEP_AFTER_MS = 6_000;
const LOOK_AGAIN_MS = 1_000;
const CLOCK_TOLERANCE_MS = 1_000;

const due = z.object({
  id: z.string(),
  kind: z.enum(["user", "organization"]),
  subjectId: z.string(),
  addresses: z.array(z.string()),
  cause: z.string(),
  reason: z.enum(deletionReasons),
  /** The time of the subject's deletion at Clerk: after a restore, that of the deletion before it. */
  deletedAt: z.date(),
  deletedAtClerk: z.date(),
  step: z.enum(["held", "rows", "effects", "sweep", "receipt"]),
  ageMs: z.number(),
});
type Due = z.output<typeof due>;

/** SQL for the time of the deletion by Clerk's clock, or by ours if Clerk named no time. After a restore, of the deletion before it. */
const DELETED_AT_CLERK = `least(coalesce(e.first_deleted_at, e.deleted_at), (SELECT to_timestamp(nullif(d.event_timestamp, 0) / 1000.0) FROM users d
  WHERE e.subject_kind = 'user' AND d.id = e.subject_id))`;

/**
 * Selects the due steps, although a clock may jump. If a clock was set back, the time of a step may be far away. No step
 * except `held` waits longer than a minute, so a step with a later time is due. If a clock jumped ahead, a holdback might end too
 * early, and erased data cannot be brought back. So the holdback must be over by the database's clock and by this process's clock
 * ($1).
 */
const DUE = `SELECT id, subject_kind AS kind, subject_id AS "subjectId", addresses, cause, reason,
    coalesce(e.first_deleted_at, e.deleted_at) AS "deletedAt", ${DELETED_AT_CLERK} AS "deletedAtClerk", step,
    (extract(epoch FROM clock_timestamp() - deleted_at) * 1000)::float8 AS "ageMs"
  FROM erasures e WHERE (next_at <= clock_timestamp() AND (step <> 'held' OR next_at <= $1)
    OR next_at > clock_timestamp() + interval '1 minute' AND step <> 'held')`;

/**
 * Finds transactions that wrote before the deletion and are still open. Compares the ages of transaction ids, because these do
 * not depend on a clock. Finds none once the deletion is ten minutes old: no statement of the app takes that long. Also, after a
 * restore, the stored transaction id has no meaning.
 */
const HAS_OLD_WRITER = `SELECT FROM pg_stat_activity, erasures e
  WHERE e.id = $1 AND datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
    AND age(backend_xid) >= age((e.deleted_xid % 4294967296)::text::xid) AND clock_timestamp() < e.deleted_at + interval '10 minutes'`;

/** Called after each part of a step of an erasure. Tests throw here to simulate a failure. */
type Checkpoint = (name: string, erasureId: string) => void;
const noCheckpoint: Checkpoint = () => undefined;

async function postpone(client: pg.Client, id: string, delayMs: number): Promise<void> {
  await client.query(
    "UPDATE erasures SET next_at = clock_timestamp() + $2 * interval '1 ms' WHERE id = $1 AND step <> 'done'",
    [id, delayMs],
  );
}

async function advance(client: pg.Client, id: string, step: string, delayMs: number) {
  await client.query(
    "UPDATE erasures SET step = $2, next_at = clock_timestamp() + $3 * interval '1 ms' WHERE id = $1",
    [id, step, Math.max(delayMs, 0)],
  );
}

/** Adds `counts` to the erasure's counts of erased rows, which its receipt will contain. */
async function addCounts(client: pg.Client, id: string, counts: Counts): Promise<void> {
  await client.query(
    `UPDATE erasures SET counts = counts || (
       SELECT coalesce(jsonb_object_agg(key, coalesce((counts ->> key)::bigint, 0) + value::bigint), '{}') FROM jsonb_each_text($2)
     ) WHERE id = $1`,
    [id, JSON.stringify(counts)],
  );
}

async function eraseRows(
  client: pg.Client,
  { id, kind, cause, reason, deletedAt }: Due,
  given: Subject,
  checkpoint: (name: string) => void,
): Promise<void> {
  const subject = await withFormerInvitations(client, given);
  // Late events are recognized by these ids, even after the columns by which the ids were found are emptied.
  await client.query(
    "INSERT INTO erased_ids (id, erasure_id) SELECT unnest($2::text[]), $1 ON CONFLICT DO NOTHING",
    [id, subject.ids],
  );
  checkpoint("ids");
  const archived = await archivePurchases(client, { kind, reason, deletedAt }, subject);
  await addCounts(client, id, archived.counts);
  await client.query(
    "UPDATE erasures SET is_unarchived = $2::timestamptz IS NOT NULL, purchases_until = $2, held_row = NULL WHERE id = $1",
    [id, archived.waitsUntil],
  );
  checkpoint("archived");
  await addCounts(client, id, await emptyRows(client, kind, subject, cause));
  checkpoint("emptied");
  // Deletes only the remaining rows: earlier batches were deleted outside this transaction.
  await deleteInBatches(client, id, kind, subject);
  checkpoint("deleted");
}

async function runStep(
  client: pg.Client,
  erasure: Due,
  subject: Subject,
  checkpoint: (name: string) => void,
): Promise<void> {
  const { id, step, ageMs } = erasure;
  if (step === "held") {
    // The holdback is over. From here on, the deletion cannot be undone; the next step deletes the copy of the row.
    await client.query(
      "UPDATE erasure_calls SET next_at = now() + interval '10 s' WHERE erasure_id = $1",
      [id],
    );
    await advance(client, id, "rows", 0);
  } else if (step === "receipt") {
    // Completes all erasures whose receipts are due, so that many deletions take one transaction.
    await catchUpWithHead(client);
    await appendReceipts(client);
    await recordHead(client);
  } else if (step === "rows") {
    await eraseRows(client, erasure, subject, checkpoint);
    await advance(client, id, "effects", 0);
  } else if (step === "effects") {
    // A negative age means that the clock was set back: the deadline would be far away.
    const isLate = ageMs >= HANDLERS_DEADLINE_MS || ageMs < -CLOCK_TOLERANCE_MS;
    if (!isLate && (await hasPendingJobs(client, subject))) {
      await postpone(client, id, LOOK_AGAIN_MS);
      return;
    }
    await addCounts(client, id, await emptyJobs(client, subject));
    checkpoint("jobs");
    await advance(client, id, "sweep", Math.min(SWEEP_AFTER_MS - ageMs, SWEEP_AFTER_MS));
  } else {
    const { rows } = await client.query(HAS_OLD_WRITER, [id]);
    if (rows.length > 0) {
      await postpone(client, id, LOOK_AGAIN_MS);
      return;
    }
    await eraseRows(client, erasure, subject, checkpoint);
    await addCounts(client, id, await emptyJobs(client, subject));
    checkpoint("swept");
    await client.query(
      `UPDATE erasures SET step = 'receipt', next_at = ${RECEIPT_DUE}, addresses = '{}',
         erased_at = coalesce(erased_at, clock_timestamp()), acknowledgements = $2 WHERE id = $1`,
      [id, JSON.stringify(await findAcknowledgements(client, subject))],
    );
  }
  checkpoint(`${step} recorded`);
}

const RETRY_AFTER_MS = 5_000;
/** Less than a minute: a step with a later time would be due (DUE). */
const LATEST_RETRY_MS = 50_000;

/**
 * Postpones an erasure whose step failed. In the step `receipt`, all erasures whose receipts are due are postponed together, because
 * one attempt is for all: a head store that hangs would otherwise delay the steps of others again and again. They wait as long as
 * the first of them has waited since it was erased, within the limits above.
 */
async function postponeFailed(client: pg.Client, id: string): Promise<void> {
  await postpone(client, id, RETRY_AFTER_MS);
  await client.query(
    `UPDATE erasures SET next_at = clock_timestamp() + (SELECT least(greatest(max(clock_timestamp() - r.erased_at), $2 * interval '1 ms'),
       $3 * interval '1 ms') FROM erasures r WHERE r.step = 'receipt' AND r.next_at IS NOT NULL)
     WHERE id IN (SELECT r.id FROM erasures f JOIN erasures r ON r.step = f.step AND r.next_at IS NOT NULL
       WHERE f.id = $1 AND f.step = 'receipt' FOR UPDATE OF r SKIP LOCKED)`,
    [id, RETRY_AFTER_MS, LATEST_RETRY_MS],
  );
}

/** SQL for the time of a new step `receipt`: now, or when the next attempt of receipts that failed is due. */
const RECEIPT_DUE = `greatest(clock_timestamp(), (SELECT max(r.next_at) FROM erasures r WHERE r.step = 'receipt' AND r.next_at > clock_timestamp()))`;

/**
 * True if the user `u`, who has the address `a`, had it before the deletion, by the history of `u`; also if that history begins
 * later, because it is kept for a limited time.
 */
const HAD_BEFORE = `(EXISTS (SELECT FROM versions v WHERE v.object_id = u.id AND v.occurred_at < ${DELETED_AT_CLERK}
      AND a = ANY (string_to_array(v.state ->> 'identifiers', E'\n')))
    OR NOT EXISTS (SELECT FROM versions v WHERE v.object_id = u.id AND v.occurred_at < ${DELETED_AT_CLERK}))`;

/**
 * Removes the addresses that the person gave up before the deletion, and that another user had then: what names them is about the
 * other user. The trigger `request_erasure` takes all addresses from the person's history.
 */
const DROP_TAKEN_ADDRESSES = `UPDATE erasures e SET addresses = ARRAY(SELECT a FROM unnest(e.addresses) AS a WHERE NOT EXISTS (
    SELECT FROM users u WHERE u.search LIKE '%' || replace(btrim(search_form(a)), '\\', '\\\\') || '%' AND u.id <> e.subject_id
      AND NOT u.deleted AND u.created_at < ${DELETED_AT_CLERK}
      AND a = ANY (string_to_array(u.identifiers, E'\n') || lower(u.email)) AND ${HAD_BEFORE}))
  WHERE id = $1 AND step = 'rows' AND addresses <> '{}'`;

type Found = { erasure: Due; subject: Subject };

/** The id of the erasure that has been due longest, without those in `busy`; null if none is due. */
async function findNext(client: pg.Client, busy: string[]): Promise<string | null> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT id FROM (${DUE} AND id <> ALL ($2::uuid[]) ORDER BY next_at LIMIT 1) due`,
    [new Date(), busy],
  );
  return rows[0]?.id ?? null;
}

/** Reads an erasure with its subject; null if no step of it is due. */
async function find(client: pg.Client, id: string, locking = ""): Promise<Found | null> {
  const { rows } = await client.query(`${DUE} AND id = $2 ${locking}`, [new Date(), id]);
  const erasure = due.optional().parse(rows[0]);
  if (!erasure) return null;
  const { kind, subjectId, addresses, deletedAtClerk } = erasure;
  const given = { id: subjectId, addresses, deletedAt: deletedAtClerk };
  return { erasure, subject: await subjectOf(client, kind, given) };
}

/**
 * Runs the step of this erasure in one transaction. Does nothing if the step has run meanwhile. Resolves to false if the row is
 * locked. The chain of receipts is locked before the row, in the order of `reapplyErasures`: otherwise each could wait for the other.
 */
async function runLocked(
  client: pg.Client,
  { id, step }: Due,
  checkpoint: Checkpoint,
): Promise<boolean> {
  await client.query("BEGIN");
  if (step === "receipt") await lockChain(client);
  const found = await find(client, id, "FOR UPDATE SKIP LOCKED");
  if (found?.erasure.step === step)
    await runStep(client, found.erasure, found.subject, (name) => checkpoint(name, id));
  await client.query("COMMIT");
  return found !== null;
}

/** The first key of the advisory locks of erasures; the second is a hash of the erasure's id. The number is arbitrary. */
const LOCK = 1_701_994_867;

const lock = async (
  client: pg.Client,
  call: "pg_try_advisory_lock" | "pg_advisory_unlock",
  id: string,
) => {
  const { rows } = await client.query<{ isDone: boolean }>(
    `SELECT ${call}($1, hashtext($2)) AS "isDone"`,
    [LOCK, id],
  );
  return rows[0]?.isDone === true;
};

/** Runs the due step of an erasure, under its lock. Resolves to false if another process runs this step. */
async function runDue(client: pg.Client, id: string, checkpoint: Checkpoint): Promise<boolean> {
  try {
    await client.query(DROP_TAKEN_ADDRESSES, [id]);
    // Before the lock, another process may have run the step: then there is nothing to do.
    const found = await find(client, id);
    if (!found) return true;
    const { kind, step } = found.erasure;
    if (step === "rows") {
      await deleteInBatches(client, id, kind, found.subject);
      checkpoint("batches", id);
    }
    const isRun = await runLocked(client, found.erasure, checkpoint);
    checkpoint(`${step} committed`, id);
    return isRun;
  } catch (error) {
    log.error("erasure: a step failed and will run again", { erasureId: id }, error);
    await client.query("ROLLBACK");
    await postponeFailed(client, id);
    return true;
  }
}

/**
 * Runs one due step. Resolves to false when no step is due. A failed step is due again later and does not delay other erasures.
 *
 * A session lock keeps other processes away from this erasure, because its rows are deleted in several transactions: two
 * processes that delete the same rows would end in a deadlock, and hold up the requests that wait for these rows. An erasure that
 * another process runs is added to `busy`, and skipped.
 */
async function runOne(client: pg.Client, busy: string[], checkpoint: Checkpoint): Promise<boolean> {
  const id = await findNext(client, busy);
  if (id === null) return false;
  const isLocked = await lock(client, "pg_try_advisory_lock", id);
  const isRun = isLocked && (await runDue(client, id, checkpoint));
  if (isLocked) await lock(client, "pg_advisory_unlock", id);
  if (!isRun) busy.push(id);
  return true;
}

/**
 * Repeats the erasures of subjects about which late events were written. One that is only requested, held or undone has erased
 * nothing yet, so there is nothing to repeat: it stays as it is.
 */
const REPEAT = `WITH late AS (DELETE FROM late_events RETURNING erasure_id)
  UPDATE erasures SET step = 'rows', next_at = clock_timestamp() WHERE id IN (SELECT erasure_id FROM late)
    AND step NOT IN ('requested', 'held', 'undone')`;

/**
 * Runs the due steps of all erasures. Resolves to the time when the next step is due; null if no step has a due time. Several
 * processes may call this at the same time: each takes different erasures.
 */
export async function runErasures(checkpoint: Checkpoint = noCheckpoint): Promise<Date | null> {
  // A direct connection has no statement timeout: one person may have very many rows.
  const client = new pg.Client(directConnection("rollcall erasure"));
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query(REPEAT);
    const busy: string[] = [];
    for (let more = true; more; ) more = await runOne(client, busy, checkpoint);
    // Looks again at what another process runs: it may be killed.
    const { rows } = await client.query<{ next: Date | null }>(
      `SELECT min(CASE WHEN id = ANY ($1::uuid[]) THEN greatest(next_at, clock_timestamp() + $2 * interval '1 ms') ELSE next_at END) AS next
       FROM erasures WHERE next_at IS NOT NULL`,
      [busy, LOOK_AGAIN_MS],
    );
    return rows[0]?.next ?? null;
  } finally {
    await client.end();
  }
}
