-- The lock on the open brake: a deletion that the brake pauses, and a release of that brake, wait for each other. Otherwise a deletion
-- that is committed after the release would be paused by a brake that nobody can release any more.
CREATE OR REPLACE FUNCTION engaged_brake(settings jsonb, for_kind text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  brake bigint;
  most_deletions int := (settings ->> 'brakeCount')::int;
  most_share float8 := (settings ->> 'brakeShare')::float8;
  since timestamptz;
  deletions int;
BEGIN
  SELECT b.id INTO brake FROM erasure_brakes b WHERE b.released_at IS NULL FOR SHARE;
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
  IF brake IS NULL THEN
    SELECT b.id INTO brake FROM erasure_brakes b WHERE b.released_at IS NULL FOR SHARE;
  END IF;
  RETURN brake;
END $$;

UPDATE erasures e SET next_at = now() WHERE e.step = 'held' AND e.next_at IS NULL
  AND EXISTS (SELECT FROM erasure_brakes b WHERE b.id = e.brake_id AND b.released_at IS NOT NULL);

-- A request that Clerk did not carry out is not the reason of a deletion that somebody makes days later. Three days are longer than
-- the webhook of a deletion takes: it is repeated for about a day, and the nightly reconciliation finds a lost one.
CREATE FUNCTION forget_old_request() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.reason := 'unknown';
  NEW.requested_by := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER forget_old_request BEFORE UPDATE ON "erasures" FOR EACH ROW
  WHEN (OLD.step IN ('requested', 'undone') AND NEW.step NOT IN ('requested', 'undone') AND OLD.requested_at < now() - interval '3 days')
  EXECUTE FUNCTION forget_old_request();

-- An undone deletion keeps no reason: a later deletion has its own.
UPDATE erasures SET reason = 'unknown', requested_by = NULL WHERE step = 'undone' AND (reason <> 'unknown' OR requested_by IS NOT NULL);
