/**
 * Erases the rows of one subject: deletes the rows of tables that the registry marks `isDeleted`, and empties the erased columns
 * of the other tables. Every statement may run again, because it leaves out rows that are already erased.
 */
import type { Queryable } from "../db";
import { mentionsIn } from "./mention";
import { registry } from "./registry";
import { ofSubject, type Subject, type SubjectKind, subjectSql, subjectValues } from "./subject";

export type Counts = Record<string, number>;

/**
 * The number of rows that one statement deletes. More rows per statement would lock other people's rows for seconds when a person
 * has 100,000 follows.
 */
const BATCH = 2_000;

type Deletion = { table: string; where: string };

/**
 * Returns the tables whose rows are deleted, in the reverse order of the registry: the registry lists a table after the tables
 * that it references. Leaves out tables with archived columns, whose rows are deleted when they are archived (archive.ts).
 */
function deletionsOf(kind: SubjectKind): Deletion[] {
  return registry
    .toReversed()
    .flatMap(({ table, isDeleted, [kind]: where, columns }) =>
      isDeleted &&
      where !== undefined &&
      !Object.values(columns).some((verdict) => typeof verdict === "object")
        ? [{ table, where }]
        : [],
    );
}

/**
 * Deletes up to {@link BATCH} rows, and adds their number to the counts of the erasure in the same statement, so that a crash loses
 * neither. Resolves to the number of deleted rows.
 */
async function deleteRows(
  db: Queryable,
  erasureId: string,
  { table, where }: Deletion,
  subject: Subject,
): Promise<number> {
  const values = subjectValues(subject);
  const { rows } = await db.query<{ count: number }>(
    `WITH erased AS (
       DELETE FROM ${table} WHERE ctid = ANY (ARRAY(SELECT t.ctid FROM ${table} t, ${subjectSql} WHERE ${where} LIMIT ${BATCH})) RETURNING 1),
     counted AS (SELECT count(*)::int AS count FROM erased),
     added AS (
       UPDATE erasures SET counts = counts || jsonb_build_object('${table}', coalesce((counts ->> '${table}')::bigint, 0) + count)
       FROM counted WHERE id = $${values.length + 1} AND count > 0)
     SELECT count FROM counted`,
    [...values, erasureId],
  );
  return rows[0]?.count ?? 0;
}

/** Deletes in batches. Outside a transaction, each batch is committed on its own. */
export async function deleteInBatches(
  db: Queryable,
  erasureId: string,
  kind: SubjectKind,
  subject: Subject,
): Promise<void> {
  for (const deletion of deletionsOf(kind)) {
    for (let count = BATCH; count === BATCH; ) {
      count = await deleteRows(db, erasureId, deletion, subject);
    }
  }
}

/** The outcomes of deliveries that may name no user. Their bodies are searched for the subject's id and e-mail addresses. */
const UNATTRIBUTED = "{ignored,unreadable,quarantined,pending,dead,discarded}";

/**
 * A delivery that is about another user or object, and that has still to be applied. It may name the subject, for example as the
 * creator of an organization, or be about somebody who has signed up with the same e-mail address since: it must not be lost.
 */
const STILL_TO_APPLY =
  "(t.outcome IN ('pending', 'dead', 'unreadable') AND (t.user_id IS NOT NULL OR t.object_id IS NOT NULL))";

const emptied = `body = NULL, headers = NULL, next_attempt_at = NULL,
  outcome = CASE WHEN outcome IN ('pending', 'dead') THEN 'discarded' ELSE outcome END, settled_at = COALESCE(settled_at, now())`;

/**
 * The statements that empty the rows of a subject. `$1` to `$4` are {@link subjectValues}. A statement with a `kind` runs only
 * for subjects of this kind.
 */
const statements: { table: string; kind?: SubjectKind; text: string }[] = [
  {
    table: "deliveries",
    text: `UPDATE deliveries t SET ${emptied} FROM ${subjectSql}
      WHERE ${ofSubject} AND (t.body IS NOT NULL OR t.headers IS NOT NULL OR t.outcome IN ('pending', 'dead'))`,
  },
  {
    table: "deliveries",
    text: `UPDATE deliveries t SET ${emptied} FROM ${subjectSql}
      WHERE t.outcome = ANY ('${UNATTRIBUTED}') AND t.body IS NOT NULL AND NOT ${STILL_TO_APPLY} AND EXISTS (
        ${mentionsIn("t.body")})`,
  },
  {
    table: "deliveries",
    kind: "organization",
    // What was never applied has no row by which the id of its object would be found.
    text: `UPDATE deliveries t SET ${emptied} FROM ${subjectSql}
      WHERE t.outcome = ANY ('${UNATTRIBUTED}') AND t.organization_id = subject.id
        AND (t.body IS NOT NULL OR t.headers IS NOT NULL OR t.outcome IN ('pending', 'dead'))`,
  },
  {
    table: "versions",
    // A version that arrived after the deletion has no state (the trigger `versions_blank_on_insert`), so it is not counted.
    text: `WITH erased AS (DELETE FROM versions t USING ${subjectSql} WHERE ${ofSubject} AND NOT t.deleted RETURNING t.state)
      SELECT FROM erased WHERE state IS NOT NULL`,
  },
  {
    table: "versions",
    // Adds a version for the tombstone below. Without it, a reconciliation would report the membership as edited by hand.
    text: `INSERT INTO versions (object_table, object_id, deleted, version, event_timestamp, user_id, organization_id, occurred_at)
      SELECT 'memberships', t.id, true, 0, 0, t.user_id, t.organization_id, now() FROM memberships t, ${subjectSql}
      WHERE t.id = ANY (subject.ids) AND NOT t.deleted ON CONFLICT DO NOTHING`,
  },
  {
    table: "memberships",
    // The version and the event timestamp are 0, so that Clerk's own event for the deletion is newer and still applies.
    text: `UPDATE memberships t SET deleted = true, version = 0, event_timestamp = 0, svix_id = '', role = NULL, role_name = NULL,
        created_at = NULL, updated_at = NULL, permissions = NULL, public_metadata = NULL, private_metadata = NULL, other_attributes = NULL
      FROM ${subjectSql} WHERE t.id = ANY (subject.ids) AND NOT t.deleted`,
  },
  {
    table: "erasure_calls",
    kind: "user",
    // The invitation is revoked at Clerk. While it is pending, it can be accepted, and a reconciliation would copy its e-mail
    // address into the mirror again.
    text: `INSERT INTO erasure_calls (call, organization_id, object_id) SELECT 'revoke_invitation', t.organization_id, t.id
      FROM invitations t, ${subjectSql} WHERE t.id = ANY (subject.ids) AND NOT t.deleted AND t.status = 'pending' AND t.organization_id IS NOT NULL`,
  },
  {
    table: "invitations",
    text: `UPDATE invitations t SET deleted = true, version = 0, event_timestamp = 0, svix_id = '', email = NULL, role = NULL,
        role_name = NULL, status = NULL, user_id = NULL, expires_at = NULL, created_at = NULL, updated_at = NULL,
        public_metadata = NULL, private_metadata = NULL, other_attributes = NULL
      FROM ${subjectSql} WHERE t.id = ANY (subject.ids) AND NOT t.deleted`,
  },
  {
    table: "audit_log",
    text: `UPDATE audit_log t SET detail = t.detail - 'reason' FROM ${subjectSql}
      WHERE t.detail ? 'reason' AND t.subject IN (SELECT unnest(subject.ids) UNION ALL
        SELECT i.bulk_id::text FROM bulk_act_items i WHERE i.object_id = ANY (subject.ids))`,
  },
  {
    table: "bulk_acts",
    // While a bulk act can go on, it needs its reason.
    text: `UPDATE bulk_acts t SET reason = NULL FROM ${subjectSql} WHERE t.reason IS NOT NULL AND t.state = 'done'
      AND t.id IN (SELECT i.bulk_id FROM bulk_act_items i WHERE i.object_id = ANY (subject.ids))`,
  },
  {
    table: "domains",
    kind: "organization",
    text: `UPDATE domains t SET deleted = true, version = 0, event_timestamp = 0, svix_id = '', name = NULL, enrollment_mode = NULL,
        verification_status = NULL, created_at = NULL, updated_at = NULL
      FROM ${subjectSql} WHERE t.organization_id = subject.id AND NOT t.deleted`,
  },
];

/**
 * Empties the rows of a subject, in the caller's transaction. `cause` is recorded as the cause of the effects of deleted
 * memberships.
 */
export async function emptyRows(
  db: Queryable,
  kind: SubjectKind,
  subject: Subject,
  cause: string,
): Promise<Counts> {
  await db.query("SELECT set_config('rollcall.effect_cause', $1, true)", [cause]);
  const counts: Counts = {};
  for (const { table, kind: only = kind, text } of statements) {
    if (only !== kind) continue;
    const { rowCount } = await db.query(text, subjectValues(subject));
    // An INSERT erases nothing.
    if (rowCount && !text.startsWith("INSERT")) counts[table] = (counts[table] ?? 0) + rowCount;
  }
  await db.query("SELECT set_config('rollcall.effect_cause', '', true)");
  for (const { table, emptiedBy, columns, [kind]: where } of registry) {
    if (emptiedBy === undefined || where === undefined) continue;
    const erased = Object.keys(columns).filter((name) => columns[name] === "erased");
    // Leaves out rows that are already empty: they would count again.
    const isFilled = erased.map((name) => `t.${name} IS NOT NULL`).join(" OR ");
    const { rowCount } = await db.query(
      `UPDATE ${table} t SET ${emptiedBy} FROM ${subjectSql} WHERE ${where} AND (${isFilled})`,
      subjectValues(subject),
    );
    if (rowCount) counts[table] = (counts[table] ?? 0) + rowCount;
  }
  return counts;
}
