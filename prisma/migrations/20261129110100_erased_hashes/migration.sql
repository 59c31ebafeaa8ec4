-- After a restore, somebody who was created and erased after the backup is not in the database. Webhooks that are sent again bring
-- them back, so their erasures are remembered by the salted hashes of their ids, which the head of the erasures has
-- (lib/erasure/restore.ts). The first sight of such an id is deleted again by the statement that would have stored it.
CREATE TABLE "erased_hashes" (
    "salt" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL,
    "erased_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "erased_hashes_pkey" PRIMARY KEY ("salt", "hash")
);

-- The viewer's role has no privilege on this table.
ALTER TABLE "erased_hashes" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "erased_hashes" USING ((SELECT sees_everything()));

-- Usually there is no salt, or one. Each is found by the index.
CREATE FUNCTION find_erased_hash(id text) RETURNS SETOF erased_hashes LANGUAGE sql STABLE AS $$
  WITH RECURSIVE salts AS (
    SELECT min(salt) AS salt FROM erased_hashes
    UNION ALL SELECT (SELECT min(h.salt) FROM erased_hashes h WHERE h.salt > salts.salt) FROM salts WHERE salts.salt IS NOT NULL)
  SELECT h.* FROM salts JOIN erased_hashes h ON h.salt = salts.salt
    AND h.hash = encode(sha256(convert_to(salts.salt || ':' || id, 'UTF8')), 'hex') LIMIT 1
$$;

-- Requests the erasure of an id that was erased before a restore. `erased_at` is the time of the former erasure, so the app does
-- not stop while this one runs. True if the id is one of those.
CREATE FUNCTION recall_erasure(erased_id text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  found erased_hashes;
  erasure uuid;
BEGIN
  SELECT * INTO found FROM find_erased_hash(erased_id);
  IF found.hash IS NULL THEN RETURN false; END IF;
  INSERT INTO erasures AS e (subject_kind, subject_id, addresses, cause, reason, first_deleted_at, erased_at)
    VALUES (found.subject_kind, erased_id, '{}', 'restore', found.reason, found.deleted_at, found.erased_at)
    ON CONFLICT (subject_kind, subject_id) DO UPDATE SET cause = EXCLUDED.cause, reason = EXCLUDED.reason,
      first_deleted_at = EXCLUDED.first_deleted_at, erased_at = coalesce(e.erased_at, EXCLUDED.erased_at)
    RETURNING id INTO erasure;
  INSERT INTO erased_ids (id, erasure_id) VALUES (erased_id, erasure) ON CONFLICT DO NOTHING;
  RETURN true;
END $$;

-- Stores a tombstone instead of a row whose id was erased before a restore.
CREATE FUNCTION refuse_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM find_erased_hash(NEW.id)) THEN RETURN NEW; END IF;
  EXECUTE format('INSERT INTO %I (id, deleted) VALUES ($1, true) ON CONFLICT DO NOTHING', TG_TABLE_NAME) USING NEW.id;
  RETURN NULL;
END $$;

-- Runs after `request_erasure_of_new`, by its name: the tombstone has requested an erasure that does not know the reason.
CREATE FUNCTION restore_reason() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM recall_erasure(NEW.id);
  RETURN NULL;
END $$;

-- Such an id may first be seen in an event about something else, like a session.
CREATE FUNCTION refuse_body_of_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF recall_erasure(NEW.user_id) OR recall_erasure(NEW.object_id) THEN
    NEW.body := NULL;
    NEW.headers := NULL;
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER refuse_body_of_erased BEFORE INSERT ON "deliveries" FOR EACH ROW WHEN (NEW.body IS NOT NULL)
  EXECUTE FUNCTION refuse_body_of_erased();
CREATE TRIGGER refuse_erased BEFORE INSERT ON "users" FOR EACH ROW WHEN (NOT NEW.deleted) EXECUTE FUNCTION refuse_erased();
CREATE TRIGGER refuse_erased BEFORE INSERT ON "organizations" FOR EACH ROW WHEN (NOT NEW.deleted) EXECUTE FUNCTION refuse_erased();
CREATE TRIGGER restore_reason AFTER INSERT ON "users" FOR EACH ROW WHEN (NEW.deleted) EXECUTE FUNCTION restore_reason();
CREATE TRIGGER restore_reason AFTER INSERT ON "organizations" FOR EACH ROW WHEN (NEW.deleted) EXECUTE FUNCTION restore_reason();
