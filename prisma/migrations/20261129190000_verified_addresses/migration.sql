-- As before, but an address that the person has not verified is not theirs: whoever added somebody else's address, and then deleted the
-- account, would otherwise have that person's invitations erased here and revoked at Clerk. A row from before version 0.1.0 has no list
-- of addresses with their verification, so all of them count.
CREATE OR REPLACE FUNCTION request_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  kind text := CASE TG_TABLE_NAME WHEN 'users' THEN 'user' ELSE 'organization' END;
  last_addresses text[] := '{}';
  erasure uuid;
BEGIN
  IF TG_OP = 'UPDATE' AND kind = 'user' THEN
    last_addresses := ARRAY(
      WITH states AS (SELECT to_jsonb(OLD) AS state UNION ALL SELECT v.state FROM versions v WHERE v.object_id = NEW.id AND NOT v.deleted)
      SELECT DISTINCT lower(a) FROM states, LATERAL (
        SELECT e ->> 'email_address' FROM jsonb_path_query(state -> 'email_addresses', '$[*]') AS e
          WHERE e #>> '{verification,status}' = 'verified'
        UNION ALL
        SELECT unnest(string_to_array(state ->> 'identifiers', E'\n') || (state ->> 'email'))
          WHERE jsonb_typeof(state -> 'email_addresses') IS DISTINCT FROM 'array'
      ) AS addresses (a)
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
