/** `npm run graphql:print`: writes the schema as SDL, so that a change of the API is seen in review. */
import { writeFileSync } from "node:fs";
import { lexicographicSortSchema, printSchema } from "graphql";
import { schema } from "../graphql/schema";

export const sdl = `${printSchema(lexicographicSortSchema(schema))}\n`;

if (process.argv[1] && import.meta.filename === process.argv[1]) {
  writeFileSync(new URL("../graphql/schema.graphql", import.meta.url), sdl);
}
