/** `npm run graphql:print`: writes the GraphQL schema as SDL, so that a change of the API is visible in code review. */
import { writeFileSync } from "node:fs";
import { lexicographicSortSchema, printSchema } from "graphql";
import { schema } from "../graphql/schema";
import { isProgram, runCommand } from "./run";

export const sdl = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (isProgram(import.meta.filename)) {
  const file = new URL("../graphql/schema.graphql", import.meta.url);
  await runCommand(() => writeFileSync(file, sdl), { needsEnv: false });
}
