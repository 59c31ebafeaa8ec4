/** Runs after the database of a test file was created: plants the faults of a mutant in its SQL functions. */
import { inject } from "vitest";
import { withClient } from "../../postgres/server";
import { plant } from "./plant";

declare module "vitest" {
  interface ProvidedContext {
    mutantFunctions: { target: string; out: string; in: string }[];
    mutantStatements: string[];
  }
}

await withClient(process.env.DATABASE_URL ?? "", async (client) => {
  for (const edit of inject("mutantFunctions")) {
    const { rows } = await client.query<{ source: string }>(
      "SELECT pg_get_functiondef(oid) AS source FROM pg_proc WHERE proname = $1",
      [edit.target],
    );
    await client.query(plant(rows[0]?.source ?? "", edit));
  }
  for (const statement of inject("mutantStatements")) await client.query(statement);
});
