/** Reads the mirrored user and the state of one session in one statement. Makes no access decision. */
import { z } from "zod";
import { database } from "../db";

const membership = z.object({
  id: z.string(),
  organizationId: z.string(),
  role: z.string().nullable(),
});

const row = z.object({
  id: z.string(),
  /** `unknown`: the user has no row, or only a stub row, which was added for a membership before the user was mirrored. */
  state: z.enum(["mirrored", "deleted", "unknown"]),
  email: z.string().nullable(),
  phoneNumber: z.string().nullable(),
  username: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  imageUrl: z.string().nullable(),
  createdAt: z.date().nullable(),
  isBanned: z.boolean(),
  isAdmin: z.boolean(),
  handle: z.string().nullable(),
  /** True if the session was signed out, ended or revoked. Its tokens are refused even before they expire. */
  isSessionOver: z.boolean(),
  /** Memberships where neither the membership nor the organization is deleted or a stub row; newest first. */
  memberships: z.array(membership),
  /** Ids of the user's organizations that are only stubs: the membership event arrived before the organization's event. */
  stubOrganizationIds: z.array(z.string()),
});

export type SessionUser = z.output<typeof row>;

const FIND = `
  SELECT input.id,
    CASE WHEN u.deleted THEN 'deleted' WHEN u.version > 0 THEN 'mirrored' ELSE 'unknown' END AS state,
    u.email, u.phone_number AS "phoneNumber", u.username, u.first_name AS "firstName", u.last_name AS "lastName", u.image_url AS "imageUrl",
    u.created_at AS "createdAt",
    coalesce(u.is_banned, false) AS "isBanned",
    coalesce(u.is_admin, false) AS "isAdmin",
    (SELECT h.handle FROM handles h WHERE h.user_id = input.id) AS handle,
    EXISTS (
      SELECT FROM sessions s
      WHERE s.id = $2 AND (s.deleted OR s.status <> ALL ('{active,pending}'))
    ) AS "isSessionOver",
    coalesce((
      SELECT jsonb_agg(
        jsonb_build_object('id', m.id, 'organizationId', m.organization_id, 'role', m.role)
        ORDER BY m.created_at DESC NULLS LAST, m.id DESC
      )
      FROM memberships m JOIN organizations o ON o.id = m.organization_id
      WHERE m.user_id = input.id AND NOT m.deleted AND m.version > 0 AND NOT o.deleted AND o.version > 0
    ), '[]') AS memberships,
    coalesce((
      SELECT jsonb_agg(m.organization_id)
      FROM memberships m JOIN organizations o ON o.id = m.organization_id
      WHERE m.user_id = input.id AND NOT m.deleted AND m.version > 0 AND NOT o.deleted AND o.version = 0
    ), '[]') AS "stubOrganizationIds"
  FROM (VALUES ($1::text)) AS input(id) LEFT JOIN users u ON u.id = input.id`;

export async function findSessionUser(userId: string, sessionId: string): Promise<SessionUser> {
  const { rows } = await database().pool.query({
    name: "find session user",
    text: FIND,
    values: [userId, sessionId],
  });
  return row.parse(rows[0]);
}
