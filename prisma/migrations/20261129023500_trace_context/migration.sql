-- The span of the webhook request (W3C Trace Context), so that later tries and effects of the delivery join its trace.
ALTER TABLE "deliveries" ADD COLUMN "traceparent" TEXT;

-- The delivery that caused an effect. Null for other causes, and for jobs of earlier releases.
ALTER TABLE "effect_jobs" ADD COLUMN "svix_id" TEXT;

CREATE OR REPLACE FUNCTION add_effect_jobs(
  of_table text, of_change text, effect_cause text, was jsonb, is_now jsonb, changed_columns text[]
) RETURNS void LANGUAGE sql AS $$
  INSERT INTO effect_jobs (handler, object_table, object_id, user_id, change, cause, key, previous, current, changed, occurred_at, svix_id)
  SELECT s.handler, of_table, v.id, v.user_id, of_change, effect_cause,
    concat_ws(':', s.handler, v.id, of_change, CASE WHEN of_change = 'updated' THEN v.version_key END),
    was, CASE WHEN of_change <> 'deleted' THEN is_now END, changed_columns, v.occurred_at, v.svix_id
  FROM effect_subscribers s, LATERAL (
    SELECT is_now ->> 'id' AS id,
      CASE WHEN of_table = 'users' THEN is_now ->> 'id' ELSE coalesce(is_now ->> 'user_id', was ->> 'user_id') END AS user_id,
      -- Without a delivery, two states can have one version: the run or the transaction tells them apart.
      (is_now ->> 'version') || '-' || coalesce(nullif(nullif(is_now ->> 'svix_id', ''), '~'),
        nullif(current_setting('rollcall.effect_run', true), ''), pg_current_xact_id()::text) AS version_key,
      nullif(nullif(is_now ->> 'svix_id', ''), '~') AS svix_id,
      CASE WHEN (is_now ->> 'event_timestamp')::bigint > 0 THEN to_timestamp((is_now ->> 'event_timestamp')::bigint / 1000.0)
        WHEN (is_now ->> 'version')::bigint > 0 AND NOT (is_now ->> 'deleted')::boolean
          THEN to_timestamp((is_now ->> 'version')::bigint / 1000.0)
        ELSE now() END AS occurred_at
  ) v
  WHERE s.object_table = of_table AND s.change = of_change
  ORDER BY s.handler
$$;
