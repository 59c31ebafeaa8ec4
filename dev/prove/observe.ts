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
  SELECT id, json_build_object('name', first_name, 'username', username, 'email', email, 'banned', is_banned,
      'plan', public_metadata ->> 'plan', 'phone', phone_numbers -> 0 ->> 'phone_number', 'locale', other_attributes ->> 'locale') AS fields
    FROM users WHERE ${notDeleted("users")}
  UNION ALL
  SELECT id, json_build_object('name', name, 'slug', slug, 'plan', public_metadata ->> 'plan') FROM organizations WHERE ${notDeleted("organizations")}
  UNION ALL
  SELECT i.id, json_build_object('email', email, 'role', role, 'status', status, 'plan', i.public_metadata ->> 'plan')
    FROM invitations i JOIN organizations o ON o.id = i.organization_id WHERE ${notDeleted("i")} AND ${notDeleted("o")}
  UNION ALL
  SELECT m.id, json_build_object('user', user_id, 'organization', organization_id, 'role', role, 'title', m.public_metadata ->> 'title')
    FROM memberships m JOIN users u ON u.id = m.user_id JOIN organizations o ON o.id = m.organization_id
    WHERE ${notDeleted("m")} AND ${notDeleted("u")} AND ${notDeleted("o")}`;

/** Personal data left on a deleted user, and rows whose version ever decreased. */
const VIOLATIONS = `
  SELECT 'data of deleted ' || id AS line FROM users
    WHERE deleted AND num_nonnulls(email, username, first_name, last_name, image_url, phone_number, identifiers, external_id,
      email_addresses, phone_numbers, external_accounts, public_metadata, unsafe_metadata, other_attributes) > 0
  UNION ALL SELECT 'metadata of a membership of deleted ' || user_id FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE u.deleted AND num_nonnulls(m.public_metadata, m.other_attributes) > 0
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
