-- A search finds a user by any of their addresses and numbers, and by the team's own id, not only by the primary ones.
-- "identifiers" has the primary ones too; the e-mail address stays for rows that were written before that column was.
DROP INDEX IF EXISTS "users_search_idx";
ALTER TABLE "users" DROP COLUMN "search";
ALTER TABLE "users" ADD COLUMN "search" TEXT GENERATED ALWAYS AS (nullif(btrim(search_form(
  coalesce("first_name", '') || ' ' || coalesce("last_name", '') || ' ' || coalesce("username", '') || ' '
  || coalesce("identifiers", "email", '') || ' ' || coalesce("external_id", '')
)), '')) STORED;

DO $$
DECLARE
  trgm text;
BEGIN
  SELECT format('%I.gin_trgm_ops', n.nspname) INTO trgm FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_trgm';
  IF trgm IS NOT NULL THEN
    EXECUTE format('CREATE INDEX "users_search_idx" ON "users" USING gin ("search" %s)', trgm);
  END IF;
END $$;
