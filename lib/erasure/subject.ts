/** Who is erased or exported: a user or an organization, as the conditions of the registry need it. */
import type { Queryable } from "../db";

export type SubjectKind = "user" | "organization";

export type Subject = {
  id: string;
  /** The person's e-mail addresses, in lower case. */
  addresses: string[];
  /** The subject's id, and the ids of what belongs to it: memberships, invitations, domains. */
  ids: string[];
};

/** The FROM item with which the registry's conditions find rows. Its parameters are {@link subjectValues}. */
export const subjectSql =
  "(SELECT $1::text AS id, $2::text[] AS addresses, $3::text[] AS ids) AS subject";

export const subjectValues = ({ id, addresses, ids }: Subject) => [id, addresses, ids];

const IDS: Record<SubjectKind, string> = {
  user: `SELECT id FROM memberships WHERE user_id = $1
    UNION ALL SELECT id FROM invitations WHERE user_id = $1 OR lower(email) = ANY ($2::text[])`,
  organization: `SELECT id FROM memberships WHERE organization_id = $1
    UNION ALL SELECT id FROM invitations WHERE organization_id = $1
    UNION ALL SELECT id FROM domains WHERE organization_id = $1 AND $2::text[] IS NOT NULL`,
};

/** `addresses` are those of a deleted user, whose row has none any more. */
export async function subjectOf(
  db: Queryable,
  kind: SubjectKind,
  id: string,
  addresses: string[],
): Promise<Subject> {
  const { rows } = await db.query<{ id: string }>(IDS[kind], [id, addresses]);
  return { id, addresses, ids: [id, ...rows.map((row) => row.id)] };
}
