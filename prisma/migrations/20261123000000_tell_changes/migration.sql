-- Every committed change of what somebody may be looking at, or may have cached, is told on the channel `rollcall`:
-- {"table": …, "ids": […], …}. Inside the transaction, so that what is rolled back is not told. A statement that
-- touches more rows than a message should name tells {"table": …, "flush": true} instead: forget the table.
--
-- One trigger an event, because a trigger with a transition table may have only one. An update of a membership is told
-- with its old keys too: a tombstone may no longer name the person it was about.

CREATE FUNCTION tell_change(table_name text, row_count bigint, keys jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  message text;
BEGIN
  IF row_count = 0 THEN RETURN; END IF;
  message := (jsonb_build_object('table', table_name) || keys)::text;
  -- A payload of 8,000 bytes and more is refused by Postgres, and would fail the change itself.
  IF row_count > 50 OR octet_length(message) > 7500 THEN
    message := jsonb_build_object('table', table_name, 'flush', true)::text;
  END IF;
  PERFORM pg_notify('rollcall', message);
END $$;

CREATE FUNCTION tell_rows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_change(TG_TABLE_NAME, count(*), jsonb_build_object('ids', jsonb_agg(id))) FROM changed_rows;
  RETURN NULL;
END $$;

CREATE FUNCTION tell_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_change(TG_TABLE_NAME, count(*), jsonb_build_object(
    'ids', jsonb_agg(id),
    'users', coalesce(jsonb_agg(DISTINCT user_id) FILTER (WHERE user_id IS NOT NULL), '[]'),
    'organizations', coalesce(jsonb_agg(DISTINCT organization_id) FILTER (WHERE organization_id IS NOT NULL), '[]')
  )) FROM changed_rows;
  RETURN NULL;
END $$;

CREATE FUNCTION tell_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_change(TG_TABLE_NAME, count(*), jsonb_build_object('ids', jsonb_agg(svix_id))) FROM changed_rows;
  RETURN NULL;
END $$;

CREATE FUNCTION tell_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('rollcall', jsonb_build_object('table', TG_TABLE_NAME, 'flush', true)::text);
  RETURN NULL;
END $$;

CREATE TRIGGER tell_insert AFTER INSERT ON users REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_rows();
CREATE TRIGGER tell_update AFTER UPDATE ON users REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_rows();
CREATE TRIGGER tell_delete AFTER DELETE ON users REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_rows();
CREATE TRIGGER tell_truncate AFTER TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION tell_truncate();

CREATE TRIGGER tell_insert AFTER INSERT ON organizations REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_rows();
CREATE TRIGGER tell_update AFTER UPDATE ON organizations REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_rows();
CREATE TRIGGER tell_delete AFTER DELETE ON organizations REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_rows();
CREATE TRIGGER tell_truncate AFTER TRUNCATE ON organizations FOR EACH STATEMENT EXECUTE FUNCTION tell_truncate();

CREATE TRIGGER tell_insert AFTER INSERT ON memberships REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_memberships();
CREATE TRIGGER tell_update AFTER UPDATE ON memberships REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_memberships();
CREATE TRIGGER tell_update_old AFTER UPDATE ON memberships REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_memberships();
CREATE TRIGGER tell_delete AFTER DELETE ON memberships REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_memberships();
CREATE TRIGGER tell_truncate AFTER TRUNCATE ON memberships FOR EACH STATEMENT EXECUTE FUNCTION tell_truncate();

-- The inbox only grows and is updated in place; rows that retention takes away are told to nobody.
CREATE TRIGGER tell_insert AFTER INSERT ON deliveries REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_deliveries();
CREATE TRIGGER tell_update AFTER UPDATE ON deliveries REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_deliveries();
