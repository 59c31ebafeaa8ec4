-- AlterTable
ALTER TABLE "deliveries" ADD COLUMN     "headers" JSONB,
ADD COLUMN     "is_redacted" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "next_attempt_at" TIMESTAMPTZ(3),
ADD COLUMN     "settled_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "user_id" TEXT,
ALTER COLUMN "body" DROP NOT NULL;

-- CreateTable
CREATE TABLE "invitations" (
    "id" TEXT NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "version" BIGINT NOT NULL DEFAULT 0,
    "event_timestamp" BIGINT NOT NULL DEFAULT 0,
    "svix_id" TEXT NOT NULL DEFAULT '',
    "organization_id" TEXT,
    "email" TEXT,
    "role" TEXT,
    "status" TEXT,
    "inviter_id" TEXT,
    "user_id" TEXT,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "domains" (
    "id" TEXT NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "version" BIGINT NOT NULL DEFAULT 0,
    "event_timestamp" BIGINT NOT NULL DEFAULT 0,
    "svix_id" TEXT NOT NULL DEFAULT '',
    "organization_id" TEXT,
    "name" TEXT,
    "enrollment_mode" TEXT,
    "verification_status" TEXT,
    "created_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "domains_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "roles" (
    "id" TEXT NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "version" BIGINT NOT NULL DEFAULT 0,
    "event_timestamp" BIGINT NOT NULL DEFAULT 0,
    "svix_id" TEXT NOT NULL DEFAULT '',
    "key" TEXT,
    "name" TEXT,
    "description" TEXT,
    "is_creator_eligible" BOOLEAN NOT NULL DEFAULT false,
    "permissions" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "created_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "roles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "permissions" (
    "id" TEXT NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "version" BIGINT NOT NULL DEFAULT 0,
    "event_timestamp" BIGINT NOT NULL DEFAULT 0,
    "svix_id" TEXT NOT NULL DEFAULT '',
    "key" TEXT,
    "name" TEXT,
    "description" TEXT,
    "type" TEXT,
    "created_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "permissions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" TEXT NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "version" BIGINT NOT NULL DEFAULT 0,
    "event_timestamp" BIGINT NOT NULL DEFAULT 0,
    "svix_id" TEXT NOT NULL DEFAULT '',
    "user_id" TEXT,
    "client_id" TEXT,
    "status" TEXT,
    "actor_id" TEXT,
    "last_active_organization_id" TEXT,
    "last_active_at" TIMESTAMPTZ(3),
    "expire_at" TIMESTAMPTZ(3),
    "abandon_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payment_attempts" (
    "id" TEXT NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "version" BIGINT NOT NULL DEFAULT 0,
    "event_timestamp" BIGINT NOT NULL DEFAULT 0,
    "svix_id" TEXT NOT NULL DEFAULT '',
    "payment_id" TEXT,
    "user_id" TEXT,
    "organization_id" TEXT,
    "status" TEXT,
    "charge_type" TEXT,
    "amount" BIGINT,
    "currency" TEXT,
    "plans" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "failed_reason" TEXT,
    "billing_date" TIMESTAMPTZ(3),
    "paid_at" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "payment_attempts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subscriptions" (
    "id" TEXT NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "version" BIGINT NOT NULL DEFAULT 0,
    "event_timestamp" BIGINT NOT NULL DEFAULT 0,
    "svix_id" TEXT NOT NULL DEFAULT '',
    "user_id" TEXT,
    "organization_id" TEXT,
    "status" TEXT,
    "latest_payment_id" TEXT,
    "active_at" TIMESTAMPTZ(3),
    "past_due_at" TIMESTAMPTZ(3),
    "canceled_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "subscriptions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "subscription_items" (
    "id" TEXT NOT NULL,
    "deleted" BOOLEAN NOT NULL DEFAULT false,
    "version" BIGINT NOT NULL DEFAULT 0,
    "event_timestamp" BIGINT NOT NULL DEFAULT 0,
    "svix_id" TEXT NOT NULL DEFAULT '',
    "subscription_id" TEXT,
    "user_id" TEXT,
    "organization_id" TEXT,
    "plan_id" TEXT,
    "plan_name" TEXT,
    "status" TEXT,
    "is_free_trial" BOOLEAN NOT NULL DEFAULT false,
    "interval" TEXT,
    "amount" BIGINT,
    "currency" TEXT,
    "period_start" TIMESTAMPTZ(3),
    "period_end" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "subscription_items_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "versions" (
    "object_table" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "deleted" BOOLEAN NOT NULL,
    "version" BIGINT NOT NULL,
    "event_timestamp" BIGINT NOT NULL,
    "svix_id" TEXT NOT NULL DEFAULT '',
    "run_id" BIGINT NOT NULL DEFAULT 0,
    "user_id" TEXT,
    "organization_id" TEXT,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "is_late" BOOLEAN NOT NULL DEFAULT false,
    "state" JSONB,

    CONSTRAINT "versions_pkey" PRIMARY KEY ("object_id","version","svix_id","run_id")
);

-- CreateTable
CREATE TABLE "sync_runs" (
    "id" BIGSERIAL NOT NULL,
    "mode" TEXT NOT NULL,
    "trigger" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "heartbeat_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),
    "cursor" JSONB NOT NULL,
    "counts" JSONB NOT NULL,
    "error" TEXT,

    CONSTRAINT "sync_runs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "drift_findings" (
    "id" BIGSERIAL NOT NULL,
    "run_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "object_table" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "fields" JSONB NOT NULL,
    "cause" TEXT NOT NULL,
    "is_repaired" BOOLEAN NOT NULL DEFAULT false,
    "found_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "drift_findings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "canary_rounds" (
    "id" BIGSERIAL NOT NULL,
    "nonce" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "accepted_at" TIMESTAMPTZ(3),
    "arrived_at" TIMESTAMPTZ(3),
    "broken_link" TEXT,

    CONSTRAINT "canary_rounds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sync_facts" (
    "name" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sync_facts_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "subject" TEXT,
    "detail" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "invitations_organization_id_created_at_id_idx" ON "invitations"("organization_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "invitations_user_id_idx" ON "invitations"("user_id");

-- CreateIndex
CREATE INDEX "domains_organization_id_idx" ON "domains"("organization_id");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "payment_attempts_user_id_created_at_id_idx" ON "payment_attempts"("user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "payment_attempts_organization_id_created_at_id_idx" ON "payment_attempts"("organization_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "subscriptions_user_id_idx" ON "subscriptions"("user_id");

-- CreateIndex
CREATE INDEX "subscriptions_organization_id_idx" ON "subscriptions"("organization_id");

-- CreateIndex
CREATE INDEX "subscription_items_user_id_idx" ON "subscription_items"("user_id");

-- CreateIndex
CREATE INDEX "subscription_items_organization_id_idx" ON "subscription_items"("organization_id");

-- CreateIndex
CREATE INDEX "versions_user_id_idx" ON "versions"("user_id");

-- CreateIndex
CREATE INDEX "versions_received_at_idx" ON "versions" USING BRIN ("received_at");

-- CreateIndex
CREATE INDEX "sync_runs_started_at_idx" ON "sync_runs"("started_at" DESC);

-- CreateIndex
CREATE INDEX "drift_findings_run_id_idx" ON "drift_findings"("run_id");

-- CreateIndex
CREATE INDEX "drift_findings_object_id_idx" ON "drift_findings"("object_id");

-- CreateIndex
CREATE UNIQUE INDEX "canary_rounds_nonce_key" ON "canary_rounds"("nonce");

-- CreateIndex
CREATE INDEX "canary_rounds_started_at_idx" ON "canary_rounds"("started_at" DESC);

-- CreateIndex
CREATE INDEX "audit_log_at_id_idx" ON "audit_log"("at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_log_subject_idx" ON "audit_log"("subject");

-- CreateIndex
CREATE INDEX "deliveries_outcome_received_at_idx" ON "deliveries"("outcome", "received_at");

-- CreateIndex
CREATE INDEX "deliveries_user_id_idx" ON "deliveries"("user_id");

-- AddForeignKey
ALTER TABLE "drift_findings" ADD CONSTRAINT "drift_findings_run_id_fkey" FOREIGN KEY ("run_id") REFERENCES "sync_runs"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- What came before this migration is settled, unless it waits for another try.
UPDATE "deliveries" SET
    "settled_at" = CASE WHEN "outcome" = 'pending' THEN NULL ELSE "received_at" END,
    "next_attempt_at" = CASE WHEN "outcome" = 'pending' THEN CURRENT_TIMESTAMP END;

-- Prisma does not know triggers: what follows is kept by tests only.

-- A statement's own snapshot does not see what was committed while it waited for a row's lock; a trigger's queries do.
-- So both halves of "gone with the person" are triggers: no version slips in between a late update and a burial.
CREATE FUNCTION "forget_versions_of_buried"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM new_rows WHERE deleted) THEN
        DELETE FROM versions WHERE NOT deleted AND user_id IN (SELECT id FROM new_rows WHERE deleted);
        DELETE FROM drift_findings WHERE object_id IN (SELECT id FROM new_rows WHERE deleted);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER "users_forget_on_insert" AFTER INSERT ON "users"
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "forget_versions_of_buried"();
CREATE TRIGGER "users_forget_on_update" AFTER UPDATE ON "users"
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "forget_versions_of_buried"();

CREATE FUNCTION "blank_versions_of_buried"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A user's own change holds the user's lock already; a membership's does not.
    PERFORM 1 FROM users WHERE id IN (SELECT user_id FROM new_rows WHERE object_table = 'memberships')
        ORDER BY id FOR SHARE;
    UPDATE versions v SET state = NULL FROM new_rows n
    WHERE v.object_id = n.object_id AND v.version = n.version AND v.svix_id = n.svix_id AND v.run_id = n.run_id
        AND n.state IS NOT NULL AND (SELECT u.deleted FROM users u WHERE u.id = n.user_id);
    RETURN NULL;
END $$;

CREATE TRIGGER "versions_blank_on_insert" AFTER INSERT ON "versions"
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION "blank_versions_of_buried"();

CREATE FUNCTION "refuse_change_of_audit_log"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER "audit_log_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "audit_log"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_audit_log"();
