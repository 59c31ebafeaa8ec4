/** What a reader sees in a subject's tables, as lines of {@link View}, told apart by the key of their history. */
import type pg from "pg";
import { z } from "zod";
import { line, type View } from "./model";

const row = z.object({
  id: z.string(),
  fields: z.record(z.string(), z.union([z.string(), z.boolean(), z.null()])),
});

const live = (table: string) => `(NOT ${table}.deleted AND ${table}.version > 0)`;

const SEE = `
  SELECT id, json_build_object('name', first_name, 'username', username, 'email', email, 'banned', is_banned) AS fields
    FROM users WHERE ${live("users")}
  UNION ALL
  SELECT id, json_build_object('name', name, 'slug', slug) FROM organizations WHERE ${live("organizations")}
  UNION ALL
  SELECT i.id, json_build_object('email', email, 'role', role, 'status', status)
    FROM invitations i JOIN organizations o ON o.id = i.organization_id WHERE ${live("i")} AND ${live("o")}
  UNION ALL
  SELECT m.id, json_build_object('user', user_id, 'organization', organization_id, 'role', role)
    FROM memberships m JOIN users u ON u.id = m.user_id JOIN organizations o ON o.id = m.organization_id
    WHERE ${live("m")} AND ${live("u")} AND ${live("o")}`;

/** A deleted person of whom something is left; and any row that was ever older than it had been. */
const WRONG = `
  SELECT 'data of the deleted ' || id AS line FROM users
    WHERE deleted AND (email, username, first_name, last_name, image_url) IS DISTINCT FROM (NULL, NULL, NULL, NULL, NULL)
  UNION ALL SELECT 'history of the deleted ' || user_id FROM versions v JOIN users u ON u.id = v.user_id
    WHERE u.deleted AND v.state IS NOT NULL
  UNION ALL SELECT 'went back: ' || line FROM regressions`;

const keyOf = (text: string) => /_(\d+)x\d+/.exec(text)?.[1] ?? "";

/** By key: what is seen, and what must never be. */
export async function see(observer: pg.Client): Promise<{ views: Map<string, View>; wrong: View }> {
  const views = new Map<string, View>();
  const { rows } = await observer.query(SEE);
  for (const each of z.array(row).parse(rows)) {
    const key = keyOf(each.id);
    views.set(key, [...(views.get(key) ?? []), line(each)]);
  }
  for (const view of views.values()) view.sort();
  const wrong = await observer.query<{ line: string }>(WRONG);
  return { views, wrong: wrong.rows.map((each) => each.line) };
}

export const wrongOf = (wrong: View, key: string) => wrong.filter((text) => keyOf(text) === key);
