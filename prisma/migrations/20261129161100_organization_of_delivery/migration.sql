-- An event about a membership, an invitation, a domain or a purchase names the organization only beside its own object. When the
-- organization is erased, such an event is late, although its object has a new id.
SELECT lock_for_change('deliveries', 120);
ALTER TABLE "deliveries" ADD COLUMN "organization_id" TEXT;

CREATE OR REPLACE FUNCTION erase_late_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO late_events (erasure_id) SELECT DISTINCT erasure_id FROM erased_ids e
    WHERE e.id IN (NEW.user_id, NEW.object_id, NEW.organization_id);
  IF FOUND THEN PERFORM add_queue_job('erase', max_attempts => 3); END IF;
  RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION refuse_body_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM erased_hashes) THEN RETURN NEW; END IF;
  IF recall_erasure(NEW.user_id) OR recall_erasure(NEW.object_id) OR recall_erasure(NEW.organization_id) THEN
    NEW.body := NULL;
    NEW.headers := NULL;
  END IF;
  RETURN NEW;
END $$;
