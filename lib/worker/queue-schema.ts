import type pg from "pg";

/** Resolves to the schema of the job queue. A migration named it after the schema of the tables, so that each has its own. */
export async function findQueueSchema(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ schema: string }>("SELECT queue_schema() AS schema");
  const [found] = rows;
  if (!found) throw new Error("queue_schema() returned no row.");
  return found.schema;
}
