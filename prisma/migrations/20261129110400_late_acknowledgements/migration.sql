-- A handler or a receiver of the change feed may end after the receipt of the erasure, which then said that it was pending. The
-- erasure runs again, as after a late event, and adds a receipt with what became of it.
CREATE FUNCTION note_late_acknowledgement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO late_events (erasure_id) SELECT e.id FROM erasures e
    WHERE (e.subject_kind, e.subject_id) = (CASE NEW.object_table WHEN 'users' THEN 'user' ELSE 'organization' END, NEW.object_id)
      AND e.step IN ('sweep', 'receipt', 'done')
      AND e.acknowledgements ->> NEW.handler IS DISTINCT FROM CASE WHEN NEW.done_at IS NULL THEN 'dead' ELSE 'done' END;
  IF FOUND THEN PERFORM add_queue_job('erase', max_attempts => 3); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER note_late_acknowledgement AFTER UPDATE ON "effect_jobs" FOR EACH ROW
  WHEN (NEW.change = 'deleted' AND NEW.object_table IN ('users', 'organizations')
    AND (NEW.done_at IS NOT NULL AND OLD.done_at IS NULL OR NEW.dead_at IS NOT NULL AND OLD.dead_at IS NULL))
  EXECUTE FUNCTION note_late_acknowledgement();
