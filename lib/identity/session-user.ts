/** The person behind a token, as the mirror has them: one statement, parsed. Decides nothing. */
import { z } from "zod";
import { database } from "../db";

const membership = z.object({
  id: z.string(),
  organizationId: z.string(),
  role: z.string().nullable(),
});

const row = z.object({
  id: z.string(),
  /** `unknown`: no event of them has come. A stub, which holds the place of somebody's membership, is no better. */
  state: z.enum(["mirrored", "deleted", "unknown"]),
  email: z.string().nullable(),
  username: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  imageUrl: z.string().nullable(),
  createdAt: z.date().nullable(),
  isBanned: z.boolean(),
  isAdmin: z.boolean(),
  handle: z.string().nullable(),
  /** Signed out, ended or revoked: no token of it counts any more. */
  isSessionOver: z.boolean(),
  /** Live memberships of live organizations, newest first. */
  memberships: z.array(membership),
  /** Of which only the membership has come so far: there are memberships of them as soon as they come themselves. */
  stubOrganizationIds: z.array(z.string()),
});

export type SessionUser = z.output<typeof row>;

const FIND = `
  SELECT asked.id,
    CASE WHEN u.deleted THEN 'deleted' WHEN u.version > 0 THEN 'mirrored' ELSE 'unknown' END AS state,
    u.email, u.username, u.first_name AS "firstName", u.last_name AS "lastName", u.image_url AS "imageUrl",
    u.created_at AS "createdAt",
    coalesce(u.is_banned, false) AS "isBanned",
    coalesce(u.is_admin, false) AS "isAdmin",
    (SELECT h.handle FROM handles h WHERE h.user_id = asked.id) AS handle,
    EXISTS (
      SELECT FROM sessions s
      WHERE s.id = $2 AND (s.deleted OR s.status <> ALL ('{active,pending}'))
    ) AS "isSessionOver",
    coalesce((
      SELECT jsonb_agg(
        jsonb_build_object('id', m.id, 'organizationId', m.organization_id, 'role', m.role)
        ORDER BY m.created_at DESC, m.id DESC
      )
      FROM memberships m JOIN organizations o ON o.id = m.organization_id
      WHERE m.user_id = asked.id AND NOT m.deleted AND m.version > 0 AND NOT o.deleted AND o.version > 0
    ), '[]') AS memberships,
    coalesce((
      SELECT jsonb_agg(m.organization_id)
      FROM memberships m JOIN organizations o ON o.id = m.organization_id
      WHERE m.user_id = asked.id AND NOT m.deleted AND m.version > 0 AND NOT o.deleted AND o.version = 0
    ), '[]') AS "stubOrganizationIds"
  FROM (VALUES ($1::text)) AS asked(id) LEFT JOIN users u ON u.id = asked.id`;

export async function findSessionUser(userId: string, sessionId: string): Promise<SessionUser> {
  const { rows } = await database().pool.query({
    name: "find session user",
    text: FIND,
    values: [userId, sessionId],
  });
  return row.parse(rows[0]);
}
