-- As before, but a purge of an archive entry also removes the reasons of what admins did with the entry: they may name the person.
CREATE OR REPLACE FUNCTION "refuse_change_of_audit_entry"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'detail' = to_jsonb(OLD) - 'detail' AND NEW.detail = OLD.detail - 'reason' AND (EXISTS (
        SELECT FROM erased_ids e WHERE e.id = OLD.subject OR e.id IN (
            SELECT i.object_id FROM bulk_act_items i WHERE i.bulk_id::text = OLD.subject))
        OR OLD.action LIKE 'archive.%' AND OLD.action <> 'archive.purged' AND EXISTS (
            SELECT FROM audit_log p WHERE p.subject = OLD.subject AND p.action = 'archive.purged')) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'restrict_violation';
END $$;

-- For entries that were purged before this version.
UPDATE audit_log a SET detail = a.detail - 'reason'
WHERE a.action LIKE 'archive.%' AND a.action <> 'archive.purged' AND a.detail ? 'reason'
  AND EXISTS (SELECT FROM audit_log p WHERE p.subject = a.subject AND p.action = 'archive.purged');
