/** `npm run graphql:print`: writes the GraphQL schema as SDL, so that a change of the API is visible in code review. */
import { writeFileSync } from "node:fs";
import { lexicographicSortSchema, printSchema } from "graphql";
import { withFreshDirectives } from "../graphql/fresh";
import { schema } from "../graphql/schema";
import { isProgram, runCommand } from "./run";

const sorted = lexicographicSortSchema(schema);

export const sdl = `${withFreshDirectives(sorted, printSchema(sorted))}\n`;

if (isProgram(import.meta.filename)) {
  const file = new URL("../graphql/schema.graphql", import.meta.url);
  await runCommand(() => writeFileSync(file, sdl), { needsEnv: false });
}
