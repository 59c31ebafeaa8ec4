/**
 * Which Clerk instance this mirror belongs to: `CLERK_INSTANCE_ID`, else that of the first verified delivery, for good.
 * Another instance's events must not mix in: a signing secret can be pasted into the wrong endpoint.
 */
import { database } from "../../db";
import { env } from "../../env";

let known: string | undefined;

/** The no-op update makes the statement return the row that was there first. */
async function findOrLearn(candidate: string): Promise<string> {
  const { rows } = await database().pool.query<{ value: string }>(
    `INSERT INTO sync_facts (name, value) VALUES ('instance_id', to_jsonb($1::text))
     ON CONFLICT (name) DO UPDATE SET name = EXCLUDED.name RETURNING value #>> '{}' AS value`,
    [candidate],
  );
  return rows[0]?.value ?? candidate;
}

export async function isForeignInstance(instanceId: string): Promise<boolean> {
  known ??= env().clerkInstanceId ?? (await findOrLearn(instanceId));
  return known !== instanceId;
}
