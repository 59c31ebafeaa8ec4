CREATE TABLE "profiles" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "handle" TEXT NOT NULL CHECK ("handle" ~ '^[a-z0-9_]{3,30}$'),
    "is_handle_chosen" BOOLEAN NOT NULL DEFAULT false,
    "handle_changes" TIMESTAMPTZ(3)[] NOT NULL DEFAULT ARRAY[]::TIMESTAMPTZ(3)[],
    "bio" TEXT CHECK (char_length("bio") <= 300),
    "is_private" BOOLEAN NOT NULL,
    "followers_count" INTEGER NOT NULL DEFAULT 0 CHECK ("followers_count" >= 0),
    "following_count" INTEGER NOT NULL DEFAULT 0 CHECK ("following_count" >= 0),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "first_name" TEXT,
    "last_name" TEXT,
    "username" TEXT,
    "image_url" TEXT,
    "is_banned" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "profiles_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "profiles_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "profiles_user_id_key" ON "profiles"("user_id");
CREATE UNIQUE INDEX "profiles_handle_key" ON "profiles"("handle");

-- The primary key makes a handle unique together with everything that looks like it, also for two transactions at once.
CREATE TABLE "profile_handles" (
    "skeleton" TEXT NOT NULL,
    "handle" TEXT,
    "user_id" TEXT,
    "released_at" TIMESTAMPTZ(3),

    CONSTRAINT "profile_handles_pkey" PRIMARY KEY ("skeleton")
);
CREATE INDEX "profile_handles_user_id_idx" ON "profile_handles"("user_id");
CREATE INDEX "profile_handles_released_at_idx" ON "profile_handles"("released_at");

CREATE TABLE "follows" (
    "id" TEXT NOT NULL,
    "follower_id" TEXT NOT NULL,
    "followed_id" TEXT NOT NULL,
    "is_accepted" BOOLEAN NOT NULL,
    "is_follower_banned" BOOLEAN NOT NULL DEFAULT false,
    "is_followed_banned" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "follows_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "follows_two_people" CHECK ("follower_id" <> "followed_id"),
    CONSTRAINT "follows_follower_id_fkey" FOREIGN KEY ("follower_id") REFERENCES "profiles"("user_id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "follows_followed_id_fkey" FOREIGN KEY ("followed_id") REFERENCES "profiles"("user_id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "follows_follower_id_followed_id_key" ON "follows"("follower_id", "followed_id");
CREATE INDEX "follows_follower_id_is_accepted_created_at_id_idx" ON "follows"("follower_id", "is_accepted", "created_at" DESC NULLS LAST, "id" DESC);
CREATE INDEX "follows_followed_id_is_accepted_created_at_id_idx" ON "follows"("followed_id", "is_accepted", "created_at" DESC NULLS LAST, "id" DESC);

CREATE TABLE "blocks" (
    "id" TEXT NOT NULL,
    "blocker_id" TEXT NOT NULL,
    "blocked_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "blocks_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "blocks_two_people" CHECK ("blocker_id" <> "blocked_id"),
    CONSTRAINT "blocks_blocker_id_fkey" FOREIGN KEY ("blocker_id") REFERENCES "profiles"("user_id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "blocks_blocked_id_fkey" FOREIGN KEY ("blocked_id") REFERENCES "profiles"("user_id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "blocks_blocker_id_blocked_id_key" ON "blocks"("blocker_id", "blocked_id");
CREATE INDEX "blocks_blocker_id_created_at_id_idx" ON "blocks"("blocker_id", "created_at" DESC NULLS LAST, "id" DESC);
CREATE INDEX "blocks_blocked_id_idx" ON "blocks"("blocked_id");

-- The counts of profiles. A statement's changes are added up from its own rows, and nothing is counted again: each row has the
-- flags that decide whether it counts. Profiles are locked in the order of their ids, as lib/social/follows.ts locks them.
CREATE FUNCTION count_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM FROM profiles WHERE user_id IN (SELECT follower_id FROM old_rows UNION SELECT followed_id FROM old_rows)
      ORDER BY user_id FOR NO KEY UPDATE;
    UPDATE profiles p SET followers_count = followers_count - d.count
      FROM (SELECT followed_id, count(*) FROM old_rows WHERE is_accepted AND NOT is_follower_banned GROUP BY 1) d WHERE p.user_id = d.followed_id;
    UPDATE profiles p SET following_count = following_count - d.count
      FROM (SELECT follower_id, count(*) FROM old_rows WHERE is_accepted AND NOT is_followed_banned GROUP BY 1) d WHERE p.user_id = d.follower_id;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    PERFORM FROM profiles WHERE user_id IN (SELECT follower_id FROM new_rows UNION SELECT followed_id FROM new_rows)
      ORDER BY user_id FOR NO KEY UPDATE;
    UPDATE profiles p SET followers_count = followers_count + d.count
      FROM (SELECT followed_id, count(*) FROM new_rows WHERE is_accepted AND NOT is_follower_banned GROUP BY 1) d WHERE p.user_id = d.followed_id;
    UPDATE profiles p SET following_count = following_count + d.count
      FROM (SELECT follower_id, count(*) FROM new_rows WHERE is_accepted AND NOT is_followed_banned GROUP BY 1) d WHERE p.user_id = d.follower_id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER count_insert AFTER INSERT ON "follows" REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_follows();
CREATE TRIGGER count_update AFTER UPDATE ON "follows" REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION count_follows();
CREATE TRIGGER count_delete AFTER DELETE ON "follows" REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION count_follows();

-- Locks a person's profile and those of everybody they follow or are followed by, in the order of their ids.
CREATE FUNCTION lock_profiles_around(person text) RETURNS void LANGUAGE sql AS $$
  SELECT FROM profiles WHERE user_id = person
    OR user_id IN (SELECT follower_id FROM follows WHERE followed_id = person)
    OR user_id IN (SELECT followed_id FROM follows WHERE follower_id = person)
  ORDER BY user_id FOR NO KEY UPDATE
$$;

-- A profile repeats the public columns of its user: the policy on users hides the row, with its e-mail address, from strangers.
CREATE FUNCTION copy_user_to_profile() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.is_banned <> OLD.is_banned AND EXISTS (SELECT FROM profiles WHERE user_id = NEW.id) THEN
    PERFORM lock_profiles_around(NEW.id);
    UPDATE follows SET is_follower_banned = NEW.is_banned WHERE follower_id = NEW.id;
    UPDATE follows SET is_followed_banned = NEW.is_banned WHERE followed_id = NEW.id;
  END IF;
  UPDATE profiles SET first_name = NEW.first_name, last_name = NEW.last_name, username = NEW.username,
    image_url = NEW.image_url, is_banned = NEW.is_banned WHERE user_id = NEW.id;
  RETURN NULL;
END $$;
CREATE TRIGGER copy_to_profile AFTER UPDATE ON "users" FOR EACH ROW
  WHEN (NOT NEW.deleted AND (NEW.first_name, NEW.last_name, NEW.username, NEW.image_url, NEW.is_banned)
    IS DISTINCT FROM (OLD.first_name, OLD.last_name, OLD.username, OLD.image_url, OLD.is_banned))
  EXECUTE FUNCTION copy_user_to_profile();

-- Everything personal of the sample product is deleted in the statement that makes a user a tombstone. The handle stays
-- reserved for 90 days, without its spelling and without the user.
CREATE FUNCTION delete_social_data() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM wishlist_items WHERE user_id = NEW.id;
  UPDATE profile_handles SET handle = NULL, user_id = NULL, released_at = coalesce(released_at, now()) WHERE user_id = NEW.id;
  IF EXISTS (SELECT FROM profiles WHERE user_id = NEW.id) THEN
    PERFORM lock_profiles_around(NEW.id);
    DELETE FROM follows WHERE NEW.id IN (follower_id, followed_id);
    DELETE FROM profiles WHERE user_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER delete_social_data AFTER INSERT OR UPDATE ON "users" FOR EACH ROW WHEN (NEW.deleted) EXECUTE FUNCTION delete_social_data();

-- Those who blocked the viewer. As the owner of the tables: the viewer may not read who did.
CREATE FUNCTION blockers() RETURNS text[] LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  RETURN coalesce((SELECT array_agg(blocker_id) FROM blocks WHERE blocked_id = who_asks()), '{}');
END $$;

-- Whether the viewer, who may be a guest, may read what belongs to this person's profile: it is public, or they follow it.
CREATE FUNCTION reads_profile(person text) RETURNS boolean LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM profiles p WHERE p.user_id = person AND NOT p.is_banned
      AND NOT EXISTS (SELECT FROM blocks WHERE blocker_id = person AND blocked_id = who_asks())
      AND (NOT p.is_private OR p.user_id = who_asks()
        OR EXISTS (SELECT FROM follows WHERE follower_id = who_asks() AND followed_id = person AND is_accepted)));
END $$;

DO $$
DECLARE
  it record;
BEGIN
  FOR it IN SELECT * FROM (VALUES
    ('profiles', 'user_id = (SELECT who_asks()) OR (NOT is_banned AND user_id <> ALL ((SELECT blockers())::text[]))'),
    -- The profile that is looked up here has its own policy.
    ('profile_handles', 'user_id IS NOT NULL AND EXISTS (SELECT FROM profiles p WHERE p.user_id = profile_handles.user_id)'),
    ('follows', 'follower_id = (SELECT who_asks()) OR followed_id = (SELECT who_asks()) OR (is_accepted
      AND NOT is_follower_banned AND NOT is_followed_banned
      AND follower_id <> ALL ((SELECT blockers())::text[]) AND followed_id <> ALL ((SELECT blockers())::text[])
      AND (reads_profile(followed_id) OR reads_profile(follower_id)))'),
    ('blocks', 'blocker_id = (SELECT who_asks())')
  ) AS policies (name, condition)
  LOOP
    EXECUTE format('GRANT SELECT ON %I TO %I', it.name, viewer_role());
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', it.name);
    EXECUTE format('CREATE POLICY seen ON %I USING ((SELECT sees_everything()) OR %s)', it.name, it.condition);
  END LOOP;
END $$;

DROP POLICY seen ON "wishlist_items";
CREATE POLICY seen ON "wishlist_items" USING ((SELECT sees_everything()) OR user_id = (SELECT who_asks()) OR reads_profile(user_id));

-- Push updates of the feed: whose wishlist changed, and who follows somebody else now.
CREATE FUNCTION tell_wishlist() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_change(TG_TABLE_NAME, count(*), jsonb_build_object('users', coalesce(jsonb_agg(DISTINCT user_id), '[]'))) FROM changed_rows;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_insert AFTER INSERT ON "wishlist_items" REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_wishlist();
CREATE TRIGGER tell_delete AFTER DELETE ON "wishlist_items" REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_wishlist();

CREATE FUNCTION tell_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_change(TG_TABLE_NAME, count(*), jsonb_build_object('users', coalesce(jsonb_agg(DISTINCT follower_id), '[]'))) FROM changed_rows;
  RETURN NULL;
END $$;
CREATE TRIGGER tell_insert AFTER INSERT ON "follows" REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_follows();
CREATE TRIGGER tell_update AFTER UPDATE ON "follows" REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_follows();
CREATE TRIGGER tell_delete AFTER DELETE ON "follows" REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION tell_follows();
