-- The number of an organization's members that are shown: neither they nor their memberships are deleted. Maintained by triggers, so
-- that a list of any size can be sorted by it. Nullable only because Prisma sorts all lists with NULLS LAST.
DROP VIEW "organization_sizes";
ALTER TABLE "organizations" ADD COLUMN "members_count" INTEGER DEFAULT 0;

-- Adds to the counts: for the nth membership, `deltas[n]` if its user is shown. Locks the users first: a concurrent deletion of one
-- waits for this transaction and then sees its memberships, or was committed before and is seen here. So each change is counted once.
CREATE FUNCTION add_members(user_ids text[], organization_ids text[], deltas integer[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF cardinality(user_ids) = 0 THEN RETURN; END IF;
  PERFORM FROM users WHERE id = ANY (user_ids) ORDER BY id FOR SHARE;
  -- Locks in the order of the ids, as every statement that writes organizations does. Otherwise two could deadlock.
  PERFORM FROM organizations WHERE id = ANY (organization_ids) ORDER BY id FOR NO KEY UPDATE;
  UPDATE organizations o SET members_count = o.members_count + c.delta
  FROM (
    SELECT m.organization_id, sum(m.delta)::int AS delta
    FROM unnest(user_ids, organization_ids, deltas) AS m (user_id, organization_id, delta)
    JOIN users u ON u.id = m.user_id WHERE NOT u.deleted AND u.version > 0
    GROUP BY 1 HAVING sum(m.delta) <> 0
  ) c WHERE o.id = c.organization_id;
END $$;

CREATE FUNCTION count_changed_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    PERFORM add_members(array_agg(user_id), array_agg(organization_id), array_agg(1))
    FROM new_rows WHERE NOT deleted AND version > 0 HAVING count(*) > 0;
  ELSIF TG_OP = 'DELETE' THEN
    PERFORM add_members(array_agg(user_id), array_agg(organization_id), array_agg(-1))
    FROM old_rows WHERE NOT deleted AND version > 0 HAVING count(*) > 0;
  ELSE
    PERFORM add_members(array_agg(c.user_id), array_agg(c.organization_id), array_agg(c.delta))
    FROM old_rows o JOIN new_rows n ON n.id = o.id, LATERAL (VALUES
      (o.user_id, o.organization_id, -1, NOT o.deleted AND o.version > 0),
      (n.user_id, n.organization_id, 1, NOT n.deleted AND n.version > 0)
    ) AS c (user_id, organization_id, delta, is_shown)
    WHERE c.is_shown AND (o.user_id, o.organization_id, NOT o.deleted AND o.version > 0)
      IS DISTINCT FROM (n.user_id, n.organization_id, NOT n.deleted AND n.version > 0)
    HAVING count(*) > 0;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER count_members_insert AFTER INSERT ON "memberships" REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION count_changed_memberships();
CREATE TRIGGER count_members_update AFTER UPDATE ON "memberships" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION count_changed_memberships();
CREATE TRIGGER count_members_delete AFTER DELETE ON "memberships" REFERENCING OLD TABLE AS old_rows
  FOR EACH STATEMENT EXECUTE FUNCTION count_changed_memberships();

CREATE FUNCTION count_no_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE organizations SET members_count = 0 WHERE members_count <> 0;
  RETURN NULL;
END $$;
CREATE TRIGGER count_members_truncate AFTER TRUNCATE ON "memberships" FOR EACH STATEMENT EXECUTE FUNCTION count_no_memberships();

-- A membership refers to its user, so a new user has no membership yet, and a user with memberships cannot be removed.
CREATE FUNCTION count_memberships_of_changed_users() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM old_rows o JOIN new_rows n ON n.id = o.id WHERE (NOT o.deleted AND o.version > 0) <> (NOT n.deleted AND n.version > 0)
  ) THEN RETURN NULL; END IF;
  PERFORM FROM organizations WHERE id IN (
    SELECT m.organization_id FROM new_rows n JOIN memberships m ON m.user_id = n.id WHERE NOT m.deleted AND m.version > 0
  ) ORDER BY id FOR NO KEY UPDATE;
  UPDATE organizations g SET members_count = g.members_count + c.delta
  FROM (
    SELECT m.organization_id, sum(CASE WHEN NOT n.deleted AND n.version > 0 THEN 1 ELSE -1 END)::int AS delta
    FROM old_rows o JOIN new_rows n ON n.id = o.id JOIN memberships m ON m.user_id = n.id
    WHERE (NOT o.deleted AND o.version > 0) <> (NOT n.deleted AND n.version > 0) AND NOT m.deleted AND m.version > 0
    GROUP BY 1
  ) c WHERE g.id = c.organization_id;
  RETURN NULL;
END $$;
CREATE TRIGGER count_members_update AFTER UPDATE ON "users" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION count_memberships_of_changed_users();

-- The new triggers keep writers out until this migration is committed, so these counts are exact.
ALTER TABLE "organizations" DISABLE TRIGGER USER;
UPDATE "organizations" o SET "members_count" = c.count
FROM (
  SELECT m."organization_id", count(*)::int AS count FROM "memberships" m JOIN "users" u ON u."id" = m."user_id"
  WHERE NOT m."deleted" AND m."version" > 0 AND NOT u."deleted" AND u."version" > 0 GROUP BY 1
) c WHERE c."organization_id" = o."id";
ALTER TABLE "organizations" ENABLE TRIGGER USER;
CREATE INDEX "organizations_members_count_id_idx" ON "organizations" ("members_count" DESC NULLS LAST, "id" DESC);

-- Effects carry what Clerk says. A count that changes without its organization is no change of the organization.
CREATE OR REPLACE FUNCTION generated_columns() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT '{search,sort_name,sort_email,members_count}'::text[]
$$;

-- The views belong to the viewer's role, which may create in their schema only here.
DO $$
-- Read before the role changes: the viewer's role may have no right to execute the function.
DECLARE contract text := sql_contract_schema();
BEGIN
  EXECUTE format('GRANT CREATE, USAGE ON SCHEMA %I TO %I', contract, viewer_role());
  EXECUTE format('SET LOCAL ROLE %I', viewer_role());
  EXECUTE format('CREATE OR REPLACE VIEW %I.live_organizations AS SELECT
      id, name, slug, image_url, has_image, created_by, max_allowed_memberships, admin_delete_enabled, created_at, updated_at,
      public_metadata, other_attributes, members_count
    FROM organizations WHERE NOT deleted AND version > 0', contract);
  EXECUTE format('COMMENT ON COLUMN %I.live_organizations.members_count IS %L', contract,
    'Number of its rows in `live_memberships`');
  RESET ROLE;
  EXECUTE format('REVOKE ALL ON SCHEMA %I FROM %I', contract, viewer_role());
END $$;
