/**
 * Reads the visible rows of one subject (a webhook handler under test) as lines of a {@link View}, grouped by simulated history.
 * Every id contains the key of its history.
 */
import type pg from "pg";
import { z } from "zod";
import { SECRET } from "./clerk-objects";
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

/** Selects violations: personal data left on a deleted user, stored secrets, and rows whose version ever decreased. */
const VIOLATIONS = `
  SELECT 'data of deleted ' || id AS line FROM users
    WHERE deleted AND num_nonnulls(email, username, first_name, last_name, image_url, phone_number, identifiers, external_id,
      email_addresses, phone_numbers, external_accounts, public_metadata, unsafe_metadata, other_attributes) > 0
  UNION ALL SELECT 'metadata of a membership of deleted ' || user_id FROM memberships m JOIN users u ON u.id = m.user_id
    WHERE u.deleted AND num_nonnulls(m.public_metadata, m.other_attributes) > 0
  UNION ALL SELECT 'history of deleted ' || user_id FROM versions v JOIN users u ON u.id = v.user_id
    WHERE u.deleted AND v.state IS NOT NULL
  UNION ALL SELECT 'secret in ' || id FROM users WHERE users::text LIKE '%${SECRET}%'
  UNION ALL SELECT 'secret in ' || id FROM invitations WHERE invitations::text LIKE '%${SECRET}%'
  UNION ALL SELECT 'secret in the history of ' || object_id FROM versions WHERE state::text LIKE '%${SECRET}%'
  UNION ALL SELECT 'secret in a delivery about ' || object_id FROM deliveries
    WHERE position(convert_to('${SECRET}', 'UTF8') IN body) > 0
  UNION ALL SELECT 'version decreased: ' || line FROM regressions`;

const mirrored = ["users", "organizations", "memberships", "invitations"]
  .map(
    (table) =>
      `SELECT id, (NOT deleted AND version > 0) AS is_shown, to_jsonb(t) - generated_columns() AS state FROM ${table} t`,
  )
  .join(" UNION ALL ");

/**
 * Returns SQL for the content of a row whose changes cause effects. The metadata of a deleted user's membership is cleared
 * without an effect.
 */
const content = (state: string) =>
  `(effect_content(${state}) - CASE WHEN is_of_deleted THEN '{public_metadata,private_metadata,other_attributes}'::text[] ELSE '{}' END)`;

/**
 * Selects violations of these rules. The effect jobs of each object form one life cycle: created, updated, deleted. The
 * `previous` of a job equals the `current` of the job before. The last `current` equals the object's row in the mirror. An object
 * that was already deleted when it was first stored has no job.
 */
const EFFECT_VIOLATIONS = `
  WITH objects AS (${mirrored}),
  jobs AS (
    SELECT j.*, lag(j.change) OVER life AS change_before, lag(j.current) OVER life AS current_before,
      lead(j.id) OVER life IS NULL AS is_last,
      j.object_table = 'memberships' AND EXISTS (SELECT FROM users u WHERE u.id = j.user_id AND u.deleted) AS is_of_deleted
    FROM effect_jobs j WINDOW life AS (PARTITION BY j.object_id ORDER BY j.id)
  )
  SELECT 'effect ' || change || ' after ' || coalesce(change_before, 'nothing') || ' of ' || object_id AS line FROM jobs
    WHERE (change = 'created') <> (change_before IS NULL) OR change_before = 'deleted'
  UNION ALL SELECT 'effect ' || change || ' does not begin where the one before ended: ' || object_id FROM jobs
    WHERE change <> 'created' AND ${content("previous")} IS DISTINCT FROM ${content("current_before")}
  UNION ALL SELECT 'effect updated without a newer version of ' || object_id FROM jobs
    WHERE change = 'updated' AND (effect_content(previous) = effect_content(current)
      OR (previous -> 'version', previous -> 'event_timestamp', previous -> 'svix_id')
        = (current -> 'version', current -> 'event_timestamp', current -> 'svix_id'))
  UNION ALL SELECT 'no effect deleted of ' || j.object_id FROM jobs j JOIN objects o ON o.id = j.object_id
    WHERE is_last AND change <> 'deleted' AND NOT o.is_shown
  UNION ALL SELECT 'the last effect does not lead to the row of ' || j.object_id FROM jobs j JOIN objects o ON o.id = j.object_id
    WHERE is_last AND o.is_shown AND (change = 'deleted' OR ${content("current")} IS DISTINCT FROM ${content("o.state")})
  UNION ALL SELECT 'no effect of ' || s.id FROM ever_shown s WHERE NOT EXISTS (SELECT FROM jobs j WHERE j.object_id = s.id)
  UNION ALL SELECT 'effect of what was never shown: ' || j.object_id FROM jobs j
    WHERE NOT EXISTS (SELECT FROM ever_shown s WHERE s.id = j.object_id)`;

const keyOf = (text: string) => /_(\d+)x\d+/.exec(text)?.[1] ?? "";

/** Resolves to the visible rows of each history, by the history's key, and to all violations. */
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
  const violations: View = [];
  for (const query of [VIOLATIONS, EFFECT_VIOLATIONS]) {
    const { rows } = await observer.query<{ line: string }>(query);
    violations.push(...rows.map((each) => each.line));
  }
  return { views, violations };
}

export const violationsOf = (violations: View, key: string) =>
  violations.filter((text) => keyOf(text) === key);
