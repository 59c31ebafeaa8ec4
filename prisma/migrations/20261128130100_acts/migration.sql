-- Acts of admins at Clerk (lib/acts). A row is written with its audit entry before Clerk is called.
CREATE TABLE "acts" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "object_kind" TEXT NOT NULL,
    "object_id" TEXT,
    "user_id" TEXT,
    "organization_id" TEXT,
    "bulk_id" UUID,
    "reason" TEXT,
    "state" TEXT NOT NULL DEFAULT 'requested' CHECK ("state" IN ('requested', 'sent', 'confirmed', 'refused', 'unanswered')),
    "proof" JSONB NOT NULL DEFAULT '[]',
    "error_code" TEXT,
    "error_message" TEXT,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answered_at" TIMESTAMPTZ(3),
    "confirmed_at" TIMESTAMPTZ(3),

    CONSTRAINT "acts_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "acts_object_id_requested_at_idx" ON "acts"("object_id", "requested_at" DESC);
CREATE INDEX "acts_user_id_requested_at_idx" ON "acts"("user_id", "requested_at" DESC);
CREATE INDEX "acts_organization_id_requested_at_idx" ON "acts"("organization_id", "requested_at" DESC);
CREATE INDEX "acts_open" ON "acts"("requested_at") WHERE "state" IN ('requested', 'sent');

-- One act on many objects: the worker runs the items one after another (lib/acts/bulk.ts).
CREATE TABLE "bulk_acts" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "name" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "arguments" JSONB NOT NULL DEFAULT '{}',
    "reason" TEXT,
    "state" TEXT NOT NULL DEFAULT 'running' CHECK ("state" IN ('running', 'paused', 'stopped', 'done')),
    "note" TEXT,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "bulk_acts_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "bulk_acts_requested_at_idx" ON "bulk_acts"("requested_at" DESC);

CREATE TABLE "bulk_act_items" (
    "bulk_id" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "object_id" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending' CHECK ("state" IN ('pending', 'done', 'skipped', 'refused')),
    "note" TEXT,
    "act_id" UUID,

    CONSTRAINT "bulk_act_items_pkey" PRIMARY KEY ("bulk_id", "position")
);
CREATE INDEX "bulk_act_items_bulk_id_state_position_idx" ON "bulk_act_items"("bulk_id", "state", "position");
CREATE INDEX "bulk_act_items_object_id_idx" ON "bulk_act_items"("object_id");
ALTER TABLE "bulk_act_items" ADD CONSTRAINT "bulk_act_items_bulk_id_fkey"
  FOREIGN KEY ("bulk_id") REFERENCES "bulk_acts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

DO $$
DECLARE
  it text;
BEGIN
  FOREACH it IN ARRAY '{acts,bulk_acts,bulk_act_items}'::text[] LOOP
    EXECUTE format('GRANT SELECT ON %I TO %I', it, viewer_role());
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', it);
  END LOOP;
END $$;
CREATE POLICY seen ON "acts" USING ((SELECT sees_everything()) OR organization_id = ANY ((SELECT seen_organizations())::text[]));
CREATE POLICY seen ON "bulk_acts" USING ((SELECT sees_everything()));
CREATE POLICY seen ON "bulk_act_items" USING ((SELECT sees_everything()));
