-- The reason of a bulk act is stored in bulk_acts, and in the audit entry of the bulk act itself. Removes the copies in the acts on
-- its objects and in their audit entries: when one object is erased, the copies of the others would still name it.
UPDATE acts SET reason = NULL WHERE bulk_id IS NOT NULL AND reason IS NOT NULL;

ALTER TABLE audit_log DISABLE TRIGGER audit_log_entries_append_only;
UPDATE audit_log a SET detail = a.detail - 'reason'
WHERE a.subject IN (SELECT object_id FROM bulk_act_items) AND a.detail ? 'bulkId' AND a.detail ? 'reason';
ALTER TABLE audit_log ENABLE TRIGGER audit_log_entries_append_only;
