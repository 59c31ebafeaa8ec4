-- A receipt counts what the deletion's own statement erases, too: until now it counted only what the later steps erase.
CREATE FUNCTION add_erased_count(kind text, subject text, erased_table text, erased_rows bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF erased_rows = 0 THEN RETURN; END IF;
  -- The trigger `request_erasure` may run later, and updates the row.
  INSERT INTO erasures AS e (subject_kind, subject_id, addresses, counts)
    VALUES (kind, subject, '{}', jsonb_build_object(erased_table, erased_rows))
    ON CONFLICT (subject_kind, subject_id) DO UPDATE
      SET counts = e.counts || jsonb_build_object(erased_table, coalesce((e.counts ->> erased_table)::bigint, 0) + erased_rows);
END $$;

-- The row itself. A stub has nothing to erase. The row of a held subject counts once, also if an undo lets it be deleted again.
CREATE FUNCTION count_erased_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE erasures SET counts = counts || jsonb_build_object(TG_TABLE_NAME, 1)
    WHERE (subject_kind, subject_id) = (CASE TG_TABLE_NAME WHEN 'users' THEN 'user' ELSE 'organization' END, NEW.id);
  RETURN NULL;
END $$;
-- Runs after `request_erasure`, by its name.
CREATE TRIGGER row_of_erasure AFTER UPDATE ON "users" FOR EACH ROW
  WHEN (NEW.deleted AND NOT OLD.deleted AND OLD.version > 0) EXECUTE FUNCTION count_erased_row();
CREATE TRIGGER row_of_erasure AFTER UPDATE ON "organizations" FOR EACH ROW
  WHEN (NEW.deleted AND NOT OLD.deleted AND OLD.version > 0) EXECUTE FUNCTION count_erased_row();

-- As before, and counts.
CREATE OR REPLACE FUNCTION forget_identity() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  erased_rows bigint;
BEGIN
  IF is_held('user', NEW.id) THEN RETURN NULL; END IF;
  DELETE FROM handles WHERE user_id = NEW.id;
  GET DIAGNOSTICS erased_rows = ROW_COUNT;
  PERFORM add_erased_count('user', NEW.id, 'handles', erased_rows);
  DELETE FROM provisionings WHERE user_id = NEW.id;
  GET DIAGNOSTICS erased_rows = ROW_COUNT;
  PERFORM add_erased_count('user', NEW.id, 'provisionings', erased_rows);
  RETURN NULL;
END $$;

-- As before, and counts.
CREATE OR REPLACE FUNCTION "forget_versions_of_buried"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kind text := CASE TG_TABLE_NAME WHEN 'users' THEN 'user' ELSE 'organization' END;
    deleted_ids text[] := ARRAY(SELECT id FROM new_rows WHERE deleted AND NOT is_held(kind, id));
    erased record;
BEGIN
    IF cardinality(deleted_ids) = 0 THEN
        RETURN NULL;
    END IF;
    FOR erased IN
        WITH gone AS (DELETE FROM drift_findings WHERE object_id = ANY (deleted_ids) RETURNING object_id)
        SELECT object_id AS subject, count(*) AS n FROM gone GROUP BY object_id
    LOOP
        PERFORM add_erased_count(kind, erased.subject, 'drift_findings', erased.n);
    END LOOP;
    IF TG_TABLE_NAME = 'organizations' THEN
        FOR erased IN
            WITH gone AS (DELETE FROM versions WHERE NOT deleted AND object_id = ANY (deleted_ids) RETURNING object_id, state)
            SELECT object_id AS subject, count(state) AS n FROM gone GROUP BY object_id
        LOOP
            PERFORM add_erased_count(kind, erased.subject, 'versions', erased.n);
        END LOOP;
    ELSE
        FOR erased IN
            WITH gone AS (DELETE FROM versions WHERE NOT deleted AND user_id = ANY (deleted_ids) RETURNING user_id, state)
            SELECT user_id AS subject, count(state) AS n FROM gone GROUP BY user_id
        LOOP
            PERFORM add_erased_count(kind, erased.subject, 'versions', erased.n);
        END LOOP;
        FOR erased IN
            WITH gone AS (DELETE FROM drift_findings f USING memberships m WHERE f.object_id = m.id AND m.user_id = ANY (deleted_ids)
                RETURNING m.user_id)
            SELECT user_id AS subject, count(*) AS n FROM gone GROUP BY user_id
        LOOP
            PERFORM add_erased_count(kind, erased.subject, 'drift_findings', erased.n);
        END LOOP;
        PERFORM clear_memberships_of_deleted(deleted_ids);
    END IF;
    RETURN NULL;
END $$;

-- As before, and counts.
CREATE OR REPLACE FUNCTION clear_effects_of_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  erased record;
BEGIN
  IF EXISTS (SELECT FROM new_rows WHERE deleted) THEN
    FOR erased IN
      WITH gone AS (UPDATE effect_jobs SET previous = NULL, current = NULL
        WHERE done_at IS NOT NULL AND user_id IN (SELECT id FROM new_rows WHERE deleted)
          AND (previous IS NOT NULL OR current IS NOT NULL) RETURNING user_id)
      SELECT user_id AS subject, count(*) AS n FROM gone GROUP BY user_id
    LOOP
      PERFORM add_erased_count('user', erased.subject, 'effect_jobs', erased.n);
    END LOOP;
  END IF;
  RETURN NULL;
END $$;

-- As before, and counts. The blocks are deleted here, because a cascade would not count them.
CREATE OR REPLACE FUNCTION delete_social_data() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  has_many_follows boolean := (SELECT count(*) > 1000 FROM (
    (SELECT FROM follows WHERE follower_id = NEW.id LIMIT 1001) UNION ALL (SELECT FROM follows WHERE followed_id = NEW.id LIMIT 1001)) AS found);
  erased_rows bigint;
BEGIN
  IF is_held('user', NEW.id) THEN
    PERFORM hide_profile(NEW.id, true, NOT has_many_follows);
    RETURN NULL;
  END IF;
  DELETE FROM wishlist_items WHERE user_id = NEW.id;
  GET DIAGNOSTICS erased_rows = ROW_COUNT;
  PERFORM add_erased_count('user', NEW.id, 'wishlist_items', erased_rows);
  UPDATE profile_handles SET skeleton = erased_skeleton(skeleton), handle = NULL, user_id = NULL, released_at = coalesce(released_at, now())
    WHERE user_id = NEW.id;
  GET DIAGNOSTICS erased_rows = ROW_COUNT;
  PERFORM add_erased_count('user', NEW.id, 'profile_handles', erased_rows);
  IF has_many_follows THEN
    UPDATE profiles SET is_banned = true, bio = NULL, first_name = NULL, last_name = NULL, username = NULL, image_url = NULL
      WHERE user_id = NEW.id;
  ELSIF EXISTS (SELECT FROM profiles WHERE user_id = NEW.id) THEN
    PERFORM lock_profiles_around(NEW.id);
    DELETE FROM follows WHERE NEW.id IN (follower_id, followed_id);
    GET DIAGNOSTICS erased_rows = ROW_COUNT;
    PERFORM add_erased_count('user', NEW.id, 'follows', erased_rows);
    DELETE FROM blocks WHERE NEW.id IN (blocker_id, blocked_id);
    GET DIAGNOSTICS erased_rows = ROW_COUNT;
    PERFORM add_erased_count('user', NEW.id, 'blocks', erased_rows);
    DELETE FROM profiles WHERE user_id = NEW.id;
    GET DIAGNOSTICS erased_rows = ROW_COUNT;
    PERFORM add_erased_count('user', NEW.id, 'profiles', erased_rows);
  END IF;
  RETURN NULL;
END $$;
