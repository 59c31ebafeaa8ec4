-- What the lists of the console sort and filter by, with an index for each order. An index also serves the reverse order.
-- NULLs are last in the natural order of a list: newest first for times, A to Z for text.

-- An index entry has at most 2,704 bytes, and a name has no limit, so text is sorted by the start of its normal form. The name is
-- the one that the console shows: full name, username, e-mail address, phone number, id.
ALTER TABLE "users"
  ADD COLUMN "sort_name" TEXT GENERATED ALWAYS AS (left(coalesce(
    nullif(btrim(search_form(coalesce("first_name", '') || ' ' || coalesce("last_name", ''))), ''),
    nullif(btrim(search_form("username")), ''), nullif(btrim(search_form("email")), ''),
    nullif(btrim(search_form("phone_number")), ''), "id"
  ), 100)) STORED,
  ADD COLUMN "sort_email" TEXT GENERATED ALWAYS AS (left(nullif(btrim(search_form("email")), ''), 100)) STORED;
ALTER TABLE "organizations" ADD COLUMN "sort_name" TEXT GENERATED ALWAYS AS (left(coalesce(
  nullif(btrim(search_form("name")), ''), nullif(btrim(search_form("slug")), ''), "id"
), 100)) STORED;

CREATE INDEX "users_sort_name_id_idx" ON "users" ("sort_name", "id");
CREATE INDEX "users_sort_email_id_idx" ON "users" ("sort_email", "id");
CREATE INDEX "users_updated_at_id_idx" ON "users" ("updated_at" DESC NULLS LAST, "id" DESC);
CREATE INDEX "users_last_active_at_id_idx" ON "users" ("last_active_at" DESC NULLS LAST, "id" DESC);
CREATE INDEX "users_last_sign_in_at_id_idx" ON "users" ("last_sign_in_at" DESC NULLS LAST, "id" DESC);
CREATE INDEX "organizations_sort_name_id_idx" ON "organizations" ("sort_name", "id");
CREATE INDEX "organizations_updated_at_id_idx" ON "organizations" ("updated_at" DESC NULLS LAST, "id" DESC);
CREATE INDEX "memberships_organization_id_updated_at_id_idx" ON "memberships" ("organization_id", "updated_at" DESC NULLS LAST, "id" DESC);
CREATE INDEX "invitations_created_at_id_idx" ON "invitations" ("created_at" DESC NULLS LAST, "id" DESC);
CREATE INDEX "invitations_expires_at_id_idx" ON "invitations" ("expires_at" DESC NULLS LAST, "id" DESC);
CREATE INDEX "invitations_organization_id_expires_at_id_idx" ON "invitations" ("organization_id", "expires_at" DESC NULLS LAST, "id" DESC);
DROP INDEX "invitations_organization_id_created_at_id_idx";
CREATE INDEX "invitations_organization_id_created_at_id_idx" ON "invitations" ("organization_id", "created_at" DESC NULLS LAST, "id" DESC);

-- A hash index has no limit of length: a B-tree would refuse a user with a long external id or address.
DROP INDEX "users_email_idx";
CREATE INDEX "users_email_idx" ON "users" USING hash ("email");
DROP INDEX "users_external_id_idx";
CREATE INDEX "users_external_id_idx" ON "users" USING hash ("external_id");

-- The members of an organization that are shown. Read by platform admins only: the viewer role has no right on it.
CREATE VIEW "organization_sizes" AS
  SELECT o."id" AS "organization_id", (
    SELECT count(*)::int FROM "memberships" m JOIN "users" u ON u."id" = m."user_id"
    WHERE m."organization_id" = o."id" AND NOT m."deleted" AND m."version" > 0 AND NOT u."deleted" AND u."version" > 0
  ) AS "members_count"
  FROM "organizations" o;

-- An invitation is also shown to the user whom it invites: at a verified address of theirs, or as the one who accepted it.
CREATE FUNCTION viewer_email_addresses() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(lower(a ->> 'email_address')), '{}') FROM users u, jsonb_array_elements(
    CASE WHEN jsonb_typeof(u.email_addresses) = 'array' THEN u.email_addresses ELSE '[]' END) a
  WHERE u.id = who_asks() AND NOT u.deleted AND a #>> '{verification,status}' = 'verified'
$$;
DROP POLICY seen ON "invitations";
CREATE POLICY seen ON "invitations" USING (
  (SELECT sees_everything()) OR organization_id = ANY ((SELECT seen_organizations())::text[])
  OR user_id = (SELECT who_asks()) OR lower(email) = ANY ((SELECT viewer_email_addresses())::text[])
);

-- Effects carry what Clerk says, not what Postgres generates from it.
CREATE FUNCTION generated_columns() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$ SELECT '{search,sort_name,sort_email}'::text[] $$;

CREATE OR REPLACE FUNCTION effect_content(state jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT state - '{deleted,version,event_timestamp,svix_id,last_active_at}'::text[] - generated_columns()
$$;

CREATE OR REPLACE FUNCTION add_effects_of_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  cause text := current_setting('rollcall.effect_cause', true);
  since text := nullif(current_setting('rollcall.effects_created_since', true), '');
BEGIN
  IF NOT EXISTS (SELECT FROM effect_subscribers s WHERE s.object_table = TG_TABLE_NAME AND s.change = 'created') THEN
    RETURN NULL;
  END IF;
  PERFORM add_effect_jobs(TG_TABLE_NAME, 'created', cause, NULL, to_jsonb(n) - generated_columns(), '{}')
  FROM new_rows n WHERE NOT n.deleted AND n.version > 0 AND (since IS NULL OR n.created_at >= since::timestamptz);
  IF FOUND THEN NOTIFY rollcall_effects; END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION add_effects_of_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  cause text := current_setting('rollcall.effect_cause', true);
  since text := nullif(current_setting('rollcall.effects_created_since', true), '');
BEGIN
  IF NOT EXISTS (SELECT FROM effect_subscribers s WHERE s.object_table = TG_TABLE_NAME) THEN
    RETURN NULL;
  END IF;
  PERFORM add_effect_jobs(TG_TABLE_NAME, c.change, cause, CASE WHEN c.change <> 'created' THEN c.was END, c.is_now, c.changed)
  FROM (
    SELECT change, to_jsonb(o) - generated_columns() AS was, to_jsonb(n) - generated_columns() AS is_now, n.created_at,
      ARRAY(SELECT name FROM jsonb_each(CASE WHEN change = 'updated' THEN effect_content(to_jsonb(n)) END) AS a (name, value)
        WHERE value <> to_jsonb(o) -> name ORDER BY name) AS changed
    FROM old_rows o JOIN new_rows n ON n.id = o.id,
      LATERAL effect_change(NOT o.deleted AND o.version > 0, NOT n.deleted AND n.version > 0) AS change
    -- Other writers, such as the one that clears the metadata of a deleted user's membership, keep the version.
    WHERE (n.deleted, n.version, n.event_timestamp, n.svix_id) IS DISTINCT FROM (o.deleted, o.version, o.event_timestamp, o.svix_id)
  ) c
  WHERE c.change IS NOT NULL AND (c.change <> 'updated' OR cardinality(c.changed) > 0)
    AND (c.change <> 'created' OR since IS NULL OR c.created_at >= since::timestamptz);
  IF FOUND THEN NOTIFY rollcall_effects; END IF;
  RETURN NULL;
END $$;

-- A deletion clears the object's history and the findings about it: of a user, also those of the user's memberships.
CREATE OR REPLACE FUNCTION "forget_versions_of_buried"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    deleted_ids text[] := ARRAY(SELECT id FROM new_rows WHERE deleted);
BEGIN
    IF cardinality(deleted_ids) = 0 THEN
        RETURN NULL;
    END IF;
    DELETE FROM drift_findings WHERE object_id = ANY (deleted_ids);
    IF TG_TABLE_NAME = 'organizations' THEN
        DELETE FROM versions WHERE NOT deleted AND object_id = ANY (deleted_ids);
    ELSE
        DELETE FROM versions WHERE NOT deleted AND user_id = ANY (deleted_ids);
        DELETE FROM drift_findings WHERE object_id IN (SELECT id FROM memberships WHERE user_id = ANY (deleted_ids));
        PERFORM clear_memberships_of_deleted(deleted_ids);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER "organizations_forget_on_insert" AFTER INSERT ON "organizations"
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "forget_versions_of_buried"();
CREATE TRIGGER "organizations_forget_on_update" AFTER UPDATE ON "organizations"
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "forget_versions_of_buried"();

-- A version that arrives after the deletion of its user or organization is blank.
CREATE OR REPLACE FUNCTION "blank_versions_of_buried"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    is_any_buried boolean;
BEGIN
    IF NOT EXISTS (SELECT FROM new_rows WHERE is_late OR object_table = 'memberships') THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM new_rows WHERE is_late AND object_table = 'organizations') THEN
        UPDATE versions v SET state = NULL FROM new_rows n
        WHERE v.object_id = n.object_id AND v.version = n.version AND v.svix_id = n.svix_id AND v.run_id = n.run_id
            AND n.state IS NOT NULL AND (SELECT o.deleted FROM organizations o WHERE o.id = n.object_id);
    END IF;
    -- A user's own change holds the user's lock already; a membership's does not. A locked row is read as it is now.
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
    PERFORM clear_memberships_of_deleted(ARRAY(
        SELECT u.id FROM users u WHERE u.deleted AND u.id IN (SELECT user_id FROM new_rows WHERE object_table = 'memberships')));
    RETURN NULL;
END $$;
