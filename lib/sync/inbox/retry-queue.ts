/**
 * The SQL that adds a retry job. It is part of the statement that records the failure, so that the job exists exactly when
 * the failure is committed.
 */
export const MAX_ATTEMPTS = 8;

const FIRST_DELAY_MS = 2_000;

/** The delay after the failed try number `attempts`, in ms: 2 s, 8 s, 32 s, … 2 h 16 min. */
export function backoffMs(attempts: number): number {
  return FIRST_DELAY_MS * 4 ** (attempts - 1);
}

/** Both arguments are SQL. The job key makes a later job for the same delivery replace the earlier one. */
export function addRetryJobSql(svixId: string, runAt: string): string {
  return `(graphile_worker.add_job('retry-delivery', json_build_object('svixId', ${svixId}), run_at => ${runAt},
    job_key => 'retry-delivery ' || ${svixId})).id`;
}
