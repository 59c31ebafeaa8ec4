-- The table of today becomes the partition of everything before a Monday four to five weeks ahead. The constraint says so, so that
-- the partition is attached without reading the table. Postgres validates it in the next migration, where it blocks no webhook.
DO $$
BEGIN
  PERFORM lock_for_change('deliveries', 120);
  EXECUTE format('ALTER TABLE deliveries ADD CONSTRAINT deliveries_before_bound CHECK (received_at < %L) NOT VALID',
    (date_trunc('week', now() AT TIME ZONE 'UTC') + interval '5 weeks') AT TIME ZONE 'UTC');
END $$;
