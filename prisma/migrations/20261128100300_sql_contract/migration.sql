-- The SQL contract: views for programs of the team that read Postgres themselves, in a schema of their own, and a role for them.
-- docs/sql.md has the promise; `npm run db:ddl` prints it.
--
-- The views belong to the viewer's role, so row level security applies to what they read: a view reads with the rights of its
-- owner, and the policies ask for the role that queries. They never show more than the tables show to the same transaction.
-- (security_invoker would need Postgres 15, and would need rights on the tables for every reader.)

CREATE INDEX "users_email_idx" ON "users"("email");

-- One schema for each schema of tables. `lib/database-url.ts` refuses ?schema=rollcall_sql….
DO $$
DECLARE
  schema_name text := CASE WHEN current_schema() = 'public' THEN 'rollcall_sql'
    WHEN octet_length(current_schema()) <= 50 THEN 'rollcall_sql_' || current_schema()
    ELSE 'rollcall_sql_' || md5(current_schema()) END;
  -- Like the viewer's role: one for each database, with a fixed name that survives a rename of the database.
  role_name text := CASE WHEN octet_length(current_database()) <= 40 THEN 'rollcall_reader_' || current_database()
    ELSE 'rollcall_reader_' || md5(current_database()) END;
BEGIN
  EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', schema_name);
  EXECUTE format('CREATE FUNCTION sql_contract_schema() RETURNS text LANGUAGE sql IMMUTABLE AS %L',
    format('SELECT %L::text', schema_name));
  EXECUTE format('CREATE FUNCTION reader_role() RETURNS text LANGUAGE sql IMMUTABLE AS %L',
    format('SELECT %L::text', role_name));
  EXECUTE format('COMMENT ON SCHEMA %I IS %L', schema_name, 'The SQL contract of Rollcall, see docs/sql.md.');
END $$;

-- A transaction of any role that names a viewer sees what this viewer may see, except for the owner of the tables. The body is
-- parsed here, not at each call, because readers have another search_path.
CREATE OR REPLACE FUNCTION sees_everything() RETURNS boolean LANGUAGE sql STABLE
RETURN current_setting('rollcall.organizations', true) IS NOT DISTINCT FROM '*'
  OR (current_user <> viewer_role()
    AND coalesce(current_setting('rollcall.viewer', true), '') = ''
    AND coalesce(current_setting('rollcall.organizations', true), '') = '');

-- Creates the readers' role if it is missing, and grants it the contract. `npm run db:migrate` calls it after the migrations, so
-- that a role that an administrator created later gets its rights, and a new view is granted.
CREATE FUNCTION grant_reader_role() RETURNS boolean LANGUAGE plpgsql AS $function$
DECLARE
  role_name text := reader_role();
  schema_name text := sql_contract_schema();
BEGIN
  BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    END IF;
    IF NOT has_schema_privilege(role_name, schema_name, 'USAGE') THEN
      EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', schema_name, role_name);
    END IF;
    IF EXISTS (SELECT FROM pg_class WHERE relnamespace = schema_name::regnamespace AND relkind = 'v'
        AND NOT has_table_privilege(role_name, oid, 'SELECT')) THEN
      EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO %I', schema_name, role_name);
    END IF;
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING '%', format('There is no role %1$I for readers of the SQL contract (%2$s). Everything else works, and SELECT on the views in %3$I can be granted to each login. For the role, run as an administrator: CREATE ROLE %1$I NOLOGIN; then run npm run db:migrate again.', role_name, SQLERRM, schema_name);
    RETURN false;
  END;
  RETURN true;
END $function$;

-- The views are created in the first schema of the search_path; the tables are found in the next.
SELECT set_config('rollcall.search_path', current_setting('search_path'), true),
  set_config('search_path', format('%I, %s', sql_contract_schema(), current_setting('search_path')), true);

CREATE VIEW live_users AS SELECT
  id, external_id, email, is_email_verified, phone_number, username, first_name, last_name, image_url, has_image,
  is_banned, is_locked, is_admin, password_enabled, two_factor_enabled, totp_enabled, backup_code_enabled, has_passkey,
  delete_self_enabled, create_organization_enabled, create_organizations_limit, legal_accepted_at, last_active_at,
  last_sign_in_at, created_at, updated_at, public_metadata, unsafe_metadata, web3_wallets, passkeys, other_attributes
FROM users WHERE NOT deleted AND version > 0;

CREATE VIEW live_organizations AS SELECT
  id, name, slug, image_url, has_image, created_by, max_allowed_memberships, admin_delete_enabled, created_at, updated_at,
  public_metadata, other_attributes
FROM organizations WHERE NOT deleted AND version > 0;

CREATE VIEW live_memberships AS SELECT
  m.id, m.user_id, m.organization_id, m.role, m.role_name, m.permissions, m.created_at, m.updated_at, m.public_metadata,
  m.other_attributes
FROM memberships m JOIN live_users u ON u.id = m.user_id JOIN live_organizations o ON o.id = m.organization_id
WHERE NOT m.deleted AND m.version > 0;

CREATE VIEW live_invitations AS SELECT
  i.id, i.organization_id, i.email, i.role, i.role_name, i.status, i.inviter_id, i.user_id, i.expires_at, i.created_at,
  i.updated_at, i.public_metadata, i.other_attributes
FROM invitations i JOIN live_organizations o ON o.id = i.organization_id
WHERE NOT i.deleted AND i.version > 0;

CREATE VIEW live_subscriptions AS SELECT
  s.id, s.user_id, s.organization_id, s.status, s.latest_payment_id, s.active_at, s.past_due_at, s.canceled_at, s.ended_at,
  s.created_at, s.updated_at
FROM subscriptions s LEFT JOIN live_users u ON u.id = s.user_id LEFT JOIN live_organizations o ON o.id = s.organization_id
WHERE NOT s.deleted AND s.version > 0
  AND (s.user_id IS NULL OR u.id IS NOT NULL) AND (s.organization_id IS NULL OR o.id IS NOT NULL);

CREATE VIEW live_subscription_items AS SELECT
  i.id, i.subscription_id, i.user_id, i.organization_id, i.plan_id, i.plan_name, i.status, i.is_free_trial, i.interval,
  i.amount, i.currency, i.period_start, i.period_end, i.created_at, i.updated_at
FROM subscription_items i LEFT JOIN live_users u ON u.id = i.user_id LEFT JOIN live_organizations o ON o.id = i.organization_id
WHERE NOT i.deleted AND i.version > 0
  AND (i.user_id IS NULL OR u.id IS NOT NULL) AND (i.organization_id IS NULL OR o.id IS NOT NULL);

CREATE VIEW user_email_addresses AS SELECT
  u.id AS user_id, e.value ->> 'id' AS id, e.value ->> 'email_address' AS email_address,
  coalesce(e.value ->> 'email_address' = u.email, false) AS is_primary,
  coalesce(e.value #>> '{verification,status}' = 'verified', false) AS is_verified,
  e.value AS attributes
FROM users u, jsonb_array_elements(CASE jsonb_typeof(u.email_addresses) WHEN 'array' THEN u.email_addresses ELSE '[]' END) e
WHERE NOT u.deleted AND u.version > 0 AND e.value ->> 'email_address' IS NOT NULL;

CREATE VIEW user_phone_numbers AS SELECT
  u.id AS user_id, e.value ->> 'id' AS id, e.value ->> 'phone_number' AS phone_number,
  coalesce(e.value ->> 'phone_number' = u.phone_number, false) AS is_primary,
  coalesce(e.value #>> '{verification,status}' = 'verified', false) AS is_verified,
  coalesce(e.value -> 'reserved_for_second_factor' = 'true', false) AS is_second_factor,
  e.value AS attributes
FROM users u, jsonb_array_elements(CASE jsonb_typeof(u.phone_numbers) WHEN 'array' THEN u.phone_numbers ELSE '[]' END) e
WHERE NOT u.deleted AND u.version > 0 AND e.value ->> 'phone_number' IS NOT NULL;

CREATE VIEW user_external_accounts AS SELECT
  u.id AS user_id, e.value ->> 'id' AS id, e.value ->> 'provider' AS provider, e.value ->> 'provider_user_id' AS provider_user_id,
  e.value ->> 'email_address' AS email_address, e.value ->> 'username' AS username,
  coalesce(e.value #>> '{verification,status}' = 'verified', false) AS is_verified,
  e.value AS attributes
FROM users u, jsonb_array_elements(CASE jsonb_typeof(u.external_accounts) WHEN 'array' THEN u.external_accounts ELSE '[]' END) e
WHERE NOT u.deleted AND u.version > 0 AND jsonb_typeof(e.value) = 'object';

-- The bound is 9999-12-31: to_timestamp() fails far beyond it, and would fail the whole query.
CREATE VIEW deleted_users AS SELECT
  u.id,
  coalesce(
    CASE WHEN u.event_timestamp BETWEEN 1 AND 253402300799999 THEN to_timestamp(u.event_timestamp / 1000.0) END,
    (SELECT max(v.received_at) FROM versions v WHERE v.object_id = u.id AND v.deleted)
  ) AS deleted_at
FROM users u WHERE u.deleted;

COMMENT ON VIEW live_users IS 'Users that are not deleted.';
COMMENT ON COLUMN live_users.id IS 'Clerk''s id, `user_…`. Never null, unique';
COMMENT ON COLUMN live_users.external_id IS 'Your own id of the user, as set at Clerk';
COMMENT ON COLUMN live_users.email IS 'Primary e-mail address; null if there is none';
COMMENT ON COLUMN live_users.is_email_verified IS 'Whether the primary e-mail address is verified; null if there is none';
COMMENT ON COLUMN live_users.phone_number IS 'Primary phone number, as `+15555550100`';
COMMENT ON COLUMN live_users.username IS 'Username';
COMMENT ON COLUMN live_users.first_name IS 'First name';
COMMENT ON COLUMN live_users.last_name IS 'Last name';
COMMENT ON COLUMN live_users.image_url IS 'Address of the profile image';
COMMENT ON COLUMN live_users.has_image IS 'Whether the image was uploaded, and is not a default';
COMMENT ON COLUMN live_users.is_banned IS 'Banned users cannot sign in. Never null';
COMMENT ON COLUMN live_users.is_locked IS 'Locked after too many failed sign-ins. Never null';
COMMENT ON COLUMN live_users.is_admin IS 'Platform admin: `role` in the public metadata is `admin`. Never null';
COMMENT ON COLUMN live_users.password_enabled IS 'Whether the user has a password';
COMMENT ON COLUMN live_users.two_factor_enabled IS 'Whether sign-in takes a second factor';
COMMENT ON COLUMN live_users.totp_enabled IS 'Whether the user has an authenticator app';
COMMENT ON COLUMN live_users.backup_code_enabled IS 'Whether the user has backup codes';
COMMENT ON COLUMN live_users.has_passkey IS 'Whether the user has a passkey';
COMMENT ON COLUMN live_users.delete_self_enabled IS 'Whether the user may delete the account';
COMMENT ON COLUMN live_users.create_organization_enabled IS 'Whether the user may create organizations';
COMMENT ON COLUMN live_users.create_organizations_limit IS 'How many organizations the user may create';
COMMENT ON COLUMN live_users.legal_accepted_at IS 'When the user accepted the legal terms';
COMMENT ON COLUMN live_users.last_active_at IS 'As of the last event: Clerk sends none when it changes';
COMMENT ON COLUMN live_users.last_sign_in_at IS 'Last sign-in';
COMMENT ON COLUMN live_users.created_at IS 'When the user was created at Clerk';
COMMENT ON COLUMN live_users.updated_at IS 'When the user last changed at Clerk';
COMMENT ON COLUMN live_users.public_metadata IS 'Public metadata';
COMMENT ON COLUMN live_users.unsafe_metadata IS 'Unsafe metadata: the user can write it';
COMMENT ON COLUMN live_users.web3_wallets IS 'Wallets, as Clerk sends them';
COMMENT ON COLUMN live_users.passkeys IS 'Passkeys, as Clerk sends them';
COMMENT ON COLUMN live_users.other_attributes IS 'Attributes of Clerk''s object that have no column';

COMMENT ON VIEW live_organizations IS 'Organizations that are not deleted.';
COMMENT ON COLUMN live_organizations.id IS 'Clerk''s id, `org_…`. Never null, unique';
COMMENT ON COLUMN live_organizations.name IS 'Name';
COMMENT ON COLUMN live_organizations.slug IS 'Name in URLs; not unique here, because changes arrive in any order';
COMMENT ON COLUMN live_organizations.image_url IS 'Address of the logo';
COMMENT ON COLUMN live_organizations.has_image IS 'Whether the logo was uploaded, and is not a default';
COMMENT ON COLUMN live_organizations.created_by IS 'Id of the user who created it, who may be deleted';
COMMENT ON COLUMN live_organizations.max_allowed_memberships IS 'How many members it may have; 0 for no limit';
COMMENT ON COLUMN live_organizations.admin_delete_enabled IS 'Whether its admins may delete it';
COMMENT ON COLUMN live_organizations.created_at IS 'When it was created at Clerk';
COMMENT ON COLUMN live_organizations.updated_at IS 'When it last changed at Clerk';
COMMENT ON COLUMN live_organizations.public_metadata IS 'Public metadata';
COMMENT ON COLUMN live_organizations.other_attributes IS 'Attributes of Clerk''s object that have no column';

COMMENT ON VIEW live_memberships IS 'Memberships whose user and organization are not deleted.';
COMMENT ON COLUMN live_memberships.id IS 'Clerk''s id, `orgmem_…`. Never null, unique';
COMMENT ON COLUMN live_memberships.user_id IS 'Always in `live_users`';
COMMENT ON COLUMN live_memberships.organization_id IS 'Always in `live_organizations`';
COMMENT ON COLUMN live_memberships.role IS 'Key of the role, with its prefix: `org:admin`';
COMMENT ON COLUMN live_memberships.role_name IS 'Name of the role: `Admin`';
COMMENT ON COLUMN live_memberships.permissions IS 'List of the keys of the permissions';
COMMENT ON COLUMN live_memberships.created_at IS 'When it was created at Clerk';
COMMENT ON COLUMN live_memberships.updated_at IS 'When it last changed at Clerk';
COMMENT ON COLUMN live_memberships.public_metadata IS 'Public metadata';
COMMENT ON COLUMN live_memberships.other_attributes IS 'Attributes of Clerk''s object that have no column';

COMMENT ON VIEW live_invitations IS 'Invitations to organizations that are not deleted, in every status.';
COMMENT ON COLUMN live_invitations.id IS 'Clerk''s id, `orginv_…`. Never null, unique';
COMMENT ON COLUMN live_invitations.organization_id IS 'Always in `live_organizations`';
COMMENT ON COLUMN live_invitations.email IS 'Address it was sent to';
COMMENT ON COLUMN live_invitations.role IS 'Key of the role, with its prefix: `org:member`';
COMMENT ON COLUMN live_invitations.role_name IS 'Name of the role: `Member`';
COMMENT ON COLUMN live_invitations.status IS '`pending`, `accepted` or `revoked`';
COMMENT ON COLUMN live_invitations.inviter_id IS 'Id of the user who sent it, who may be deleted';
COMMENT ON COLUMN live_invitations.user_id IS 'Id of the user who accepted it, who may be deleted';
COMMENT ON COLUMN live_invitations.expires_at IS 'When it expires; its status stays `pending` then';
COMMENT ON COLUMN live_invitations.created_at IS 'When it was created at Clerk';
COMMENT ON COLUMN live_invitations.updated_at IS 'When it last changed at Clerk';
COMMENT ON COLUMN live_invitations.public_metadata IS 'Public metadata';
COMMENT ON COLUMN live_invitations.other_attributes IS 'Attributes of Clerk''s object that have no column';

COMMENT ON VIEW live_subscriptions IS 'Subscriptions of Clerk Billing whose payer is not deleted. The payer is a user or an organization.';
COMMENT ON COLUMN live_subscriptions.id IS 'Clerk''s id. Never null, unique';
COMMENT ON COLUMN live_subscriptions.user_id IS 'The payer; null, or in `live_users`';
COMMENT ON COLUMN live_subscriptions.organization_id IS 'The payer; null, or in `live_organizations`';
COMMENT ON COLUMN live_subscriptions.status IS 'Clerk''s word, such as `active` or `past_due`';
COMMENT ON COLUMN live_subscriptions.latest_payment_id IS 'Id of the latest payment';
COMMENT ON COLUMN live_subscriptions.active_at IS 'When it became active';
COMMENT ON COLUMN live_subscriptions.past_due_at IS 'When a payment became overdue';
COMMENT ON COLUMN live_subscriptions.canceled_at IS 'When it was canceled';
COMMENT ON COLUMN live_subscriptions.ended_at IS 'When it ended';
COMMENT ON COLUMN live_subscriptions.created_at IS 'When it was created at Clerk';
COMMENT ON COLUMN live_subscriptions.updated_at IS 'When it last changed at Clerk';

COMMENT ON VIEW live_subscription_items IS 'Plans within subscriptions, each for a period, whose payer is not deleted.';
COMMENT ON COLUMN live_subscription_items.id IS 'Clerk''s id. Never null, unique';
COMMENT ON COLUMN live_subscription_items.subscription_id IS 'The subscription; its row may arrive later';
COMMENT ON COLUMN live_subscription_items.user_id IS 'The payer; null, or in `live_users`';
COMMENT ON COLUMN live_subscription_items.organization_id IS 'The payer; null, or in `live_organizations`';
COMMENT ON COLUMN live_subscription_items.plan_id IS 'Id of the plan';
COMMENT ON COLUMN live_subscription_items.plan_name IS 'Name of the plan';
COMMENT ON COLUMN live_subscription_items.status IS 'Clerk''s word, such as `active`, `upcoming` or `ended`';
COMMENT ON COLUMN live_subscription_items.is_free_trial IS 'Whether the period is a free trial. Never null';
COMMENT ON COLUMN live_subscription_items.interval IS '`month` or `annual`';
COMMENT ON COLUMN live_subscription_items.amount IS 'Price in the smallest unit of the currency';
COMMENT ON COLUMN live_subscription_items.currency IS 'Code of the currency, such as `usd`';
COMMENT ON COLUMN live_subscription_items.period_start IS 'Start of the period';
COMMENT ON COLUMN live_subscription_items.period_end IS 'End of the period';
COMMENT ON COLUMN live_subscription_items.created_at IS 'When it was created at Clerk';
COMMENT ON COLUMN live_subscription_items.updated_at IS 'When it last changed at Clerk';

COMMENT ON VIEW user_email_addresses IS 'Every e-mail address of the users in `live_users`.';
COMMENT ON COLUMN user_email_addresses.user_id IS 'Always in `live_users`';
COMMENT ON COLUMN user_email_addresses.id IS 'Clerk''s id of the address, `idn_…`';
COMMENT ON COLUMN user_email_addresses.email_address IS 'The address. Never null';
COMMENT ON COLUMN user_email_addresses.is_primary IS 'Whether it is the primary one. Never null';
COMMENT ON COLUMN user_email_addresses.is_verified IS 'Whether it is verified. Never null';
COMMENT ON COLUMN user_email_addresses.attributes IS 'The address as Clerk sends it';

COMMENT ON VIEW user_phone_numbers IS 'Every phone number of the users in `live_users`.';
COMMENT ON COLUMN user_phone_numbers.user_id IS 'Always in `live_users`';
COMMENT ON COLUMN user_phone_numbers.id IS 'Clerk''s id of the number, `idn_…`';
COMMENT ON COLUMN user_phone_numbers.phone_number IS 'The number, as `+15555550100`. Never null';
COMMENT ON COLUMN user_phone_numbers.is_primary IS 'Whether it is the primary one. Never null';
COMMENT ON COLUMN user_phone_numbers.is_verified IS 'Whether it is verified. Never null';
COMMENT ON COLUMN user_phone_numbers.is_second_factor IS 'Whether it is a second factor. Never null';
COMMENT ON COLUMN user_phone_numbers.attributes IS 'The number as Clerk sends it';

COMMENT ON VIEW user_external_accounts IS 'Accounts at other providers that the users in `live_users` sign in with.';
COMMENT ON COLUMN user_external_accounts.user_id IS 'Always in `live_users`';
COMMENT ON COLUMN user_external_accounts.id IS 'Clerk''s id of the account';
COMMENT ON COLUMN user_external_accounts.provider IS 'Clerk''s name of the provider: `oauth_google`';
COMMENT ON COLUMN user_external_accounts.provider_user_id IS 'The provider''s id of the user';
COMMENT ON COLUMN user_external_accounts.email_address IS 'E-mail address at the provider';
COMMENT ON COLUMN user_external_accounts.username IS 'Username at the provider';
COMMENT ON COLUMN user_external_accounts.is_verified IS 'Whether the connection is verified. Never null';
COMMENT ON COLUMN user_external_accounts.attributes IS 'The account as Clerk sends it, without tokens';

COMMENT ON VIEW deleted_users IS 'Users that were deleted. Rows are never removed.';
COMMENT ON COLUMN deleted_users.id IS 'Clerk''s id, `user_…`. Never null, unique';
COMMENT ON COLUMN deleted_users.deleted_at IS 'When Clerk deleted the user; if no event said so, when it was found';

SELECT set_config('search_path', current_setting('rollcall.search_path'), true), grant_reader_role();

DO $$
DECLARE
  it record;
BEGIN
  -- Only the owner of a view may own it if that role may create in the schema; the right is taken away again below.
  EXECUTE format('GRANT CREATE, USAGE ON SCHEMA %I TO %I', sql_contract_schema(), viewer_role());
  FOR it IN SELECT relname FROM pg_class WHERE relnamespace = sql_contract_schema()::regnamespace AND relkind = 'v' LOOP
    EXECUTE format('ALTER VIEW %I.%I OWNER TO %I', sql_contract_schema(), it.relname, viewer_role());
  END LOOP;
  EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %I', sql_contract_schema(), viewer_role());
END $$;
