/** The Postgres servers for tests whose result depends on the version. */
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePort } from "../ports";
import { startPostgres } from "../postgres/server";

const FOLDER = "/usr/lib/postgresql";
const OLDEST = 14;
const PASSWORD = "password";

type PostgresVersion = { version: string; start(): Promise<RunningPostgres> };
export type RunningPostgres = { url: string; stop(): Promise<void> };

/** Returns the folders with Postgres programs: the folder in TEST_POSTGRES_BIN, otherwise the folders of Debian's packages. */
function programFolders(): string[] {
  const { TEST_POSTGRES_BIN } = process.env;
  if (TEST_POSTGRES_BIN) return [TEST_POSTGRES_BIN];
  const debian = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  return debian.map((version) => join(FOLDER, version, "bin"));
}

function majorVersionOf(bin: string): number {
  const text = execFileSync(join(bin, "postgres"), ["--version"], { encoding: "utf8" });
  return Number(/\) (\d+)/.exec(text)?.[1]);
}

/** Finds the oldest installed version from 14 on. Returns an empty list if none is installed. */
function findOldest(): PostgresVersion[] {
  const [oldest] = programFolders()
    .filter((bin) => existsSync(join(bin, "postgres")))
    .map((bin) => ({ bin, version: majorVersionOf(bin) }))
    .filter(({ version }) => version >= OLDEST)
    .sort((a, b) => a.version - b.version);
  return oldest ? [{ version: String(oldest.version), start: () => start(oldest.bin) }] : [];
}

/** Returns the user that Postgres runs as. Postgres refuses to run as root, so root runs it as Debian's user `postgres`. */
function owner(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

async function start(bin: string): Promise<RunningPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-installed-postgres-"));
  const user = owner();
  // This server has a password, like the embedded server, because PgBouncer logs in with a password.
  const passwordFile = join(folder, "password");
  writeFileSync(passwordFile, PASSWORD);
  if (user) for (const path of [folder, passwordFile]) chownSync(path, user.uid, user.gid);
  const run = (program: string, ...args: string[]) =>
    execFileSync(join(bin, program), args, { stdio: "ignore", cwd: folder, ...user });
  const data = join(folder, "data");
  const port = await findFreePort();
  run(
    "initdb",
    "-D",
    data,
    "-U",
    "postgres",
    "-A",
    "scram-sha-256",
    "--pwfile",
    passwordFile,
    "-E",
    "UTF8",
    "--no-sync",
  );
  const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off`;
  run("pg_ctl", "-D", data, "-w", "-l", join(folder, "log"), "-o", options, "start");
  return {
    url: `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/postgres`,
    stop: async () => {
      run("pg_ctl", "-D", data, "-w", "-m", "immediate", "stop");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startEmbedded(): Promise<RunningPostgres> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-embedded-postgres-"));
  const { url, stop } = await startPostgres({ dataDir: join(folder, "postgres") });
  return {
    url,
    stop: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the embedded Postgres, which is the newest version, and the oldest installed version. */
export function oldestAndNewest(): PostgresVersion[] {
  return [{ version: "embedded", start: startEmbedded }, ...findOldest()];
}
