/** Makes rows of users or organizations tombstones, as their deletion at Clerk does. */
import type { Queryable } from "../db";
import { registry } from "./registry";
import { type SubjectKind, subjectTables } from "./subject";

/** Empties the rows and marks them as deleted. The triggers of the tables request the erasures. */
export async function makeTombstones(db: Queryable, kind: SubjectKind, ids: string[]) {
  const table = subjectTables[kind];
  const columns = registry.find((entry) => entry.table === table)?.columns ?? {};
  const emptied = Object.entries(columns).flatMap(([name, verdict]) =>
    verdict === "erased" ? [`${name} = DEFAULT`] : [],
  );
  await db.query(
    `UPDATE ${table} SET deleted = true, version = 0, event_timestamp = 0, svix_id = '', ${emptied.join(", ")}
     WHERE id = ANY ($1::text[]) AND NOT deleted`,
    [ids],
  );
}
