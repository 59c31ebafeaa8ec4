/** Backup and restore of the proof's database: with pg_dump and pg_restore where they are installed, otherwise as a copy. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { closeDatabase } from "../../../lib/db";
import { createDatabase, withClient } from "../../postgres/server";

const FOLDER = "/usr/lib/postgresql";
const run = promisify(execFile);

export type Backup = { how: string; restore(): Promise<void> };

/** Ends the connections of this process. The next statement opens new ones. */
async function disconnect(): Promise<void> {
  await closeDatabase();
  Reflect.deleteProperty(globalThis, "rollcallDatabase");
}

async function findTools(url: string): Promise<string | null> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ version: string }>("SELECT current_setting('server_version_num') AS version"),
  );
  const major = Math.floor(Number(rows[0]?.version) / 10_000);
  const [bin] = (existsSync(FOLDER) ? readdirSync(FOLDER) : [])
    .filter((version) => Number(version) >= major)
    .map((version) => join(FOLDER, version, "bin"));
  return bin && existsSync(join(bin, "pg_dump")) ? bin : null;
}

const dropDatabase = (server: string, name: string) =>
  withClient(server, (client) =>
    client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`),
  );

/** @param server the URL of another database of the server */
export async function backUp(server: string, url: string, folder: string): Promise<Backup> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  await disconnect();
  const bin = await findTools(server);
  if (bin === null) {
    await createDatabase(server, `${name}_backup`, { template: name });
    return {
      how: "a copy of the database",
      restore: async () => {
        await disconnect();
        await dropDatabase(server, name);
        await createDatabase(server, name, { template: `${name}_backup` });
        await dropDatabase(server, `${name}_backup`);
      },
    };
  }
  const file = join(folder, "backup.dump");
  await run(join(bin, "pg_dump"), ["--format=custom", `--file=${file}`, url]);
  return {
    how: "pg_dump and pg_restore",
    restore: async () => {
      await disconnect();
      await dropDatabase(server, name);
      await createDatabase(server, name);
      await run(join(bin, "pg_restore"), ["--exit-on-error", `--dbname=${url}`, file]);
    },
  };
}
