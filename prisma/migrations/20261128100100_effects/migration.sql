-- Effects: what a team does when a mirrored object was created, updated or deleted (docs/effects.md).
CREATE TABLE "effect_subscribers" (
    "object_table" TEXT NOT NULL CHECK ("object_table" IN ('users', 'organizations', 'memberships', 'invitations')),
    "change" TEXT NOT NULL CHECK ("change" IN ('created', 'updated', 'deleted')),
    "handler" TEXT NOT NULL,
    "registered_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "effect_subscribers_pkey" PRIMARY KEY ("object_table", "change", "handler")
);

CREATE TABLE "effect_jobs" (
    "id" BIGSERIAL NOT NULL,
    "handler" TEXT NOT NULL,
    "object_table" TEXT NOT NULL,
    "object_id" TEXT NOT NULL,
    "user_id" TEXT,
    "change" TEXT NOT NULL CHECK ("change" IN ('created', 'updated', 'deleted')),
    "cause" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "previous" JSONB,
    "current" JSONB,
    "changed" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "run_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "locked_by" TEXT,
    "locked_until" TIMESTAMPTZ(3),
    "done_at" TIMESTAMPTZ(3),
    "dead_at" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "effect_jobs_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "effect_jobs_settled_once" CHECK ("done_at" IS NULL OR "dead_at" IS NULL)
);

-- A worker asks each handler for its due jobs, and each job whether an earlier one of its object is pending.
CREATE INDEX "effect_jobs_due_idx" ON "effect_jobs" ("handler", "run_at", "id") WHERE "done_at" IS NULL AND "dead_at" IS NULL;
CREATE INDEX "effect_jobs_order_idx" ON "effect_jobs" ("handler", "object_id", "id") WHERE "done_at" IS NULL AND "dead_at" IS NULL;
CREATE INDEX "effect_jobs_dead_idx" ON "effect_jobs" ("handler", "dead_at") WHERE "dead_at" IS NOT NULL;
CREATE INDEX "effect_jobs_done_idx" ON "effect_jobs" ("done_at") WHERE "done_at" IS NOT NULL;
CREATE INDEX "effect_jobs_user_id_idx" ON "effect_jobs" ("user_id");

-- The viewer's role has no privilege on either table: they hold every user's data.
ALTER TABLE "effect_subscribers" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "effect_subscribers" USING ((SELECT sees_everything()));
ALTER TABLE "effect_jobs" ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON "effect_jobs" USING ((SELECT sees_everything()));

-- An object is shown if it is not deleted and not a stub. A change of the mirror is 'created' when the object becomes shown,
-- 'deleted' when it no longer is, and 'updated' when it stays shown with other content.
CREATE FUNCTION effect_change(was_shown boolean, is_shown boolean) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN is_shown AND was_shown THEN 'updated' WHEN is_shown THEN 'created' WHEN was_shown THEN 'deleted' END
$$;

-- The content of a version. The row version and the search form are not content. Nor is last_active_at: Clerk sends no event
-- when it changes, so the Backend API and an event about the same state differ in it.
CREATE FUNCTION effect_content(state jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT state - '{deleted,version,event_timestamp,svix_id,search,last_active_at}'::text[]
$$;

-- Adds the jobs of one change: one for each subscriber. The key is the same for every try. A created or deleted object has one
-- key per handler; an update's names the version that it led to.
CREATE FUNCTION add_effect_jobs(
  of_table text, of_change text, effect_cause text, was jsonb, is_now jsonb, changed_columns text[]
) RETURNS void LANGUAGE sql AS $$
  INSERT INTO effect_jobs (handler, object_table, object_id, user_id, change, cause, key, previous, current, changed, occurred_at)
  SELECT s.handler, of_table, v.id, v.user_id, of_change, effect_cause,
    concat_ws(':', s.handler, v.id, of_change, CASE WHEN of_change = 'updated' THEN v.version_key END),
    was, CASE WHEN of_change <> 'deleted' THEN is_now END, changed_columns, v.occurred_at
  FROM effect_subscribers s, LATERAL (
    SELECT is_now ->> 'id' AS id,
      CASE WHEN of_table = 'users' THEN is_now ->> 'id' ELSE coalesce(is_now ->> 'user_id', was ->> 'user_id') END AS user_id,
      -- Without a delivery, two states can have one version: the transaction tells them apart.
      (is_now ->> 'version') || '-' || coalesce(nullif(nullif(is_now ->> 'svix_id', ''), '~'), pg_current_xact_id()::text) AS version_key,
      CASE WHEN (is_now ->> 'event_timestamp')::bigint > 0 THEN to_timestamp((is_now ->> 'event_timestamp')::bigint / 1000.0)
        WHEN (is_now ->> 'version')::bigint > 0 AND NOT (is_now ->> 'deleted')::boolean
          THEN to_timestamp((is_now ->> 'version')::bigint / 1000.0)
        ELSE now() END AS occurred_at
  ) v
  WHERE s.object_table = of_table AND s.change = of_change
  ORDER BY s.handler
$$;

-- Runs in the statement that writes the mirror, and only for a guarded write that names its cause (lib/sync/mirror/cause.ts).
-- The row is still locked here, so the ids of an object's jobs have the order of its changes.
CREATE FUNCTION add_effects_of_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  cause text := current_setting('rollcall.effect_cause', true);
  since text := nullif(current_setting('rollcall.effects_created_since', true), '');
BEGIN
  IF NOT EXISTS (SELECT FROM effect_subscribers s WHERE s.object_table = TG_TABLE_NAME AND s.change = 'created') THEN
    RETURN NULL;
  END IF;
  PERFORM add_effect_jobs(TG_TABLE_NAME, 'created', cause, NULL, to_jsonb(n) - 'search', '{}')
  FROM new_rows n WHERE NOT n.deleted AND n.version > 0 AND (since IS NULL OR n.created_at >= since::timestamptz);
  IF FOUND THEN NOTIFY rollcall_effects; END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION add_effects_of_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  cause text := current_setting('rollcall.effect_cause', true);
  since text := nullif(current_setting('rollcall.effects_created_since', true), '');
BEGIN
  IF NOT EXISTS (SELECT FROM effect_subscribers s WHERE s.object_table = TG_TABLE_NAME) THEN
    RETURN NULL;
  END IF;
  PERFORM add_effect_jobs(TG_TABLE_NAME, c.change, cause, CASE WHEN c.change <> 'created' THEN c.was END, c.is_now, c.changed)
  FROM (
    SELECT change, to_jsonb(o) - 'search' AS was, to_jsonb(n) - 'search' AS is_now, n.created_at,
      ARRAY(SELECT name FROM jsonb_each(CASE WHEN change = 'updated' THEN effect_content(to_jsonb(n)) END) AS a (name, value)
        WHERE value <> to_jsonb(o) -> name ORDER BY name) AS changed
    FROM old_rows o JOIN new_rows n ON n.id = o.id,
      LATERAL effect_change(NOT o.deleted AND o.version > 0, NOT n.deleted AND n.version > 0) AS change
    -- Other writers, such as the one that clears the metadata of a deleted user's membership, keep the version.
    WHERE (n.deleted, n.version, n.event_timestamp, n.svix_id) IS DISTINCT FROM (o.deleted, o.version, o.event_timestamp, o.svix_id)
  ) c
  WHERE c.change IS NOT NULL AND (c.change <> 'updated' OR cardinality(c.changed) > 0)
    AND (c.change <> 'created' OR since IS NULL OR c.created_at >= since::timestamptz);
  IF FOUND THEN NOTIFY rollcall_effects; END IF;
  RETURN NULL;
END $$;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY '{users,organizations,memberships,invitations}'::text[] LOOP
    EXECUTE format('CREATE TRIGGER effects_of_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
      WHEN (current_setting(''rollcall.effect_cause'', true) <> '''') EXECUTE FUNCTION add_effects_of_insert()', name);
    EXECUTE format('CREATE TRIGGER effects_of_update AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
      FOR EACH STATEMENT WHEN (current_setting(''rollcall.effect_cause'', true) <> '''') EXECUTE FUNCTION add_effects_of_update()', name);
  END LOOP;
END $$;

-- The versions in a finished job of a deleted user are cleared; those in a pending one, when it is done (lib/effects/jobs.ts).
CREATE FUNCTION clear_effects_of_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM new_rows WHERE deleted) THEN
    UPDATE effect_jobs SET previous = NULL, current = NULL
    WHERE done_at IS NOT NULL AND user_id IN (SELECT id FROM new_rows WHERE deleted);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER clear_effects_of_deleted AFTER UPDATE ON users REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION clear_effects_of_deleted();

-- A backfill: the first repair, or a repair of an emptied mirror. It has no `created` effects for what existed before it began.
ALTER TABLE "sync_runs" ADD COLUMN "is_backfill" BOOLEAN NOT NULL DEFAULT false;
