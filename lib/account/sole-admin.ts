/** Finds the organizations that have other members, but no other admin than a given user. */
import { database } from "../db";

const SOLE = `SELECT o.name FROM memberships m JOIN organizations o ON o.id = m.organization_id
  WHERE m.user_id = $1 AND m.role = 'org:admin' AND NOT m.deleted AND m.version > 0 AND NOT o.deleted AND o.version > 0
    AND NOT EXISTS (SELECT FROM memberships a WHERE a.organization_id = o.id AND a.user_id <> $1 AND a.role = 'org:admin'
      AND NOT a.deleted AND a.version > 0)
    AND EXISTS (SELECT FROM memberships a WHERE a.organization_id = o.id AND a.user_id <> $1 AND NOT a.deleted AND a.version > 0)
  ORDER BY o.name, o.id`;

/** Resolves to the names of the organizations whose only admin is this user, and which have other members. */
export async function findSoleAdminOrganizations(userId: string): Promise<string[]> {
  const { rows } = await database().pool.query<{ name: string | null }>(SOLE, [userId]);
  return rows.map(({ name }) => name ?? "an organization without a name");
}
