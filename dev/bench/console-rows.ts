/**
 * The rows of `npm run bench:console`, generated in SQL: the values of a row depend only on its number, so each run has the same
 * rows. Flags, providers and outcomes are as unevenly distributed as in production: most users are active, few are banned.
 */
import type pg from "pg";

export type Sizes = { users: number; organizations: number; deliveries: number };

/** A number from 0 to 99,999 that looks random and depends only on `n` and the salt. */
const hash = (salt: number, n = "n") => `(hashint4extended(${n}::int, ${salt}) & 1048575) % 100000`;
const chance = (salt: number, percent: number) => `${hash(salt)} < ${percent * 1_000}`;
/** A time in the past `days` days, the more likely the more recent. */
const ago = (salt: number, days: number) =>
  `now() - power(${hash(salt)} / 100000.0, 2) * interval '${days} days' - n % 1000 * interval '1 ms'`;
const pick = (salt: number, values: string[]) =>
  `(ARRAY['${values.join("','")}'])[1 + ${hash(salt)} % ${values.length}]`;

const firstNames =
  "Ada Amara Anna Ben Bianca Carlos Chen Clara Daniel Dara Elena Emil Farah Felix Grace Hana Hugo Ida Ivan Jana Jonas Kofi Lara Leo Lina Luca Maja Marco Mina Nadia Noah Nora Olga Oscar Paula Priya Rafael Rosa Sami Sara Sofia Tara Theo Tomas Uma Vera Viktor Wanda Yara Zoe".split(
    " ",
  );
const lastNames =
  "Adler Aguilar Bauer Berg Brandt Castro Chandra Costa Dahl Diaz Duarte Ekström Farrell Fischer Fontaine Garcia Grant Haddad Hansen Hoffmann Ibarra Ito Jansen Jensen Kaur Keller Khan Kim Kovacs Larsen Lehmann Lindqvist Lopez Mbeki Meyer Moreau Nakamura Novak Okafor Olsen Ortega Park Patel Petrov Quinn Ramos Rossi Santos Sato Schmidt Silva Singh Sørensen Suzuki Tanaka Torres Ueda Vargas Vogel Wagner Weber Wong Yamada Yılmaz Zhang Ziegler".split(
    " ",
  );
const words =
  "Acme Alpine Amber Atlas Beacon Birch Cedar Cobalt Copper Coral Delta Echo Ember Falcon Fern Garnet Harbor Hazel Indigo Juniper Kestrel Lark Linden Lumen Maple Meridian Nimbus North Oak Onyx Opal Orchid Pine Quartz Raven River Sable Sierra Slate Solar Sparrow Summit Terra Thistle Umber Vale Violet Willow Wren Zephyr".split(
    " ",
  );
const trades =
  "Press Labs Foods Studio Systems Logistics Energy Health Capital Media Travel Works Supply Robotics Design Partners Research Textiles Motors Games".split(
    " ",
  );

const userId = (n = "n") =>
  `'user_' || translate(md5((${n})::text), 'abcdef', 'KQRXYZ') || lpad((${n})::text, 7, '0')`;
const organizationId = (n = "n") =>
  `'org_' || translate(md5((${n})::text), 'abcdef', 'KQRXYZ') || lpad((${n})::text, 7, '0')`;

/** One organization has this share of all memberships. */
const LARGEST = 0.02;

const insertUsers = ({ users }: Sizes) => `
  INSERT INTO users (id, version, deleted, email, is_email_verified, identifiers, phone_number, username, external_id, first_name,
    last_name, is_banned, is_locked, is_admin, password_enabled, two_factor_enabled, has_passkey, external_accounts, image_url,
    created_at, updated_at, last_active_at, last_sign_in_at)
  SELECT ${userId()}, 1, deleted, email, ${chance(11, 90)}, email, CASE WHEN ${chance(12, 20)} THEN '+1555' || lpad(n::text, 7, '0') END,
    CASE WHEN ${chance(13, 50)} THEN lower(first_name) || '_' || n END, CASE WHEN ${chance(14, 30)} THEN 'crm-' || n END,
    first_name, last_name, ${chance(15, 0.1)}, ${chance(16, 0.2)}, n % 50000 = 0, ${chance(17, 70)}, ${chance(18, 15)}, ${chance(19, 3)},
    CASE WHEN ${chance(20, 40)} THEN '[{"provider": "oauth_google"}]'::jsonb
      WHEN ${chance(21, 5)} THEN '[{"provider": "oauth_github"}]' WHEN ${chance(22, 0.1)} THEN '[{"provider": "oauth_apple"}]' END,
    'https://img.clerk.com/' || n, created_at, created_at + power(${hash(23)} / 100000.0, 2) * (now() - created_at),
    CASE WHEN ${chance(24, 90)} THEN created_at + ${hash(25)} / 100000.0 * (now() - created_at) END,
    CASE WHEN ${chance(24, 85)} THEN created_at + ${hash(26)} / 100000.0 * (now() - created_at) END
  FROM (
    SELECT n, deleted, CASE WHEN NOT deleted THEN lower(first_name) || '.' || n || '@' || ${pick(5, ["example.com", "example.org", "mail.example"])} END AS email,
      CASE WHEN NOT deleted THEN first_name END AS first_name, CASE WHEN NOT deleted THEN last_name END AS last_name, created_at
    FROM (
      SELECT n, ${chance(1, 1)} AS deleted, ${pick(2, firstNames)} AS first_name, ${pick(3, lastNames)} AS last_name, ${ago(4, 1_800)} AS created_at
      FROM generate_series(1, ${users}) n
    ) named
  ) addressed`;

/** Two thirds of the users are members: some of the largest organization, the others of any. */
const insertMemberships = ({ users, organizations }: Sizes) => `
  INSERT INTO memberships (id, version, user_id, organization_id, role, role_name, created_at, updated_at)
  SELECT 'orgmem_' || translate(md5(n::text), 'abcdef', 'KQRXYZ') || lpad(n::text, 7, '0'), 1, ${userId()},
    CASE WHEN ${chance(31, LARGEST * 100)} THEN ${organizationId("1")} ELSE ${organizationId(`1 + (hashint4extended(n::int, 32) & 2147483647) % ${organizations}`)} END,
    CASE WHEN ${chance(33, 10)} THEN 'org:admin' ELSE 'org:member' END, CASE WHEN ${chance(33, 10)} THEN 'Admin' ELSE 'Member' END,
    ${ago(34, 900)}, ${ago(35, 900)}
  FROM generate_series(1, ${users}) n WHERE ${chance(30, 66)}`;

const insertOrganizations = ({ users, organizations }: Sizes) => `
  INSERT INTO organizations (id, version, deleted, name, slug, created_by, max_allowed_memberships, admin_delete_enabled, image_url,
    created_at, updated_at, members_count)
  SELECT o.id, 1, ${chance(41, 1)}, name, lower(replace(name, ' ', '-')) || '-' || n, ${userId(`1 + n % ${users}`)},
    CASE WHEN ${chance(42, 20)} THEN (ARRAY[5, 10, 50, 100])[1 + n % 4] ELSE 0 END, ${chance(43, 95)}, 'https://img.clerk.com/' || n,
    created_at, created_at + power(${hash(44)} / 100000.0, 2) * (now() - created_at), coalesce(c.count, 0)
  FROM (
    SELECT n, ${organizationId()} AS id, ${pick(45, words)} || ' ' || ${pick(46, words)} || ' ' || ${pick(47, trades)} AS name, ${ago(48, 1_800)} AS created_at
    FROM generate_series(1, ${organizations}) n
  ) o LEFT JOIN (SELECT organization_id, count(*)::int AS count FROM memberships GROUP BY 1) c ON c.organization_id = o.id`;

const insertDeliveries = ({ users, deliveries }: Sizes) => `
  INSERT INTO deliveries (svix_id, sha256, type, object_id, user_id, instance_id, outcome, attempts, error, unread, occurred_at, received_at, settled_at)
  SELECT 'msg_' || translate(md5(n::text), 'abcdef', 'KQRXYZ') || lpad(n::text, 7, '0'), '\\x00', type, object_id, CASE WHEN type LIKE 'user.%' THEN object_id END, 'ins_bench',
    outcome, CASE WHEN outcome IN ('dead', 'pending') THEN 5 ELSE 1 END, CASE WHEN outcome IN ('dead', 'pending') THEN 'TimeoutError' END,
    CASE WHEN ${chance(60, 0.05)} THEN 'data.last_name' END, CASE WHEN outcome <> 'unreadable' THEN received_at - ${hash(61)} * interval '0.07 ms' END, received_at,
    CASE WHEN outcome <> 'pending' THEN received_at END
  FROM (
    SELECT n, ${userId(`1 + (hashint4extended(n::int, 62) & 2147483647) % ${users}`)} AS object_id,
      CASE WHEN ${chance(63, 55)} THEN 'session.created' WHEN ${chance(64, 50)} THEN 'user.updated' WHEN ${chance(65, 60)} THEN 'user.created'
        WHEN ${chance(66, 50)} THEN 'organizationMembership.created' WHEN ${chance(67, 50)} THEN 'organization.created'
        WHEN ${chance(68, 5)} THEN 'user.deleted' ELSE 'email.created' END AS type,
      CASE WHEN ${chance(70, 0.01)} THEN 'dead' WHEN ${chance(71, 0.01)} THEN 'pending' WHEN ${chance(72, 0.01)} THEN 'quarantined'
        WHEN ${chance(73, 0.01)} THEN 'unreadable' WHEN ${chance(74, 0.01)} THEN 'discarded' WHEN ${chance(75, 1)} THEN 'stale'
        WHEN ${chance(76, 8)} THEN 'ignored' ELSE 'applied' END AS outcome,
      now() - n::float8 / ${deliveries} * interval '90 days' AS received_at
    FROM generate_series(1, ${deliveries}) n
  ) received`;

const insertInvitations = ({ users, organizations }: Sizes) => `
  INSERT INTO invitations (id, version, organization_id, email, role, role_name, status, inviter_id, expires_at, created_at, updated_at)
  SELECT 'orginv_' || translate(md5(n::text), 'abcdef', 'KQRXYZ') || lpad(n::text, 7, '0'), 1, ${organizationId(`1 + n % ${organizations}`)},
    lower(${pick(80, firstNames)}) || '.' || n || '@example.net', CASE WHEN ${chance(81, 20)} THEN 'org:admin' ELSE 'org:member' END,
    CASE WHEN ${chance(81, 20)} THEN 'Admin' ELSE 'Member' END,
    CASE WHEN ${chance(82, 60)} THEN 'accepted' WHEN ${chance(83, 10)} THEN 'revoked' ELSE 'pending' END, ${userId(`1 + n % ${users}`)},
    created_at + interval '30 days', created_at, created_at
  FROM (SELECT n, ${ago(84, 900)} AS created_at FROM generate_series(1, ${users} / 5) n) sent`;

const insertAudit = ({ users }: Sizes) => `
  INSERT INTO audit_log (at, actor, action, subject, detail)
  SELECT now() - n * interval '97 s', ${userId("50000 * (1 + n % 20)")}, ${pick(90, ["user.banned", "user.unlocked", "invitation.created", "export.finished", "delivery.replayed"])},
    ${userId(`1 + n * 7 % ${users}`)}, '{"reason": "Requested by support."}'
  FROM generate_series(1, ${users} / 5) n`;

const FINDINGS = 500;

const insertDrift = ({ users }: Sizes) => `
  WITH run AS (
    INSERT INTO sync_runs (mode, trigger, status, holder, started_at, ended_at, cursor, counts)
    VALUES ('dry-run', 'schedule', 'done', 'bench', now() - interval '1 hour', now(), '{}', '{}') RETURNING id
  )
  INSERT INTO drift_findings (run_id, kind, object_table, object_id, fields, cause)
  SELECT run.id, 'different', 'users', ${userId(`1 + n * 1009 % ${users}`)}, '{}', 'event not received' FROM run, generate_series(1, ${FINDINGS}) n`;

const filled = ["users", "memberships", "organizations", "deliveries", "invitations", "audit_log"];

/** Fills an empty, migrated database. Drops the indexes meanwhile, as each is built several times faster from all rows. */
export async function insertRows(
  client: pg.Client,
  sizes: Sizes,
  say: (line: string) => void,
): Promise<void> {
  await client.query(
    "SET session_replication_role = replica; SET synchronous_commit = off; SET maintenance_work_mem = '1GB'; SET max_parallel_maintenance_workers = 1",
  );
  const { rows: indexes } = await client.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
     WHERE i.indrelid = ANY ($1::regclass[]) AND NOT i.indisunique`,
    [filled],
  );
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
  const startedAt = performance.now();
  const inserts = [
    ...[insertUsers, insertMemberships, insertOrganizations, insertDeliveries],
    ...[insertInvitations, insertAudit, insertDrift],
  ];
  for (const insert of inserts) await client.query(insert(sizes));
  say(`rows inserted after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
  for (const { definition } of indexes) await client.query(definition);
  await client.query("RESET ALL");
  for (const table of filled) await client.query(`VACUUM ANALYZE ${table}`);
  await client.query("ANALYZE drift_findings; CHECKPOINT");
  say(`indexes built after ${((performance.now() - startedAt) / 1_000).toFixed(0)} s`);
}

/** The ids that the filters of the measured lists name. */
export async function sampleIds(client: pg.Client, { users }: Sizes) {
  const { rows } = await client.query<{ user: string; organization: string; admin: string }>(
    `SELECT ${userId(`${users} / 2`)} AS user, ${organizationId("1")} AS organization, ${userId("50000")} AS admin`,
  );
  const [ids] = rows;
  if (!ids) throw new Error("Postgres returned no row.");
  return ids;
}
