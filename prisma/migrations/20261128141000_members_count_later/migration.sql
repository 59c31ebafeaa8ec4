-- organizations.members_count was updated by the statement that writes memberships. An update of a column with an index writes
-- every index of the row, and locks the organization until the commit: the same statement took 1.4 to 1.6 times the CPU of Postgres.
-- Now the statement only notes the organization, and the worker counts the members of the noted organizations every minute.
DROP TRIGGER count_members_insert ON "memberships";
DROP TRIGGER count_members_update ON "memberships";
DROP TRIGGER count_members_delete ON "memberships";
DROP TRIGGER count_members_truncate ON "memberships";
DROP TRIGGER count_members_update ON "users";
DROP FUNCTION count_changed_memberships();
DROP FUNCTION count_no_memberships();
DROP FUNCTION count_memberships_of_changed_users();
DROP FUNCTION add_members(text[], text[], integer[]);

CREATE TABLE "stale_member_counts" (
    "id" BIGSERIAL NOT NULL,
    "organization_id" TEXT NOT NULL,

    CONSTRAINT "stale_member_counts_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "stale_member_counts" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "stale_member_counts" USING ((SELECT sees_everything()));

CREATE FUNCTION note_inserted_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stale_member_counts (organization_id) SELECT DISTINCT organization_id FROM new_rows;
  RETURN NULL;
END $$;
CREATE TRIGGER count_members_insert AFTER INSERT ON "memberships" REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION note_inserted_memberships();

CREATE FUNCTION note_membership() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stale_member_counts (organization_id) VALUES (OLD.organization_id);
  IF TG_OP = 'UPDATE' AND NEW.organization_id <> OLD.organization_id THEN
    INSERT INTO stale_member_counts (organization_id) VALUES (NEW.organization_id);
  END IF;
  RETURN NULL;
END $$;
-- Most updates change a role or metadata: the condition keeps them from calling the function.
CREATE TRIGGER count_members_update AFTER UPDATE ON "memberships" FOR EACH ROW
  WHEN ((OLD.user_id, OLD.organization_id, OLD.deleted OR OLD.version = 0)
    IS DISTINCT FROM (NEW.user_id, NEW.organization_id, NEW.deleted OR NEW.version = 0))
  EXECUTE FUNCTION note_membership();
CREATE TRIGGER count_members_delete AFTER DELETE ON "memberships" FOR EACH ROW EXECUTE FUNCTION note_membership();

CREATE FUNCTION note_counted_organizations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stale_member_counts (organization_id) SELECT id FROM organizations WHERE members_count <> 0;
  RETURN NULL;
END $$;
CREATE TRIGGER count_members_truncate AFTER TRUNCATE ON "memberships"
  FOR EACH STATEMENT EXECUTE FUNCTION note_counted_organizations();

-- A user that is deleted, or whose first event arrives after a membership. A membership's own statement locks its user
-- (blank_versions_of_buried), so of two concurrent statements the later one sees the earlier one.
CREATE FUNCTION note_memberships_of_user() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO stale_member_counts (organization_id) SELECT DISTINCT organization_id FROM memberships WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER count_members_update AFTER UPDATE ON "users" FOR EACH ROW
  WHEN ((OLD.deleted OR OLD.version = 0) <> (NEW.deleted OR NEW.version = 0)) EXECUTE FUNCTION note_memberships_of_user();

-- Counts the members of up to 100 noted organizations. Returns how many it has counted.
CREATE FUNCTION refresh_member_counts() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  ids text[];
BEGIN
  -- One at a time: an older count must not overwrite a newer one.
  PERFORM pg_advisory_xact_lock(hashtext('rollcall members_count'));
  WITH noted AS (
    DELETE FROM stale_member_counts WHERE organization_id IN (SELECT DISTINCT organization_id FROM stale_member_counts LIMIT 100)
    RETURNING organization_id
  )
  SELECT array_agg(DISTINCT organization_id) INTO ids FROM noted;
  IF ids IS NULL THEN
    RETURN 0;
  END IF;
  -- Locks in the order of the ids, as every statement that writes organizations does. Otherwise two could deadlock.
  PERFORM FROM organizations WHERE id = ANY (ids) ORDER BY id FOR NO KEY UPDATE;
  PERFORM set_config('rollcall.counts_members', 'on', true);
  UPDATE organizations o SET members_count = c.members
  FROM (
    SELECT given.id, count(u.id)::int AS members FROM unnest(ids) AS given (id)
    LEFT JOIN memberships m ON m.organization_id = given.id AND NOT m.deleted AND m.version > 0
    LEFT JOIN users u ON u.id = m.user_id AND NOT u.deleted AND u.version > 0
    GROUP BY given.id
  ) c WHERE o.id = c.id AND o.members_count IS DISTINCT FROM c.members;
  RETURN cardinality(ids);
END $$;

-- A membership's own notification already tells that the number of members changed, so a new count sends none.
DROP TRIGGER tell_update ON organizations;
CREATE TRIGGER tell_update AFTER UPDATE ON organizations REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT
  WHEN (coalesce(current_setting('rollcall.counts_members', true), '') = '') EXECUTE FUNCTION tell_rows();

-- The views belong to the viewer's role, which may use their schema only here.
DO $$
-- Read before the role changes: the viewer's role may have no right to execute the function.
DECLARE contract text := sql_contract_schema();
BEGIN
  EXECUTE format('GRANT CREATE, USAGE ON SCHEMA %I TO %I', contract, viewer_role());
  EXECUTE format('SET LOCAL ROLE %I', viewer_role());
  EXECUTE format('COMMENT ON COLUMN %I.live_organizations.members_count IS %L', contract,
    'Number of its rows in `live_memberships`, as of the last minute');
  RESET ROLE;
  EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %I', contract, viewer_role());
END $$;
