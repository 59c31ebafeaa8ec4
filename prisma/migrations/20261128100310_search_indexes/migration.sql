-- Some hosts refuse pg_trgm until an administrator allows it. `npm run db:migrate` calls this function after the migrations, so that
-- the indexes of searches are created by the first run that may create them.
CREATE FUNCTION create_search_indexes() RETURNS boolean LANGUAGE plpgsql AS $function$
DECLARE
  trgm text;
BEGIN
  -- Indexes have the schema of their table.
  IF to_regclass(format('%I.users_search_idx', current_schema())) IS NOT NULL
    AND to_regclass(format('%I.organizations_search_idx', current_schema())) IS NOT NULL THEN
    RETURN true;
  END IF;
  BEGIN
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') THEN
      -- In public, if possible: another schema of this database may be migrated later, or this one dropped.
      IF to_regnamespace('public') IS NOT NULL AND has_schema_privilege('public', 'CREATE') THEN
        CREATE EXTENSION pg_trgm SCHEMA public;
      ELSE
        CREATE EXTENSION pg_trgm;
      END IF;
    END IF;
    SELECT format('%I.gin_trgm_ops', n.nspname) INTO trgm FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'pg_trgm';
    EXECUTE format('CREATE INDEX IF NOT EXISTS "users_search_idx" ON "users" USING gin ("search" %s)', trgm);
    EXECUTE format('CREATE INDEX IF NOT EXISTS "organizations_search_idx" ON "organizations" USING gin ("search" %s)', trgm);
  EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'Searches give the same results, but read every row, because they have no index (%). Allow the extension pg_trgm at your host, or run as an administrator in this database: CREATE EXTENSION pg_trgm; then run npm run db:migrate again.', SQLERRM;
    RETURN false;
  END;
  RETURN true;
END $function$;
