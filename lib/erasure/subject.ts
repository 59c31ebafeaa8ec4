/** The subject of an erasure or export: a user or an organization, with the values that the registry's conditions need. */
import type { Queryable } from "../db";

export type SubjectKind = "user" | "organization";

export type Subject = {
  id: string;
  /** The person's e-mail addresses, in lower case. */
  addresses: string[];
  /** The subject's id, and the ids of the subject's memberships, invitations and domains. */
  ids: string[];
};

/** The FROM item `subject` that the registry's conditions refer to. Its parameters are {@link subjectValues}. */
export const subjectSql =
  "(SELECT $1::text AS id, $2::text[] AS addresses, $3::text[] AS ids) AS subject";

/** Finds rows by the user's id and by the subject's ids: an invitation has only the e-mail address, not the user's id. */
export const ofSubject = "(t.user_id = subject.id OR t.object_id = ANY (subject.ids))";

export const subjectValues = ({ id, addresses, ids }: Subject) => [id, addresses, ids];

const IDS: Record<SubjectKind, string> = {
  user: `SELECT id FROM memberships WHERE user_id = $1
    UNION ALL SELECT id FROM invitations WHERE user_id = $1 OR lower(email) = ANY ($2::text[])`,
  organization: `SELECT id FROM memberships WHERE organization_id = $1
    UNION ALL SELECT id FROM invitations WHERE organization_id = $1
    UNION ALL SELECT id FROM domains WHERE organization_id = $1 AND $2::text[] IS NOT NULL`,
};

/** Reads the ids that belong to the subject. `addresses` are passed in, because the row of a deleted user no longer has them. */
export async function subjectOf(
  db: Queryable,
  kind: SubjectKind,
  id: string,
  addresses: string[],
): Promise<Subject> {
  const { rows } = await db.query<{ id: string }>(IDS[kind], [id, addresses]);
  return { id, addresses, ids: [id, ...rows.map((row) => row.id)] };
}
