-- What an erasure still has to change at Clerk. A row stays until Clerk has done it, so that an outage of Clerk loses nothing.
CREATE TABLE "erasure_calls" (
    "id" BIGSERIAL NOT NULL,
    "call" TEXT NOT NULL CHECK ("call" IN ('revoke_invitation', 'keep_admin')),
    "organization_id" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "error" TEXT,

    CONSTRAINT "erasure_calls_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "erasure_calls_next_at_idx" ON "erasure_calls"("next_at");
CREATE INDEX "erasure_calls_organization_id_idx" ON "erasure_calls"("organization_id");

-- The viewer's role has no privilege on the table.
ALTER TABLE "erasure_calls" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "erasure_calls" USING ((SELECT sees_everything()));

-- Notes which organizations a deleted user administered, while their memberships and their history still say it. A membership
-- that was deleted in the last hour counts: Clerk may delete a user's memberships first. The row has no unique key, because an
-- insert that waits for another one could deadlock two webhooks.
CREATE FUNCTION note_administered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO erasure_calls (call, organization_id, object_id, next_at)
    SELECT DISTINCT 'keep_admin', m.organization_id, m.organization_id, now() + interval '10 s'
    FROM memberships m WHERE m.user_id = NEW.id AND m.organization_id IS NOT NULL AND CASE WHEN m.deleted THEN
      EXISTS (SELECT FROM versions d WHERE d.object_id = m.id AND d.deleted AND d.received_at > now() - interval '1 hour')
      AND (SELECT v.state ->> 'role' FROM versions v WHERE v.object_id = m.id AND NOT v.deleted AND NOT v.is_late
        ORDER BY v.version DESC, v.event_timestamp DESC LIMIT 1) = 'org:admin'
      ELSE m.role = 'org:admin' END;
  RETURN NEW;
END $$;

-- Before the update: the triggers after it delete the history.
CREATE TRIGGER note_administered BEFORE UPDATE ON "users" FOR EACH ROW WHEN (NEW.deleted AND NOT OLD.deleted)
  EXECUTE FUNCTION note_administered();
