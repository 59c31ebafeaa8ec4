-- Partitions the deliveries by the time of their receipt. No row is copied: the table of today is attached as a partition. Under the
-- lock, only the catalogue changes.
--
-- A unique index of a partitioned table must include the time, so the table has no primary key: `delivery_ids` makes svix-ids unique.
-- contract: deliveries_before.tell_insert unused since 0.1.0
-- contract: deliveries_before.tell_update unused since 0.1.0
-- contract: deliveries_before.erase_late_event unused since 0.1.0
-- contract: deliveries_before.refuse_body_of_erased unused since 0.1.0
-- contract: do unused since 0.1.0
SELECT lock_for_change('deliveries', 120);
ALTER TABLE "deliveries" RENAME TO "deliveries_before";
ALTER INDEX "deliveries_pkey" RENAME TO "deliveries_before_pkey";
ALTER INDEX "deliveries_outcome_received_at_idx" RENAME TO "deliveries_before_outcome_received_at_idx";
ALTER INDEX "deliveries_object_id_idx" RENAME TO "deliveries_before_object_id_idx";
ALTER INDEX "deliveries_user_id_idx" RENAME TO "deliveries_before_user_id_idx";
ALTER INDEX "deliveries_received_at_svix_id_idx" RENAME TO "deliveries_before_received_at_svix_id_idx";
ALTER INDEX "deliveries_type_idx" RENAME TO "deliveries_before_type_idx";
ALTER INDEX "deliveries_delay_idx" RENAME TO "deliveries_before_delay_idx";
ALTER INDEX "deliveries_unread_idx" RENAME TO "deliveries_before_unread_idx";
DROP TRIGGER tell_insert ON "deliveries_before";
DROP TRIGGER tell_update ON "deliveries_before";
DROP TRIGGER erase_late_event ON "deliveries_before";
DROP TRIGGER refuse_body_of_erased ON "deliveries_before";

CREATE TABLE "deliveries" (LIKE "deliveries_before" INCLUDING DEFAULTS INCLUDING STORAGE) PARTITION BY RANGE ("received_at");
CREATE INDEX "deliveries_outcome_received_at_idx" ON "deliveries" ("outcome", "received_at");
CREATE INDEX "deliveries_object_id_idx" ON "deliveries" ("object_id");
CREATE INDEX "deliveries_user_id_idx" ON "deliveries" ("user_id");
CREATE INDEX "deliveries_received_at_svix_id_idx" ON "deliveries" ("received_at" DESC, "svix_id" DESC) INCLUDE ("outcome");
CREATE INDEX "deliveries_type_idx" ON "deliveries" (left("type", 100), "received_at" DESC, "svix_id" DESC);
CREATE INDEX "deliveries_delay_idx" ON "deliveries" (
  coalesce((extract(epoch FROM "received_at" - "occurred_at") * 1000)::bigint, (-9000000000000000)::bigint) DESC,
  "svix_id" DESC
);
CREATE INDEX "deliveries_unread_idx" ON "deliveries" ("received_at" DESC) WHERE "unread" IS NOT NULL;

ALTER TABLE "deliveries" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "deliveries" USING ((SELECT sees_everything()));
DO $$ BEGIN
  EXECUTE format('GRANT SELECT ON "deliveries" TO %I', viewer_role());
END $$;

CREATE TRIGGER tell_insert AFTER INSERT ON "deliveries" REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_deliveries();
CREATE TRIGGER tell_update AFTER UPDATE ON "deliveries" REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_deliveries();
CREATE TRIGGER erase_late_event AFTER INSERT ON "deliveries" FOR EACH ROW WHEN (NEW.body IS NULL) EXECUTE FUNCTION erase_late_event();
CREATE TRIGGER refuse_body_of_erased BEFORE INSERT ON "deliveries" FOR EACH ROW WHEN (NEW.body IS NOT NULL) EXECUTE FUNCTION refuse_body_of_erased();

-- Both functions refuse a message that was received before with the error of the former primary key, by which every version of the app
-- knows a duplicate. The table of today needs a trigger for each row, before its own key refuses the row with its own name. For later
-- partitions, which have no such key, one trigger for a statement takes a third of the time of one for each row. It leaves out the
-- rows of the table of today, which end at its argument.
CREATE OR REPLACE FUNCTION remember_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO delivery_ids (svix_id, sha256) VALUES (NEW.svix_id, NEW.sha256) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RAISE unique_violation USING MESSAGE = 'the delivery was received before', TABLE = 'deliveries';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION remember_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  since timestamptz := TG_ARGV[0];
  added bigint;
BEGIN
  INSERT INTO delivery_ids (svix_id, sha256)
  SELECT svix_id, sha256 FROM changed_rows WHERE received_at >= since ORDER BY svix_id ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS added = ROW_COUNT;
  IF added < (SELECT count(*) FROM changed_rows WHERE received_at >= since) THEN
    RAISE unique_violation USING MESSAGE = 'a delivery was received before', TABLE = 'deliveries';
  END IF;
  RETURN NULL;
END $$;

-- An emptied inbox knows no message, as with the former primary key.
CREATE FUNCTION forget_delivery_ids() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  TRUNCATE delivery_ids;
  RETURN NULL;
END $$;
CREATE TRIGGER forget_delivery_ids AFTER TRUNCATE ON "deliveries" FOR EACH STATEMENT EXECUTE FUNCTION forget_delivery_ids();

-- The partitions of `deliveries` with both bounds or the upper one. A null bound is an open one.
CREATE FUNCTION delivery_partitions() RETURNS TABLE (name text, starts timestamptz, ends timestamptz)
LANGUAGE sql STABLE SET timezone = 'UTC' AS $$
  SELECT c.relname::text, substring(bound FROM 'FROM \(''([^'']+)''\)')::timestamptz, substring(bound FROM 'TO \(''([^'']+)''\)')::timestamptz
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid, pg_get_expr(c.relpartbound, c.oid) AS bound
  WHERE i.inhparent = to_regclass('deliveries') AND bound <> 'DEFAULT' ORDER BY 3
$$;

-- Adds partitions until the time `until`, each of one `step`: day, week or month. A new partition begins where the last one ends. Rows
-- that came while no partition was left are in the default partition; then the next partition begins after them.
CREATE FUNCTION create_delivery_partitions(step text, until timestamptz) RETURNS integer
LANGUAGE plpgsql SET timezone = 'UTC' SET lock_timeout = '300ms' AS $$
DECLARE
  stray timestamptz := (SELECT max(received_at) FROM deliveries_default);
  starts timestamptz := greatest(
    (SELECT max(ends) FROM delivery_partitions()),
    CASE WHEN stray IS NULL THEN date_trunc(step, now()) ELSE date_trunc(step, greatest(stray, now())) + ('1 ' || step)::interval END);
  ends timestamptz;
  name text;
  added integer := 0;
BEGIN
  WHILE starts < until LOOP
    ends := date_trunc(step, starts) + ('1 ' || step)::interval;
    name := 'deliveries_' || to_char(starts, 'YYYYMMDD');
    EXECUTE format('CREATE TABLE %I (LIKE deliveries_default INCLUDING ALL) WITH (autovacuum_vacuum_insert_scale_factor = 0, '
      'autovacuum_vacuum_insert_threshold = 100000, autovacuum_analyze_scale_factor = 0.05)', name);
    EXECUTE format('ALTER TABLE deliveries ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, starts, ends);
    added := added + 1;
    starts := ends;
  END LOOP;
  RETURN added;
END $$;

-- Deletes a partition with its rows. False if a delivery of it is still to be applied.
CREATE FUNCTION drop_delivery_partition(name text) RETURNS boolean LANGUAGE plpgsql SET lock_timeout = '300ms' AS $$
DECLARE
  is_needed boolean;
BEGIN
  PERFORM lock_for_change('deliveries', 1);
  EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE outcome = ''pending'')', name) INTO is_needed;
  IF is_needed THEN RETURN false; END IF;
  EXECUTE format('DROP TABLE %I', name);
  RETURN true;
END $$;

-- Takes what has no partition, so that no webhook is refused.
CREATE TABLE "deliveries_default" PARTITION OF "deliveries" DEFAULT;
CREATE INDEX "deliveries_default_svix_id_idx" ON "deliveries_default" ("svix_id");

DO $$
DECLARE
  bound text := (SELECT substring(pg_get_constraintdef(oid) FROM '''([^'']+)''')
    FROM pg_constraint WHERE conrelid = 'deliveries_before'::regclass AND conname = 'deliveries_before_bound');
  since text := bound;
BEGIN
  -- An empty table needs no constraint, so the partitions of a new database begin at once.
  IF NOT EXISTS (SELECT FROM deliveries_before) THEN
    DROP TABLE deliveries_before;
    CREATE TABLE deliveries_before (LIKE deliveries_default INCLUDING ALL);
    bound := date_trunc('week', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';
    since := '-infinity';
  END IF;
  EXECUTE format('ALTER TABLE deliveries ATTACH PARTITION deliveries_before FOR VALUES FROM (MINVALUE) TO (%L)', bound);
  EXECUTE format('CREATE TRIGGER remember_deliveries AFTER INSERT ON deliveries REFERENCING NEW TABLE AS changed_rows '
    'FOR EACH STATEMENT EXECUTE FUNCTION remember_deliveries(%L)', since);
END $$;

SELECT create_delivery_partitions('week', now() + interval '28 days');
