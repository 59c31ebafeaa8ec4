-- A second way for announced changes: through an outbox, which a relay empties into Redis. NOTIFY takes a lock on the whole server
-- at each commit, so notifying transactions commit one at a time. An insert into the outbox takes none.
--
-- Which way a change takes is decided in its own transaction: the outbox while a relay holds the lease, otherwise NOTIFY. So a relay
-- or a Redis that dies costs two seconds of delay and no message. What is left in the outbox then is notified by the next heartbeat.
-- A heartbeat takes the same way as a change and is behind every change that was committed before it: a heartbeat that returns
-- proves that those changes have arrived.

-- Unlogged: after a crash of the server every listener reconnects and reads everything again.
CREATE UNLOGGED TABLE "live_outbox" (
  "id" BIGSERIAL PRIMARY KEY,
  "channel" TEXT NOT NULL,
  "payload" TEXT NOT NULL
);
ALTER TABLE "live_outbox" SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

-- One row. `space` is the prefix of the channels in Redis, so that several databases may share a server.
CREATE TABLE "live_relay" (
  "id" INTEGER PRIMARY KEY DEFAULT 1 CHECK (id = 1),
  "space" TEXT NOT NULL DEFAULT gen_random_uuid()::text,
  "holder" TEXT,
  "held_until" TIMESTAMPTZ(3) NOT NULL DEFAULT '2000-01-01 00:00:00+00'
);
INSERT INTO "live_relay" DEFAULT VALUES;

ALTER TABLE "live_outbox" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "live_relay" ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION announce(channel text, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM live_relay WHERE held_until > clock_timestamp()) THEN
    INSERT INTO live_outbox (channel, payload) VALUES (announce.channel, announce.message);
  ELSE
    PERFORM pg_notify(announce.channel, announce.message);
  END IF;
END $$;

CREATE FUNCTION announce_heartbeat(channel text, message text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  left_over record;
BEGIN
  IF NOT EXISTS (SELECT FROM live_relay WHERE held_until > clock_timestamp()) THEN
    FOR left_over IN
      WITH taken AS (DELETE FROM live_outbox o RETURNING o.id, o.channel, o.payload)
      SELECT taken.channel AS name, taken.payload AS content FROM taken ORDER BY taken.id
    LOOP
      PERFORM pg_notify(left_over.name, left_over.content);
    END LOOP;
  END IF;
  PERFORM announce(announce_heartbeat.channel, announce_heartbeat.message);
END $$;

CREATE OR REPLACE FUNCTION tell_change(table_name text, row_count bigint, keys jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  message text;
BEGIN
  IF row_count = 0 THEN RETURN; END IF;
  message := (jsonb_build_object('table', table_name) || keys)::text;
  -- A payload of 8,000 bytes and more is refused by Postgres, and would fail the change itself.
  IF row_count > 50 OR octet_length(message) > 7500 THEN
    message := jsonb_build_object('table', table_name, 'flush', true)::text;
  END IF;
  PERFORM announce('rollcall', message);
END $$;

CREATE OR REPLACE FUNCTION tell_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM announce('rollcall', jsonb_build_object('table', TG_TABLE_NAME, 'flush', true)::text);
  RETURN NULL;
END $$;
