/** Reads the plans of statements, to test that Postgres uses an index. */
import type pg from "pg";
import { z } from "zod";

const lines = z.array(z.object({ "QUERY PLAN": z.string() }));

const PARTS = `
  SELECT part.relname AS part, whole.relname AS whole FROM pg_inherits
  JOIN pg_class part ON part.oid = inhrelid JOIN pg_class whole ON whole.oid = inhparent WHERE whole.relkind = 'I'`;

/** Resolves to the plan of the statement. In it, an index of a partition has the name of the partitioned table's index. */
export async function explain(
  db: pg.Pool | pg.ClientBase,
  text: string,
  values: unknown[] = [],
): Promise<string> {
  const { rows } = await db.query(`EXPLAIN ${text}`, values);
  const parts = await db.query<{ part: string; whole: string }>(PARTS);
  const wholeOf = new Map(parts.rows.map(({ part, whole }) => [part, whole]));
  const plan = lines.parse(rows).map((row) => row["QUERY PLAN"]);
  return plan.join("\n").replace(/\w+/g, (word) => wholeOf.get(word) ?? word);
}
