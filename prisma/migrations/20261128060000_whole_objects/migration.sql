-- AlterTable
ALTER TABLE "invitations" ADD COLUMN     "other_attributes" JSONB,
ADD COLUMN     "private_metadata" JSONB,
ADD COLUMN     "public_metadata" JSONB,
ADD COLUMN     "role_name" TEXT;

-- AlterTable
ALTER TABLE "memberships" ADD COLUMN     "other_attributes" JSONB,
ADD COLUMN     "permissions" JSONB,
ADD COLUMN     "private_metadata" JSONB,
ADD COLUMN     "public_metadata" JSONB,
ADD COLUMN     "role_name" TEXT;

-- AlterTable
ALTER TABLE "organizations" ADD COLUMN     "admin_delete_enabled" BOOLEAN,
ADD COLUMN     "has_image" BOOLEAN,
ADD COLUMN     "max_allowed_memberships" BIGINT,
ADD COLUMN     "other_attributes" JSONB,
ADD COLUMN     "private_metadata" JSONB,
ADD COLUMN     "public_metadata" JSONB;

-- AlterTable
ALTER TABLE "users" ADD COLUMN     "backup_code_enabled" BOOLEAN,
ADD COLUMN     "create_organization_enabled" BOOLEAN,
ADD COLUMN     "create_organizations_limit" BIGINT,
ADD COLUMN     "delete_self_enabled" BOOLEAN,
ADD COLUMN     "email_addresses" JSONB,
ADD COLUMN     "external_accounts" JSONB,
ADD COLUMN     "external_id" TEXT,
ADD COLUMN     "has_image" BOOLEAN,
ADD COLUMN     "has_passkey" BOOLEAN,
ADD COLUMN     "identifiers" TEXT,
ADD COLUMN     "is_email_verified" BOOLEAN,
ADD COLUMN     "last_active_at" TIMESTAMPTZ(3),
ADD COLUMN     "legal_accepted_at" TIMESTAMPTZ(3),
ADD COLUMN     "other_attributes" JSONB,
ADD COLUMN     "passkeys" JSONB,
ADD COLUMN     "password_enabled" BOOLEAN,
ADD COLUMN     "phone_number" TEXT,
ADD COLUMN     "phone_numbers" JSONB,
ADD COLUMN     "private_metadata" JSONB,
ADD COLUMN     "public_metadata" JSONB,
ADD COLUMN     "totp_enabled" BOOLEAN,
ADD COLUMN     "two_factor_enabled" BOOLEAN,
ADD COLUMN     "unsafe_metadata" JSONB,
ADD COLUMN     "web3_wallets" JSONB;

-- CreateIndex
CREATE INDEX "users_external_id_idx" ON "users"("external_id");

-- A membership's metadata is about its user, so it is cleared with the user. Both functions below are the halves of one rule, as
-- for versions: whichever of the two statements commits last sees the other.
CREATE FUNCTION clear_memberships_of_deleted(user_ids text[]) RETURNS void LANGUAGE sql AS $$
  UPDATE memberships SET public_metadata = NULL, private_metadata = NULL, other_attributes = NULL
  WHERE user_id = ANY (user_ids)
    AND (public_metadata, private_metadata, other_attributes) IS DISTINCT FROM (NULL, NULL, NULL)
$$;

CREATE OR REPLACE FUNCTION "forget_versions_of_buried"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows WHERE deleted) THEN
        DELETE FROM versions WHERE NOT deleted AND user_id IN (SELECT id FROM new_rows WHERE deleted);
        DELETE FROM drift_findings WHERE object_id IN (SELECT id FROM new_rows WHERE deleted);
        PERFORM clear_memberships_of_deleted(ARRAY(SELECT id FROM new_rows WHERE deleted));
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
