-- Every column that the console's lists show can be sorted. As before, text is sorted by its start, because an index entry has at
-- most 2,704 bytes, and an index in the natural order of a list also serves the reverse order.
ALTER TABLE "users"
  ADD COLUMN "sort_username" TEXT GENERATED ALWAYS AS (left(nullif(btrim(search_form("username")), ''), 100)) STORED,
  ADD COLUMN "sort_phone" TEXT GENERATED ALWAYS AS (left(nullif(btrim("phone_number"), ''), 100)) STORED,
  ADD COLUMN "sort_external_id" TEXT GENERATED ALWAYS AS (left("external_id", 100)) STORED,
  ADD COLUMN "sort_state" INTEGER GENERATED ALWAYS AS (CASE WHEN "deleted" THEN 3 WHEN "is_banned" THEN 2 WHEN "is_locked" THEN 1 ELSE 0 END) STORED;
CREATE INDEX "users_sort_username_id_idx" ON "users" ("sort_username", "id");
CREATE INDEX "users_sort_phone_id_idx" ON "users" ("sort_phone", "id");
CREATE INDEX "users_sort_external_id_id_idx" ON "users" ("sort_external_id", "id");
CREATE INDEX "users_sort_state_id_idx" ON "users" ("sort_state" DESC NULLS LAST, "id" DESC);
CREATE INDEX "users_is_email_verified_id_idx" ON "users" ("is_email_verified" DESC NULLS LAST, "id" DESC);
CREATE INDEX "users_two_factor_enabled_id_idx" ON "users" ("two_factor_enabled" DESC NULLS LAST, "id" DESC);
-- Few users are platform admins, so the filter reads only them.
CREATE INDEX "users_is_admin_idx" ON "users" ("id") WHERE "is_admin";

ALTER TABLE "organizations"
  ADD COLUMN "sort_slug" TEXT GENERATED ALWAYS AS (left(nullif(btrim(search_form("slug")), ''), 100)) STORED,
  ADD COLUMN "sort_creator" TEXT GENERATED ALWAYS AS (left("created_by", 100)) STORED;
CREATE INDEX "organizations_sort_slug_id_idx" ON "organizations" ("sort_slug", "id");
CREATE INDEX "organizations_sort_creator_id_idx" ON "organizations" ("sort_creator", "id");
CREATE INDEX "organizations_admin_delete_enabled_id_idx" ON "organizations" ("admin_delete_enabled" DESC NULLS LAST, "id" DESC);
CREATE INDEX "organizations_deleted_idx" ON "organizations" ("id") WHERE "deleted";

ALTER TABLE "memberships" ADD COLUMN "sort_role" TEXT GENERATED ALWAYS AS (left("role", 100)) STORED;
CREATE INDEX "memberships_organization_id_sort_role_id_idx" ON "memberships" ("organization_id", "sort_role", "id");
CREATE INDEX "memberships_organization_id_id_idx" ON "memberships" ("organization_id", "id");

-- Clerk sends no event when an invitation expires. Sorted by the time of expiry too, those that have expired and those that are
-- still pending do not alternate.
ALTER TABLE "invitations"
  ADD COLUMN "sort_email" TEXT GENERATED ALWAYS AS (left(nullif(btrim(search_form("email")), ''), 100)) STORED,
  ADD COLUMN "sort_status" TEXT GENERATED ALWAYS AS (left("status", 20) || CASE WHEN "status" = 'pending' THEN
    coalesce(' ' || lpad(((extract(epoch FROM "expires_at" - to_timestamp(0)) * 1000)::bigint + 100000000000000)::text, 18, '0'), ' ~') ELSE '' END) STORED,
  ADD COLUMN "sort_role" TEXT GENERATED ALWAYS AS (left("role", 100)) STORED;
CREATE INDEX "invitations_sort_email_id_idx" ON "invitations" ("sort_email", "id");
CREATE INDEX "invitations_sort_status_id_idx" ON "invitations" ("sort_status", "id");
CREATE INDEX "invitations_sort_role_id_idx" ON "invitations" ("sort_role", "id");

-- The index of audit_log_action_at_id_idx has the operator class of LIKE, which does not sort in the database's own order.
CREATE INDEX "audit_log_action_idx" ON "audit_log" ("action", "at" DESC, "id" DESC);

-- Effects carry what Clerk says, not what Postgres derives from it.
CREATE OR REPLACE FUNCTION generated_columns() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
  SELECT '{search,sort_name,sort_email,members_count,sort_username,sort_phone,sort_external_id,sort_state,sort_slug,sort_creator,sort_role,sort_status}'::text[]
$$;
