import type pg from "pg";

/**
 * Resolves to the name of the job queue's schema. A migration derived this name from the name of the schema that contains the
 * tables, so each installation in one database has its own queue.
 */
export async function findQueueSchema(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ schema: string }>("SELECT queue_schema() AS schema");
  const [found] = rows;
  if (!found) throw new Error("queue_schema() returned no row.");
  return found.schema;
}
