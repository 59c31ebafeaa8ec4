/**
 * Builds the SQL that adds a retry job. This SQL is part of the statement that records the failure. So the job exists exactly
 * when the failure is committed.
 */

/**
 * Returns SQL that adds a retry job. Both arguments are SQL expressions. The job key makes a later job for the same delivery
 * replace the earlier one.
 */
export function addRetryJobSql(svixId: string, runAt: string): string {
  return `add_queue_job('retry-delivery', json_build_object('svixId', ${svixId}), run_at => ${runAt},
    job_key => 'retry-delivery ' || ${svixId})`;
}
