-- The role that row level security is for, one per database: roles belong to the server, and two databases of one server
-- (staging and production) may have different owners. Its name is fixed here, so that it survives a rename of the database.
-- `npm run db:migrate` checks beforehand that the role can be had, and says what an administrator runs if not.

DO $$
DECLARE
  -- Postgres cuts names at 63 bytes; the hash keeps two long names apart.
  role_name text := CASE WHEN octet_length(current_database()) <= 40 THEN 'rollcall_viewer_' || current_database()
    ELSE 'rollcall_viewer_' || md5(current_database()) END;
  it record;
BEGIN
  -- Who makes a role on Postgres 16 or newer is a member that may not SET ROLE, so membership is granted in both cases.
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
    EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
    EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
  ELSIF NOT pg_has_role(current_user, role_name, 'MEMBER') THEN
    EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
  END IF;
  EXECUTE format('CREATE OR REPLACE FUNCTION viewer_role() RETURNS text LANGUAGE sql IMMUTABLE AS %L',
    format('SELECT %L::text', role_name));
  -- Until this migration the role had one name for the whole server, written into this function.
  EXECUTE $q$CREATE OR REPLACE FUNCTION sees_everything() RETURNS boolean LANGUAGE sql STABLE AS $f$
    SELECT current_user <> viewer_role() OR current_setting('rollcall.organizations', true) IS NOT DISTINCT FROM '*'
  $f$ $q$;
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), role_name);
  FOR it IN SELECT c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
    WHERE p.polname = 'seen' AND c.relnamespace = current_schema()::regnamespace
  LOOP
    EXECUTE format('GRANT SELECT ON %I TO %I', it.relname, role_name);
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'rollcall_viewer') THEN
      EXECUTE format('REVOKE ALL ON %I FROM rollcall_viewer', it.relname);
    END IF;
  END LOOP;
END $$;
