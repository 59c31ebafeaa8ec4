-- An invitation from before a deletion may arrive after the erasure, when the address is forgotten. A salted hash of the address, which
-- is kept for 30 days, recognizes it: the erasure runs again, and reaches the invitation by its id.
CREATE TABLE "erased_addresses" (
    "hash" BYTEA NOT NULL,
    "erasure_id" UUID NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "erased_addresses_pkey" PRIMARY KEY ("hash", "erasure_id")
);
CREATE INDEX "erased_addresses_created_at_idx" ON "erased_addresses"("created_at");

-- The viewer's role has no privilege on this table.
ALTER TABLE "erased_addresses" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "erased_addresses" USING ((SELECT sees_everything()));

-- The SHA-256 of the salt of this database and an address in lower case. NULL while there is no salt.
CREATE FUNCTION address_hash(address text) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(convert_to((value #>> '{}') || lower(address), 'UTF8')) FROM sync_facts WHERE name = 'address_salt'
$$;

CREATE FUNCTION erase_old_invitation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  erasure uuid := (SELECT a.erasure_id FROM erased_addresses a
    WHERE a.hash = address_hash(NEW.email) AND coalesce(NEW.created_at <= a.deleted_at, true) LIMIT 1);
BEGIN
  IF erasure IS NOT NULL THEN
    INSERT INTO erased_ids (id, erasure_id) VALUES (NEW.id, erasure) ON CONFLICT DO NOTHING;
    INSERT INTO late_events (erasure_id) VALUES (erasure);
    PERFORM add_queue_job('erase', max_attempts => 3);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER erase_old_invitation AFTER INSERT OR UPDATE OF "email" ON "invitations" FOR EACH ROW
  WHEN (NEW.email IS NOT NULL AND NOT NEW.deleted) EXECUTE FUNCTION erase_old_invitation();
