-- The archive of erased users and organizations (docs/privacy.md): a schema of its own, whose tables belong to a role of its own.
-- Rows are encrypted by the app, so nothing here can be read without ARCHIVE_KEY.

-- One schema for each schema of tables. `lib/database-url.ts` refuses ?schema=rollcall_archive….
DO $$
DECLARE
  schema_name text := CASE WHEN current_schema() = 'public' THEN 'rollcall_archive'
    WHEN octet_length(current_schema()) <= 46 THEN 'rollcall_archive_' || current_schema()
    ELSE 'rollcall_archive_' || md5(current_schema()) END;
  -- One role for each database, with a fixed name that survives a rename of the database.
  role_name text := CASE WHEN octet_length(current_database()) <= 40 THEN 'rollcall_archive_' || current_database()
    ELSE 'rollcall_archive_' || md5(current_database()) END;
BEGIN
  EXECUTE format('CREATE SCHEMA IF NOT EXISTS %I', schema_name);
  EXECUTE format('COMMENT ON SCHEMA %I IS %L', schema_name, 'The encrypted archive of Rollcall, see docs/privacy.md.');
  EXECUTE format('CREATE FUNCTION archive_schema() RETURNS text LANGUAGE sql IMMUTABLE AS %L', format('SELECT %L::text', schema_name));
  EXECUTE format('CREATE FUNCTION archive_role() RETURNS text LANGUAGE sql IMMUTABLE AS %L', format('SELECT %L::text', role_name));
END $$;

SELECT set_config('rollcall.search_path', current_setting('search_path'), true), set_config('search_path', quote_ident(archive_schema()), true);

CREATE TABLE "archive_entries" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "subject_kind" TEXT NOT NULL CHECK ("subject_kind" IN ('user', 'organization')),
    "reason" TEXT NOT NULL CHECK ("reason" IN ('user_requested', 'admin_action', 'policy_violation', 'unknown')),
    "deleted_at" TIMESTAMPTZ(3) NOT NULL,
    "archived_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "purge_at" TIMESTAMPTZ(3) NOT NULL,
    "held_at" TIMESTAMPTZ(3),
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "archive_entries_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "archive_entries_purge_at_idx" ON "archive_entries"("purge_at");
CREATE INDEX "archive_entries_deleted_at_idx" ON "archive_entries"("deleted_at", "id");

-- The key of each entry, wrapped by ARCHIVE_KEY. Deleting it makes every copy of the entry unreadable. The foreign key also keeps
-- an older backup of this table from bringing the key of a purged entry back.
CREATE TABLE "archive_keys" (
    "entry_id" UUID NOT NULL,
    "wrapped_by" TEXT NOT NULL,
    "wrapped" BYTEA NOT NULL,

    CONSTRAINT "archive_keys_pkey" PRIMARY KEY ("entry_id"),
    CONSTRAINT "archive_keys_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "archive_entries"("id") ON DELETE CASCADE
);
CREATE INDEX "archive_keys_wrapped_by_idx" ON "archive_keys"("wrapped_by");

-- Keyed hashes of the subject's id and e-mail addresses. A hash may lead to several entries: an address may be used again.
CREATE TABLE "archive_lookups" (
    "hash" BYTEA NOT NULL,
    "entry_id" UUID NOT NULL,

    CONSTRAINT "archive_lookups_pkey" PRIMARY KEY ("hash", "entry_id"),
    CONSTRAINT "archive_lookups_entry_id_fkey" FOREIGN KEY ("entry_id") REFERENCES "archive_entries"("id") ON DELETE CASCADE
);
CREATE INDEX "archive_lookups_entry_id_idx" ON "archive_lookups"("entry_id");

-- The key of those hashes, wrapped by ARCHIVE_KEY. It has one row.
CREATE TABLE "archive_lookup_key" (
    "is_only" BOOLEAN NOT NULL DEFAULT true CHECK ("is_only"),
    "wrapped_by" TEXT NOT NULL,
    "wrapped" BYTEA NOT NULL,

    CONSTRAINT "archive_lookup_key_pkey" PRIMARY KEY ("is_only")
);

-- No policy: only the owner reads and writes, whatever is granted later.
ALTER TABLE "archive_entries" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "archive_keys" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "archive_lookups" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "archive_lookup_key" ENABLE ROW LEVEL SECURITY;

SELECT set_config('search_path', current_setting('rollcall.search_path'), true);

-- True if this role may become another one.
CREATE FUNCTION may_become(role_name text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT pg_has_role(current_user, role_name, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
$$;

-- Lets the rest of the transaction read and write the archive, and nothing else: with the role that owns its tables. False if the
-- app may not become that role.
CREATE FUNCTION enter_archive() RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  owner_name text := (SELECT pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = archive_schema() AND c.relname = 'archive_entries');
BEGIN
  IF owner_name IS NULL OR NOT may_become(owner_name) THEN RETURN false; END IF;
  PERFORM set_config('rollcall.outer_path', current_setting('search_path'), true),
    set_config('rollcall.outer_role', current_setting('role'), true),
    set_config('search_path', quote_ident(archive_schema()), true);
  PERFORM set_config('role', owner_name, true);
  RETURN true;
END $$;

-- Creates the role and gives it the tables. `npm run db:migrate` calls it after the migrations, so that a role that an
-- administrator created later gets them. The app's role may become this role, and from Postgres 16 on has none of its rights
-- before: an ordinary statement of the app cannot read the archive.
CREATE FUNCTION create_archive_role() RETURNS boolean LANGUAGE plpgsql AS $function$
DECLARE
  role_name text := archive_role();
  options text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN ' WITH INHERIT FALSE, SET TRUE' ELSE '' END;
  it record;
BEGIN
  BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    END IF;
    IF NOT may_become(role_name) THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', role_name) || options;
    END IF;
    IF NOT has_schema_privilege(role_name, archive_schema(), 'USAGE, CREATE') THEN
      EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO %I', archive_schema(), role_name);
    END IF;
    FOR it IN SELECT oid::regclass AS name FROM pg_class WHERE relnamespace = archive_schema()::regnamespace AND relkind = 'r'
      AND pg_get_userbyid(relowner) <> role_name
    LOOP
      EXECUTE format('ALTER TABLE %s OWNER TO %I', it.name, role_name);
    END LOOP;
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING '%', format('The archive of erased users has no role of its own (%4$s). Everything else works, and its rows are encrypted; but every statement of the app may read them. For the role, run as an administrator: CREATE ROLE %1$I NOLOGIN; GRANT %1$I TO %2$I%3$s; then run npm run db:migrate again.',
      role_name, current_user, options, SQLERRM);
    RETURN false;
  END;
  RETURN true;
END $function$;
