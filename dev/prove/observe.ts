/** Reads the visible rows of a subject's tables as lines of a {@link View}, grouped by the key of their history. */
import type pg from "pg";
import { z } from "zod";
import { line, type View } from "./model";

const row = z.object({
  id: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.boolean(), z.null()])),
});

const notDeleted = (table: string) => `(NOT ${table}.deleted AND ${table}.version > 0)`;

const VISIBLE_ROWS = `
  SELECT id, json_build_object('name', first_name, 'username', username, 'email', email, 'banned', is_banned) AS fields
    FROM users WHERE ${notDeleted("users")}
  UNION ALL
  SELECT id, json_build_object('name', name, 'slug', slug) FROM organizations WHERE ${notDeleted("organizations")}
  UNION ALL
  SELECT i.id, json_build_object('email', email, 'role', role, 'status', status)
    FROM invitations i JOIN organizations o ON o.id = i.organization_id WHERE ${notDeleted("i")} AND ${notDeleted("o")}
  UNION ALL
  SELECT m.id, json_build_object('user', user_id, 'organization', organization_id, 'role', role)
    FROM memberships m JOIN users u ON u.id = m.user_id JOIN organizations o ON o.id = m.organization_id
    WHERE ${notDeleted("m")} AND ${notDeleted("u")} AND ${notDeleted("o")}`;

/** Personal data left on a deleted user, and rows whose version ever decreased. */
const VIOLATIONS = `
  SELECT 'data of deleted ' || id AS line FROM users
    WHERE deleted AND (email, username, first_name, last_name, image_url) IS DISTINCT FROM (NULL, NULL, NULL, NULL, NULL)
  UNION ALL SELECT 'history of deleted ' || user_id FROM versions v JOIN users u ON u.id = v.user_id
    WHERE u.deleted AND v.state IS NOT NULL
  UNION ALL SELECT 'version decreased: ' || line FROM regressions`;

const keyOf = (text: string) => /_(\d+)x\d+/.exec(text)?.[1] ?? "";

/** Resolves to the view of each history, by key, and to all violations. */
export async function observe(
  observer: pg.Client,
): Promise<{ views: Map<string, View>; violations: View }> {
  const views = new Map<string, View>();
  const { rows } = await observer.query(VISIBLE_ROWS);
  for (const each of z.array(row).parse(rows)) {
    const key = keyOf(each.id);
    views.set(key, [...(views.get(key) ?? []), line(each)]);
  }
  for (const view of views.values()) view.sort();
  const violations = await observer.query<{ line: string }>(VIOLATIONS);
  return { views, violations: violations.rows.map((each) => each.line) };
}

export const violationsOf = (violations: View, key: string) =>
  violations.filter((text) => keyOf(text) === key);
