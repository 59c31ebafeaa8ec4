-- What a backfill of many rows a statement does not need: names of rows that are too many to be told, and an update of
-- versions when nobody is buried. What is done, and what is told, stays the same.

CREATE OR REPLACE FUNCTION tell_rows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  row_count bigint := (SELECT count(*) FROM changed_rows);
BEGIN
  IF row_count > 50 THEN
    PERFORM tell_change(TG_TABLE_NAME, row_count, '{}');
  ELSE
    PERFORM tell_change(TG_TABLE_NAME, row_count, jsonb_build_object('ids', jsonb_agg(id))) FROM changed_rows;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tell_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  row_count bigint := (SELECT count(*) FROM changed_rows);
BEGIN
  IF row_count > 50 THEN
    PERFORM tell_change(TG_TABLE_NAME, row_count, '{}');
  ELSE
    PERFORM tell_change(TG_TABLE_NAME, row_count, jsonb_build_object(
      'ids', jsonb_agg(id),
      'users', coalesce(jsonb_agg(DISTINCT user_id) FILTER (WHERE user_id IS NOT NULL), '[]'),
      'organizations', coalesce(jsonb_agg(DISTINCT organization_id) FILTER (WHERE organization_id IS NOT NULL), '[]')
    )) FROM changed_rows;
  END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION "blank_versions_of_buried"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_any_buried boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE is_late OR object_table = 'memberships') THEN
        RETURN NULL;
    END IF;
    -- A user's own change holds the user's lock already; a membership's does not. Whoever is locked is read as they are now.
    SELECT bool_or(deleted) INTO is_any_buried FROM (
        SELECT deleted FROM users WHERE id IN (SELECT user_id FROM new_rows WHERE object_table = 'memberships')
        ORDER BY id FOR SHARE
    ) AS locked;
    IF is_any_buried IS NOT TRUE
        AND NOT EXISTS (SELECT FROM new_rows n JOIN users u ON u.id = n.user_id WHERE n.is_late AND u.deleted) THEN
        RETURN NULL;
    END IF;
    UPDATE versions v SET state = NULL FROM new_rows n
    WHERE v.object_id = n.object_id AND v.version = n.version AND v.svix_id = n.svix_id AND v.run_id = n.run_id
        AND n.state IS NOT NULL AND (SELECT u.deleted FROM users u WHERE u.id = n.user_id);
    RETURN NULL;
END $$;
