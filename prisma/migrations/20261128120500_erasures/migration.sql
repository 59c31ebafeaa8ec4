-- Erasure: what remains to be done after the statement that makes a user or an organization a tombstone (docs/privacy.md).
CREATE TABLE "erasures" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "subject_kind" TEXT NOT NULL CHECK ("subject_kind" IN ('user', 'organization')),
    "subject_id" TEXT NOT NULL,
    "addresses" TEXT[],
    "reason" TEXT NOT NULL DEFAULT 'unknown' CHECK ("reason" IN ('user_requested', 'admin_action', 'policy_violation', 'unknown')),
    "requested_by" TEXT,
    "cause" TEXT NOT NULL DEFAULT '',
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_xid" BIGINT NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    "step" TEXT NOT NULL DEFAULT 'rows' CHECK ("step" IN ('requested', 'rows', 'effects', 'sweep', 'done')),
    "next_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
    "erased_at" TIMESTAMPTZ(3),
    "counts" JSONB NOT NULL DEFAULT '{}',
    "acknowledgements" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "erasures_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "erasures_subject_kind_subject_id_key" ON "erasures"("subject_kind", "subject_id");
CREATE INDEX "erasures_next_at_idx" ON "erasures"("next_at");

CREATE TABLE "erased_ids" (
    "id" TEXT NOT NULL,
    "erasure_id" UUID NOT NULL,

    CONSTRAINT "erased_ids_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "late_events" (
    "id" BIGSERIAL NOT NULL,
    "erasure_id" UUID NOT NULL,

    CONSTRAINT "late_events_pkey" PRIMARY KEY ("id")
);

-- The viewer's role has no privilege on these tables.
ALTER TABLE "late_events" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "late_events" USING ((SELECT sees_everything()));
ALTER TABLE "erasures" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "erasures" USING ((SELECT sees_everything()));
ALTER TABLE "erased_ids" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "erased_ids" USING ((SELECT sees_everything()));

-- An erasure finds the invitations to a person by their address, and the jobs about these by their object.
CREATE INDEX "invitations_lower_email_idx" ON "invitations"(lower("email"));
CREATE INDEX "effect_jobs_object_id_idx" ON "effect_jobs"("object_id");

-- Requests the erasure in the statement that makes the tombstone, so that neither is committed without the other. The row before
-- the change is the last place that has the person's addresses.
CREATE FUNCTION request_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
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
      SET addresses = EXCLUDED.addresses, cause = EXCLUDED.cause, deleted_at = now(), deleted_xid = EXCLUDED.deleted_xid, step = 'rows', next_at = now()
    RETURNING id INTO erasure;
  INSERT INTO erased_ids (id, erasure_id) VALUES (NEW.id, erasure) ON CONFLICT DO NOTHING;
  -- Without a job key, which concurrent deletions would wait for.
  PERFORM graphile_worker.add_job('erase', max_attempts => 3);
  RETURN NULL;
END $$;

-- A late event about something erased: the statement that records it stores no body (lib/sync/inbox/delivery-row.ts), and its
-- rows are erased again. An insert waits for no lock, so webhooks in other orders cannot deadlock here.
CREATE FUNCTION erase_late_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO late_events (erasure_id) SELECT DISTINCT erasure_id FROM erased_ids e WHERE e.id IN (NEW.user_id, NEW.object_id);
  IF FOUND THEN PERFORM graphile_worker.add_job('erase', max_attempts => 3); END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER erase_late_event AFTER INSERT ON "deliveries" FOR EACH ROW WHEN (NEW.body IS NULL) EXECUTE FUNCTION erase_late_event();

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY '{users,organizations}'::text[] LOOP
    EXECUTE format('CREATE TRIGGER request_erasure_of_new AFTER INSERT ON %I FOR EACH ROW WHEN (NEW.deleted) EXECUTE FUNCTION request_erasure()', name);
    EXECUTE format('CREATE TRIGGER request_erasure AFTER UPDATE ON %I FOR EACH ROW WHEN (NEW.deleted AND NOT OLD.deleted)
      EXECUTE FUNCTION request_erasure()', name);
  END LOOP;
END $$;

-- What was deleted before this migration is erased too. Its addresses are no longer known.
INSERT INTO "erasures" ("subject_kind", "subject_id", "addresses")
  SELECT 'user', id, '{}'::text[] FROM "users" WHERE deleted UNION ALL SELECT 'organization', id, '{}'::text[] FROM "organizations" WHERE deleted;
INSERT INTO "erased_ids" ("id", "erasure_id") SELECT subject_id, id FROM "erasures";

-- An erased user's handle stays reserved for 90 days, by a hash: nobody can take it over, and it cannot be read.
CREATE FUNCTION erased_skeleton(skeleton text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(sha256(convert_to(skeleton, 'UTF8')), 'hex')
$$;

-- As before, but a person with many follows is only hidden here, and deleted in batches by the erasure: a webhook must be
-- answered within 5 s, and nobody else's follow waits for thousands of rows.
CREATE OR REPLACE FUNCTION delete_social_data() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  has_many_follows boolean := (SELECT count(*) > 1000 FROM (
    (SELECT FROM follows WHERE follower_id = NEW.id LIMIT 1001) UNION ALL (SELECT FROM follows WHERE followed_id = NEW.id LIMIT 1001)) AS found);
BEGIN
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
