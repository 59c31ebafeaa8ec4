import type pg from "pg";

/**
 * Resolves to the name of the job queue's schema. A migration derived it from the schema of the tables, so that each schema of
 * tables has its own queue.
 */
export async function findQueueSchema(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ schema: string }>("SELECT queue_schema() AS schema");
  const [found] = rows;
  if (!found) throw new Error("queue_schema() returned no row.");
  return found.schema;
}
