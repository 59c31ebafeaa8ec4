/**
 * The jobs of the background worker, and the SQL that adds one inside the statement that needs it: the job is there
 * exactly when its reason is committed.
 */
export const MAX_ATTEMPTS = 8;

const FIRST_DELAY_MS = 2_000;

/** How long after the `attempts`-th failed try the next one comes: 2 s, 8 s, 32 s, … 2 h 16 min. */
export function backoffMs(attempts: number): number {
  return FIRST_DELAY_MS * 4 ** (attempts - 1);
}

/** Both arguments are SQL. The key makes a second job for the same delivery replace the first. */
export function addRetryJobSql(svixId: string, runAt: string): string {
  return `(graphile_worker.add_job('retry-delivery', json_build_object('svixId', ${svixId}), run_at => ${runAt},
    job_key => 'retry-delivery ' || ${svixId})).id`;
}
