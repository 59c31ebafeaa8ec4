-- During a holdback, an organization keeps its last admin's place: the call to Clerk waits until the erasure begins (next_at is
-- null until then), and undo deletes it.
ALTER TABLE "erasure_calls" ALTER COLUMN "next_at" DROP NOT NULL;
ALTER TABLE "erasure_calls" ADD COLUMN "erasure_id" UUID;
CREATE INDEX "erasure_calls_erasure_id_idx" ON "erasure_calls"("erasure_id");

-- As before, but the call of a held user waits. The trigger `hold_erasure` has run: triggers run in the order of their names.
CREATE OR REPLACE FUNCTION note_administered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  held uuid := (SELECT e.id FROM erasures e WHERE e.subject_kind = 'user' AND e.subject_id = NEW.id AND e.step = 'held');
BEGIN
  INSERT INTO erasure_calls (call, organization_id, object_id, next_at, erasure_id)
    SELECT DISTINCT 'keep_admin', m.organization_id, m.organization_id, CASE WHEN held IS NULL THEN now() + interval '10 s' END, held
    FROM memberships m WHERE m.user_id = NEW.id AND m.organization_id IS NOT NULL AND CASE WHEN m.deleted THEN
      EXISTS (SELECT FROM versions d WHERE d.object_id = m.id AND d.deleted AND d.received_at > now() - interval '1 hour')
      AND (SELECT v.state ->> 'role' FROM versions v WHERE v.object_id = m.id AND NOT v.deleted AND NOT v.is_late
        ORDER BY v.version DESC, v.event_timestamp DESC LIMIT 1) = 'org:admin'
      ELSE m.role = 'org:admin' END;
  RETURN NEW;
END $$;
