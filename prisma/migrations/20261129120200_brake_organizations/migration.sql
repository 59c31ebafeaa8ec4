-- The brake also counts organizations, apart from users: each against its own number. An engaged brake pauses the erasures of both.
CREATE FUNCTION engaged_brake(settings jsonb, for_kind text) RETURNS bigint LANGUAGE plpgsql AS $$
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
    SELECT FROM erasures WHERE deleted_at > since AND subject_kind = for_kind AND step NOT IN ('requested', 'undone') AND cause <> 'restore'
    LIMIT most_deletions) AS recent);
  -- Nine deletions are no mass deletion, whatever their share is.
  IF deletions <= most_deletions AND (deletions < 10 OR deletions <= most_share * (
    SELECT count(*) FROM (
      SELECT FROM users WHERE for_kind = 'user' AND NOT deleted AND version > 0 UNION ALL
      SELECT FROM organizations WHERE for_kind = 'organization' AND NOT deleted AND version > 0
      LIMIT ceil(deletions / most_share)::int + 1) AS counted)) THEN
    RETURN NULL;
  END IF;
  INSERT INTO erasure_brakes (deletions) VALUES (deletions) ON CONFLICT DO NOTHING RETURNING id INTO brake;
  RETURN coalesce(brake, (SELECT b.id FROM erasure_brakes b WHERE b.released_at IS NULL));
END $$;

-- As before, but also for organizations.
CREATE OR REPLACE FUNCTION hold_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind text := CASE TG_TABLE_NAME WHEN 'users' THEN 'user' ELSE 'organization' END;
  settings jsonb := (SELECT value FROM sync_facts WHERE name = 'erasure_settings');
  holdback interval := coalesce((settings ->> 'holdbackSeconds')::float8, 0) * interval '1 second';
  brake bigint := engaged_brake(settings, kind);
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

DROP FUNCTION engaged_brake(jsonb);
