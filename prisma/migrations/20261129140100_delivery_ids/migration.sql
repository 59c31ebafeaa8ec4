-- Which messages were received, kept for good: deliveries may be deleted by retention, and a message that comes again later is still
-- a duplicate. The hash tells a copy from another message with the same id.
CREATE TABLE "delivery_ids" (
    "svix_id" TEXT NOT NULL,
    "sha256" BYTEA NOT NULL,

    CONSTRAINT "delivery_ids_pkey" PRIMARY KEY ("svix_id")
);
ALTER TABLE "delivery_ids" ENABLE ROW LEVEL SECURITY;

-- Locks a table for a change of its schema. Other statements queue behind a waiting lock, so a try waits 300 ms at most, and the
-- tries are a second apart. Each fifth try waits longer than deadlock_timeout: after that time Postgres cancels an autovacuum that holds
-- the table. The lock lasts until the end of the transaction.
CREATE FUNCTION lock_for_change(name text, tries integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  limit_before text := current_setting('lock_timeout');
  longer interval := current_setting('deadlock_timeout')::interval + interval '300 ms';
BEGIN
  FOR try IN 1..tries LOOP
    BEGIN
      PERFORM set_config('lock_timeout', CASE WHEN try % 5 = 0 THEN extract(epoch FROM longer) || 's' ELSE '300ms' END, true);
      EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE', name);
      PERFORM set_config('lock_timeout', limit_before, true);
      RETURN;
    EXCEPTION WHEN lock_not_available THEN
      IF try < tries THEN PERFORM pg_sleep(1); END IF;
    END;
  END LOOP;
  RAISE EXCEPTION 'the table % is in use by a long transaction: see pg_stat_activity', name USING ERRCODE = 'lock_not_available';
END $$;

-- Adds the id of each inserted delivery. A message that was received before is refused as the primary key of `deliveries` does, by
-- which every version of the app knows a duplicate. Until the next migration has added the earlier ids, that key finds them: an id
-- that the next migration is adding would be waited for.
CREATE FUNCTION remember_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM deliveries WHERE svix_id = NEW.svix_id) THEN
    INSERT INTO delivery_ids (svix_id, sha256) VALUES (NEW.svix_id, NEW.sha256) ON CONFLICT DO NOTHING;
  END IF;
  RETURN NEW;
END $$;

SELECT lock_for_change('deliveries', 120);
CREATE TRIGGER remember_delivery BEFORE INSERT ON "deliveries" FOR EACH ROW EXECUTE FUNCTION remember_delivery();
