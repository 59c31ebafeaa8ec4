/** `npm run db:migrate`: brings the database to the schema of this version. Needs no variable besides the database's URL. */
import { databaseUrlOfEnvironment, migrate } from "../../prisma/migrate";
import { runMain } from "../errors";
import { print } from "./run";

await runMain(async () => {
  const { url, variable } = databaseUrlOfEnvironment();
  const { applied } = await migrate(url, { log: print, variable });
  print(applied.length === 0 ? "The database is up to date." : "Done.");
});
