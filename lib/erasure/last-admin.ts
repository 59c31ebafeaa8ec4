/** Finds the organizations because of which LAST_ADMIN_POLICY refuses the deletion of a user. */
import { database } from "../db";
import { env } from "../env";

/**
 * True for a membership `a` of a user who stays. A deleted user does not count, also while the erasure is held and the membership
 * not yet erased. Neither does one whose deletion was just requested: Clerk's webhook may still be on its way, so that one admin
 * after the other could be deleted.
 */
const STAYS = `NOT a.deleted AND a.version > 0 AND a.user_id <> $1
  AND EXISTS (SELECT FROM users u WHERE u.id = a.user_id AND NOT u.deleted)
  AND NOT EXISTS (SELECT FROM erasures e WHERE (e.subject_kind, e.subject_id) = ('user', a.user_id)
    AND e.step IN ('requested', 'undone') AND e.requested_by IS NOT NULL AND e.requested_at > now() - interval '1 hour')`;

const SOLE = `SELECT o.name FROM memberships m JOIN organizations o ON o.id = m.organization_id
  WHERE m.user_id = $1 AND m.role = 'org:admin' AND NOT m.deleted AND m.version > 0 AND NOT o.deleted AND o.version > 0
    AND NOT EXISTS (SELECT FROM memberships a WHERE a.organization_id = o.id AND a.role = 'org:admin' AND ${STAYS})
    AND EXISTS (SELECT FROM memberships a WHERE a.organization_id = o.id AND ${STAYS})
  ORDER BY o.name, o.id`;

export const ONLY_ADMIN_ADVICE = "Make another member an admin first, or delete the organization.";

/** The refusal without names, because it is stored. */
export const ONLY_ADMIN_MESSAGE = `The only admin of an organization. ${ONLY_ADMIN_ADVICE}`;

/** Thrown when LAST_ADMIN_POLICY refuses the deletion of a user. */
export class OnlyAdmin extends Error {
  override name = "OnlyAdmin";
  override message = ONLY_ADMIN_MESSAGE;
}

/** More names than this are not listed: the message must be readable. */
const LISTED = 5;

/**
 * Resolves to the names of the organizations that would keep members but lose their only admin, as in "Acme, Globex and 3 more".
 * Null if there is none, or if the policy is not `refuse`.
 */
export async function findRefusingOrganizations(userId: string): Promise<string | null> {
  if (env().lastAdminPolicy !== "refuse") return null;
  const { rows } = await database().pool.query<{ name: string | null }>(SOLE, [userId]);
  if (rows.length === 0) return null;
  const names = rows.map(({ name }) => name ?? "an organization without a name");
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : "";
  return `${names.slice(0, LISTED).join(", ")}${more}`;
}
