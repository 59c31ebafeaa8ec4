-- Each schema of tables has a job queue of its own. Two Rollcalls in one database shared `graphile_worker`, so that the worker of one
-- took the jobs of the other. The tables of `public` keep that name. `npm run db:migrate` creates the queue after the migrations.
DO $$
DECLARE
  queue text := CASE WHEN current_schema() = 'public' THEN 'graphile_worker'
    WHEN octet_length(current_schema()) <= 47 THEN 'graphile_worker_' || current_schema()
    ELSE 'graphile_worker_' || md5(current_schema()) END;
  caller regprocedure;
BEGIN
  EXECUTE format('CREATE FUNCTION queue_schema() RETURNS text LANGUAGE sql IMMUTABLE AS %L', format('SELECT %L::text', queue));
  EXECUTE format($function$
    CREATE FUNCTION add_queue_job(task text, payload json DEFAULT NULL, run_at timestamptz DEFAULT NULL,
      max_attempts integer DEFAULT NULL, job_key text DEFAULT NULL) RETURNS bigint LANGUAGE plpgsql AS %L
  $function$, format($body$
    BEGIN
      RETURN (%I.add_job(task, payload, run_at => run_at, max_attempts => max_attempts, job_key => job_key)).id;
    END
  $body$, queue));
  -- The triggers of erasures add jobs too.
  FOR caller IN
    SELECT p.oid FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace AND p.prosrc LIKE '%graphile\_worker.add\_job(%'
      AND p.proname <> 'add_queue_job'
  LOOP
    EXECUTE replace(pg_get_functiondef(caller), 'graphile_worker.add_job(', 'add_queue_job(');
  END LOOP;
END $$;
