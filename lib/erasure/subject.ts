/** The subject of an erasure or export: a user or an organization, with the values that the registry's conditions need. */
import type { Queryable } from "../db";

export type SubjectKind = "user" | "organization";

/** The table that has the subject's own row. */
export const subjectTables: Record<SubjectKind, string> = {
  user: "users",
  organization: "organizations",
};

export type Subject = {
  id: string;
  /** The person's e-mail addresses, in lower case. */
  addresses: string[];
  /** The subject's id, and the ids of the subject's memberships, invitations and domains. */
  ids: string[];
  /**
   * When the subject was deleted, by Clerk's clock; null for a live subject. A newer invitation to one of the addresses is for
   * somebody who has signed up with this address since.
   */
  deletedAt: Date | null;
};

/** The FROM item `subject` that the registry's conditions refer to. Its parameters are {@link subjectValues}. */
export const subjectSql =
  "(SELECT $1::text AS id, $2::text[] AS addresses, $3::text[] AS ids, $4::timestamptz AS deleted_at) AS subject";

/**
 * The SQL condition that finds the rows `t` of the subject. The user's id alone is not enough, because an invitation may have
 * only the e-mail address. Rows about an invitation are found by its own id, which is in `ids`.
 */
export const ofSubject = "(t.user_id = subject.id OR t.object_id = ANY (subject.ids))";

export const subjectValues = ({ id, addresses, ids, deletedAt }: Subject) => [
  id,
  addresses,
  ids,
  deletedAt,
];

/** The SQL condition that finds the invitations `t` of the subject. */
export const invitationOfSubject = `(t.user_id = subject.id OR lower(t.email) = ANY (subject.addresses)
  AND coalesce(t.created_at <= subject.deleted_at, true))`;

const IDS: Record<SubjectKind, string> = {
  user: `SELECT id FROM memberships WHERE user_id = $1
    UNION SELECT t.id FROM invitations t, ${subjectSql} WHERE ${invitationOfSubject}`,
  organization: `SELECT id FROM memberships WHERE organization_id = $1
    UNION SELECT id FROM invitations WHERE organization_id = $1
    UNION SELECT t.id FROM domains t, ${subjectSql} WHERE t.organization_id = subject.id`,
};

/**
 * Selects the ids that the first step of the erasure found. Later steps cannot find all of them, because an emptied invitation
 * has no e-mail address any more.
 */
const FOUND_BEFORE = `UNION SELECT f.id FROM erased_ids f JOIN erasures e ON e.id = f.erasure_id
  WHERE (e.subject_kind, e.subject_id) = ($5, $1) AND f.id <> $1`;

/**
 * Reads the ids that belong to the subject. The addresses are passed in, because the row of a deleted user no longer has them.
 */
export async function subjectOf(
  db: Queryable,
  kind: SubjectKind,
  given: Omit<Subject, "ids">,
): Promise<Subject> {
  const { rows } = await db.query<{ id: string }>(`${IDS[kind]} ${FOUND_BEFORE}`, [
    ...subjectValues({ ...given, ids: [] }),
    kind,
  ]);
  return { ...given, ids: [given.id, ...rows.map((row) => row.id)] };
}

const INVITATION_EVENTS =
  "{organizationInvitation.created,organizationInvitation.accepted,organizationInvitation.revoked}";

/**
 * The index of deliveries is on the first 100 characters of the type. 'escape' leaves ASCII unchanged and accepts any bytes. The
 * quotes keep joann@example.com apart from ann@example.com.
 */
const FORMER_INVITATIONS = `
  SELECT t.object_id AS id FROM deliveries t WHERE left(t.type, 100) = ANY ('${INVITATION_EVENTS}') AND t.body IS NOT NULL
    AND t.object_id IS NOT NULL AND coalesce(t.occurred_at <= $2, true) AND EXISTS (SELECT FROM unnest($1::text[]) AS address
      WHERE position(encode(convert_to('"' || address || '"', 'UTF8'), 'escape') IN lower(encode(t.body, 'escape'))) > 0)
  UNION
  SELECT j.object_id FROM effect_jobs j JOIN invitations i ON i.id = j.object_id AND i.deleted
    WHERE lower(coalesce(j.previous, j.current) ->> 'email') = ANY ($1::text[])
      AND coalesce((coalesce(j.previous, j.current) ->> 'created_at')::timestamptz <= $2, true)`;

/**
 * Adds the ids of deleted invitations that were addressed to the person. The rows of these invitations have lost the e-mail
 * address, but stored webhooks and effect jobs still contain it. Reads stored webhooks, so only the steps that erase rows call
 * it.
 */
export async function withFormerInvitations(db: Queryable, subject: Subject): Promise<Subject> {
  if (subject.addresses.length === 0) return subject;
  const { rows } = await db.query<{ id: string }>(FORMER_INVITATIONS, [
    subject.addresses,
    subject.deletedAt,
  ]);
  return { ...subject, ids: [...new Set([...subject.ids, ...rows.map(({ id }) => id)])] };
}
