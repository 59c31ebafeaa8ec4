-- The audit log stays append-only, with one exception: an erasure removes the reasons that admins typed about what is erased, because
-- they may name the person. The entry itself stays.
CREATE FUNCTION "refuse_change_of_audit_entry"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF to_jsonb(NEW) - 'detail' = to_jsonb(OLD) - 'detail' AND NEW.detail = OLD.detail - 'reason' AND EXISTS (
        SELECT FROM erased_ids e WHERE e.id = OLD.subject OR e.id IN (
            SELECT i.object_id FROM bulk_act_items i WHERE i.bulk_id::text = OLD.subject)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER "audit_log_entries_append_only" BEFORE UPDATE ON "audit_log"
    FOR EACH ROW EXECUTE FUNCTION "refuse_change_of_audit_entry"();
DROP TRIGGER "audit_log_append_only" ON "audit_log";
CREATE TRIGGER "audit_log_append_only" BEFORE DELETE OR TRUNCATE ON "audit_log"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_audit_log"();
