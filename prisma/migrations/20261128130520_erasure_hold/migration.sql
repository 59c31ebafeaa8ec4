-- Holdback and brake: a deletion ends access at once, but its erasure waits, and can be undone until then (docs/privacy.md).
CREATE TABLE "erasure_brakes" (
    "id" BIGSERIAL NOT NULL,
    "engaged_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deletions" INTEGER NOT NULL,
    "released_at" TIMESTAMPTZ(3),
    "released_by" TEXT,
    "release_reason" TEXT,

    CONSTRAINT "erasure_brakes_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "erasure_brakes_engaged" ON "erasure_brakes"(("released_at" IS NULL)) WHERE "released_at" IS NULL;

-- The viewer's role has no privilege on this table.
ALTER TABLE "erasure_brakes" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "erasure_brakes" USING ((SELECT sees_everything()));

ALTER TABLE "erasures" ADD COLUMN "held_row" JSONB;
ALTER TABLE "erasures" ADD COLUMN "brake_id" BIGINT;
ALTER TABLE "erasures" DROP CONSTRAINT "erasures_step_check";
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_step_check"
  CHECK ("step" IN ('requested', 'held', 'undone', 'rows', 'effects', 'sweep', 'receipt', 'done'));
CREATE INDEX "erasures_deleted_at_idx" ON "erasures"("deleted_at");

CREATE FUNCTION is_held(for_kind text, for_id text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM erasures WHERE subject_kind = for_kind AND subject_id = for_id AND step = 'held')
$$;

-- The brake that pauses a user's deletion; null if none does. A worker writes the limits to sync_facts when it starts. Deletions
-- before the last release do not count again.
CREATE FUNCTION engaged_brake(settings jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  brake bigint := (SELECT b.id FROM erasure_brakes b WHERE b.released_at IS NULL);
  most_deletions int := (settings ->> 'brakeCount')::int;
  most_share float8 := (settings ->> 'brakeShare')::float8;
  since timestamptz;
  deletions int;
BEGIN
  IF brake IS NOT NULL OR most_deletions IS NULL THEN RETURN brake; END IF;
  since := greatest(now() - interval '1 hour', (SELECT max(b.released_at) FROM erasure_brakes b));
  deletions := 1 + (SELECT count(*) FROM (
    SELECT FROM erasures WHERE deleted_at > since AND subject_kind = 'user' AND step NOT IN ('requested', 'undone') AND cause <> 'restore'
    LIMIT most_deletions) AS recent);
  -- Nine deletions are no mass deletion, whatever their share is.
  IF deletions <= most_deletions AND (deletions < 10 OR deletions <= most_share * (
    SELECT count(*) FROM (SELECT FROM users WHERE NOT deleted AND version > 0 LIMIT ceil(deletions / most_share)::int + 1) AS counted)) THEN
    RETURN NULL;
  END IF;
  INSERT INTO erasure_brakes (deletions) VALUES (deletions) ON CONFLICT DO NOTHING RETURNING id INTO brake;
  RETURN coalesce(brake, (SELECT b.id FROM erasure_brakes b WHERE b.released_at IS NULL));
END $$;

-- Runs before the other triggers of the deletion: those keep the data of a held subject.
CREATE FUNCTION hold_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind text := CASE TG_TABLE_NAME WHEN 'users' THEN 'user' ELSE 'organization' END;
  settings jsonb := (SELECT value FROM sync_facts WHERE name = 'erasure_settings');
  holdback interval := coalesce((settings ->> 'holdbackSeconds')::float8, 0) * interval '1 second';
  brake bigint := CASE kind WHEN 'user' THEN engaged_brake(settings) END;
BEGIN
  IF settings IS NULL THEN RETURN NEW; END IF;
  IF brake IS NULL AND holdback <= interval '0' THEN
    -- Counted by the next row of the same statement: a batch of webhooks is one statement.
    INSERT INTO erasures AS e (subject_kind, subject_id, addresses) VALUES (kind, NEW.id, '{}')
      ON CONFLICT (subject_kind, subject_id) DO UPDATE SET step = 'rows', deleted_at = now();
    RETURN NEW;
  END IF;
  INSERT INTO erasures AS e (subject_kind, subject_id, addresses, step, next_at, held_row, brake_id)
    VALUES (kind, NEW.id, '{}', 'held', CASE WHEN brake IS NULL THEN now() + holdback END, to_jsonb(OLD), brake)
    ON CONFLICT (subject_kind, subject_id) DO UPDATE
      SET step = 'held', next_at = EXCLUDED.next_at, held_row = EXCLUDED.held_row, brake_id = EXCLUDED.brake_id, deleted_at = now();
  RETURN NEW;
END $$;
CREATE TRIGGER hold_erasure BEFORE UPDATE ON "users" FOR EACH ROW
  WHEN (NEW.deleted AND NOT OLD.deleted AND current_setting('rollcall.erase_now', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION hold_erasure();
CREATE TRIGGER hold_erasure BEFORE UPDATE ON "organizations" FOR EACH ROW
  WHEN (NEW.deleted AND NOT OLD.deleted AND current_setting('rollcall.erase_now', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION hold_erasure();

-- As before, but a held erasure stays held.
CREATE OR REPLACE FUNCTION request_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind text := CASE TG_TABLE_NAME WHEN 'users' THEN 'user' ELSE 'organization' END;
  last_addresses text[] := '{}';
  erasure uuid;
BEGIN
  IF TG_OP = 'UPDATE' AND kind = 'user' THEN
    last_addresses := ARRAY(
      SELECT DISTINCT lower(a) FROM unnest(string_to_array(to_jsonb(OLD) ->> 'identifiers', E'\n') || (to_jsonb(OLD) ->> 'email')) AS a
      WHERE a LIKE '%@%');
  END IF;
  INSERT INTO erasures AS e (subject_kind, subject_id, addresses, cause)
    VALUES (kind, NEW.id, last_addresses, coalesce(current_setting('rollcall.effect_cause', true), ''))
    ON CONFLICT (subject_kind, subject_id) DO UPDATE
      SET addresses = EXCLUDED.addresses, cause = EXCLUDED.cause, deleted_at = now(), deleted_xid = EXCLUDED.deleted_xid,
        step = CASE e.step WHEN 'held' THEN 'held' ELSE 'rows' END, next_at = CASE e.step WHEN 'held' THEN e.next_at ELSE now() END
    RETURNING id INTO erasure;
  INSERT INTO erased_ids (id, erasure_id) VALUES (NEW.id, erasure) ON CONFLICT DO NOTHING;
  -- Without a job key, which concurrent deletions would wait for.
  PERFORM add_queue_job('erase', max_attempts => 3);
  RETURN NULL;
END $$;

-- As before, but a held user's handle is kept.
CREATE OR REPLACE FUNCTION forget_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF is_held('user', NEW.id) THEN RETURN NULL; END IF;
  DELETE FROM handles WHERE user_id = NEW.id;
  DELETE FROM provisionings WHERE user_id = NEW.id;
  RETURN NULL;
END $$;

-- As before, but the history of a held subject is kept.
CREATE OR REPLACE FUNCTION "forget_versions_of_buried"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kind text := CASE TG_TABLE_NAME WHEN 'users' THEN 'user' ELSE 'organization' END;
    deleted_ids text[] := ARRAY(SELECT id FROM new_rows WHERE deleted AND NOT is_held(kind, id));
BEGIN
    IF cardinality(deleted_ids) = 0 THEN
        RETURN NULL;
    END IF;
    DELETE FROM drift_findings WHERE object_id = ANY (deleted_ids);
    IF TG_TABLE_NAME = 'organizations' THEN
        DELETE FROM versions WHERE NOT deleted AND object_id = ANY (deleted_ids);
    ELSE
        DELETE FROM versions WHERE NOT deleted AND user_id = ANY (deleted_ids);
        DELETE FROM drift_findings WHERE object_id IN (SELECT id FROM memberships WHERE user_id = ANY (deleted_ids));
        PERFORM clear_memberships_of_deleted(deleted_ids);
    END IF;
    RETURN NULL;
END $$;

-- As before, but a held user is only hidden, like one with many follows.
CREATE OR REPLACE FUNCTION delete_social_data() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  has_many_follows boolean := (SELECT count(*) > 1000 FROM (
    (SELECT FROM follows WHERE follower_id = NEW.id LIMIT 1001) UNION ALL (SELECT FROM follows WHERE followed_id = NEW.id LIMIT 1001)) AS found);
BEGIN
  IF is_held('user', NEW.id) THEN
    PERFORM hide_profile(NEW.id, true, NOT has_many_follows);
    RETURN NULL;
  END IF;
  DELETE FROM wishlist_items WHERE user_id = NEW.id;
  UPDATE profile_handles SET skeleton = erased_skeleton(skeleton), handle = NULL, user_id = NULL, released_at = coalesce(released_at, now())
    WHERE user_id = NEW.id;
  IF has_many_follows THEN
    UPDATE profiles SET is_banned = true, bio = NULL, first_name = NULL, last_name = NULL, username = NULL, image_url = NULL
      WHERE user_id = NEW.id;
  ELSIF EXISTS (SELECT FROM profiles WHERE user_id = NEW.id) THEN
    PERFORM lock_profiles_around(NEW.id);
    DELETE FROM follows WHERE NEW.id IN (follower_id, followed_id);
    DELETE FROM profiles WHERE user_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;

-- Hides or shows a profile. With its follows, the counts of others are right at once.
CREATE FUNCTION hide_profile(person text, is_hidden boolean, with_follows boolean) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF with_follows AND EXISTS (SELECT FROM profiles WHERE user_id = person) THEN
    PERFORM lock_profiles_around(person);
    UPDATE follows SET is_follower_banned = is_hidden WHERE follower_id = person AND is_follower_banned <> is_hidden;
    UPDATE follows SET is_followed_banned = is_hidden WHERE followed_id = person AND is_followed_banned <> is_hidden;
  END IF;
  UPDATE profiles SET is_banned = is_hidden WHERE user_id = person;
END $$;

-- The deletion of a held user was undone.
CREATE FUNCTION show_undeleted_profile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM hide_profile(NEW.id, NEW.is_banned, true);
  RETURN NULL;
END $$;
CREATE TRIGGER show_undeleted_profile AFTER UPDATE ON "users" FOR EACH ROW WHEN (OLD.deleted AND NOT NEW.deleted)
  EXECUTE FUNCTION show_undeleted_profile();
