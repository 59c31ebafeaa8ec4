/** The worker's periodic tasks, and when each ran last. */
import { z } from "zod";
import { database } from "../../db";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * `cron` is the schedule of a running worker; `everyMs` is the interval on a host that only calls the cron route. A provisioning
 * that fails adds a job for its retry. The schedule finds provisionings whose process died before adding this job.
 * Effects have their own queue and no task.
 */
export const schedules = [
  {
    ...({ task: "retry-provisionings", cron: "* * * * *", everyMs: MINUTE / 2 } as const),
    ...{ what: "Loads profiles that Clerk did not give", when: "Every minute" },
  },
  {
    ...({ task: "settle-acts", cron: "* * * * *", everyMs: MINUTE / 2 } as const),
    ...{ what: "Confirms acts whose webhook has come", when: "Every minute" },
  },
  {
    ...({ task: "count-members", cron: "* * * * *", everyMs: MINUTE / 2 } as const),
    ...{ what: "Counts the members of organizations", when: "Every minute" },
  },
  {
    ...({ task: "erase", cron: "* * * * *", everyMs: MINUTE / 2 } as const),
    ...{ what: "Erases the data of deleted people", when: "Every minute" },
  },
  {
    ...({ task: "alerts", cron: "* * * * *", everyMs: MINUTE / 2 } as const),
    ...{ what: "Checks for problems and sends alerts", when: "Every minute" },
  },
  {
    ...({ task: "canary", cron: "*/15 * * * *", everyMs: 15 * MINUTE } as const),
    ...{ what: "Tests the path with a change at Clerk", when: "Every 15 minutes" },
  },
  {
    ...({ task: "reconcile", cron: "41 2 * * *", everyMs: DAY } as const),
    ...{ what: "Compares the mirror with Clerk and repairs it", when: "Daily at 02:41 UTC" },
  },
  {
    ...({ task: "archive", cron: "37 3 * * *", everyMs: DAY } as const),
    ...{ what: "Purges archived purchases that are due", when: "Daily at 03:37 UTC" },
  },
  {
    ...({ task: "retention", cron: "17 3 * * *", everyMs: DAY } as const),
    ...{ what: "Deletes deliveries and versions past retention", when: "Daily at 03:17 UTC" },
  },
];

export type Schedule = (typeof schedules)[number] & { lastRunAt: Date | null };

const runs = z.array(z.object({ task: z.string(), at: z.date().nullable() }));

/** The worker keeps the times of its schedule, the cron route those of its calls. */
export async function findSchedules(): Promise<Schedule[]> {
  const { pool } = database();
  const { rows: found } = await pool.query("SELECT queue_schema() AS schema");
  const [{ schema }] = z
    .tuple([z.object({ schema: z.string().regex(/^[\w-]{1,63}$/) })])
    .parse(found);
  const { rows } = await pool.query(
    `SELECT task, max(at) AS at FROM (
       SELECT identifier AS task, last_execution AS at FROM "${schema}"._private_known_crontabs
       UNION ALL SELECT substr(name, 5), updated_at FROM sync_facts WHERE name LIKE 'due %'
     ) known GROUP BY task`,
  );
  const lastRuns = new Map(runs.parse(rows).map(({ task, at }) => [task, at]));
  return schedules.map((schedule) => ({
    ...schedule,
    lastRunAt: lastRuns.get(schedule.task) ?? null,
  }));
}
