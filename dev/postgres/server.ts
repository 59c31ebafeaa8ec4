/**
 * A real Postgres server for development, CI and tests, without an installation.
 *
 * `dataDir` holds the cluster (`data/`), the password, the port and the server's log. The server listens on 127.0.0.1 only,
 * keeps fsync on, and is a child of this process, which must stop it. A server that a killed process left running is first
 * shut down cleanly.
 *
 * Refuses a data folder in use by another living process, and a cluster of another major version. Never deletes anything that
 * ever held data.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { explainDatabaseError } from "../../lib/database-fault";
import { UserError } from "../../lib/errors";
import {
  identify,
  isStillAlive,
  type ProcessIdentity,
  processIdentity,
} from "../local-clerk/process-identity";
import { findFreePort, isPortFree } from "../ports";
import { type Binaries, findBinaries } from "./binaries";
import {
  type Cluster,
  command,
  DATABASE,
  damaged,
  environment,
  explain,
  initialise,
  isDamage,
  locate,
  messageOf,
  prepareFolder,
  refuseDamage,
  write,
} from "./cluster";
import { findRunningServer, readPostmasterPid, stopServer } from "./process";
import { findRunAs, type RunAs } from "./run-as";

export type Postgres = {
  url: string;
  port: number;
  /** The server process. Callers watch this process to notice its exit. */
  process: ChildProcess;
  /** Stops the server with a fast shutdown, which disconnects all clients. Everything committed is on disk. */
  stop(): Promise<void>;
};

type StartPostgresOptions = {
  dataDir: string;
  port?: number;
  log?: (line: string) => void;
};

const START_TIMEOUT_MS = 60_000;

const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  timezone: "UTC",
  log_timezone: "UTC",
  log_min_messages: "warning",
  jit: "off",
  max_wal_size: "512MB",
};

export async function startPostgres(options: StartPostgresOptions): Promise<Postgres> {
  const cluster = locate(options.dataDir);
  const binaries = findBinaries();
  prepareFolder(cluster);

  const leftBehind = refuseOtherOwner(cluster);
  if (leftBehind !== undefined) {
    options.log?.(`stopping the Postgres that a killed run left behind (pid ${leftBehind})`);
    await stopServer(leftBehind, cluster.data, binaries.pgCtl);
  }

  refuseDamage(cluster);
  const runAs = findRunAs(cluster.folder, binaries.postgres);
  if (!existsSync(cluster.data)) initialise(cluster, binaries.initdb, runAs);

  const { child, pid, port } = await launch(cluster, binaries, runAs, options.port);
  const password = readFileSync(cluster.password, "utf8").trim();
  const url = (database: string) =>
    `postgresql://${DATABASE}:${password}@127.0.0.1:${port}/${database}`;
  // The server ends with this process, unless the process is killed with SIGKILL.
  const onExit = () => child.kill("SIGINT");
  process.once("exit", onExit);
  const stop = async () => {
    process.removeListener("exit", onExit);
    if (child.exitCode === null && child.signalCode === null) {
      await stopServer(pid, cluster.data, binaries.pgCtl);
    }
  };

  try {
    await ensureDatabase(url("postgres"), cluster);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: url(DATABASE), port, process: child, stop };
}

/** Creates a database on the server of `url`, as a copy of `template` if given. Returns the new database's URL. */
export async function createDatabase(
  url: string,
  name: string,
  { template = "template0" }: { template?: string } = {},
): Promise<string> {
  await withClient(url, (client) =>
    client.query(
      `CREATE DATABASE ${client.escapeIdentifier(name)} TEMPLATE ${client.escapeIdentifier(template)}`,
    ),
  );
  const created = new URL(url);
  created.pathname = `/${encodeURIComponent(name)}`;
  return created.href;
}

/**
 * Drops a database and disconnects its clients. `url` names another database of the
 * server.
 */
export async function dropDatabase(url: string, name: string): Promise<void> {
  await withClient(url, (client) =>
    client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`),
  );
}

type Launched = { child: ChildProcess; pid: number; port: number };

async function launch(
  cluster: Cluster,
  binaries: Binaries,
  runAs: RunAs,
  wantedPort: number | undefined,
): Promise<Launched> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (wantedPort !== undefined && !(await isPortFree(wantedPort))) {
      throw new UserError(
        `Port ${wantedPort}, wanted for the local Postgres, is taken by another program. Stop that one or name another port.`,
      );
    }
    const port = wantedPort ?? (await findFreePort(...readPort(cluster)));
    write(cluster.owner, JSON.stringify(identify(process.pid)), runAs);
    const child = spawnServer(cluster, binaries, runAs, port);
    if (child.pid !== undefined && (await isReady(child, cluster, giveUpAt))) {
      write(cluster.port, String(port), runAs);
      return { child, pid: child.pid, port };
    }
    const output = readFileSync(cluster.serverLog, "utf8");
    // Retries if another process has taken the chosen port meanwhile. Also retries if the last server was killed and its workers
    // are still exiting.
    const isPassing =
      (wantedPort === undefined && output.includes("could not bind")) ||
      output.includes("pre-existing shared memory block");
    if (!isPassing || Date.now() > giveUpAt) throw explain(cluster, output);
    await sleep(200);
  }
}

function spawnServer(
  cluster: Cluster,
  binaries: Binaries,
  runAs: RunAs,
  port: number,
): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, port: String(port) });
  const [program, args] = command(runAs, binaries.postgres, [
    "-D",
    cluster.data,
    ...settings.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ]);
  // Postgres does not start if the pid in `postmaster.pid` is alive, even if the pid now belongs to another program. The pid in
  // PG_GRANDPARENT_PID is excepted (pg_ctl relies on this), so a stale pid is passed there. `postmaster.pid` is not deleted: through
  // it Postgres detects workers of the dead server that still use the data.
  const stalePid = findRunningServer(cluster.data)
    ? undefined
    : readPostmasterPid(cluster.data)?.pid;
  const env = environment(stalePid === undefined ? {} : { PG_GRANDPARENT_PID: String(stalePid) });
  const serverLog = openSync(cluster.serverLog, "w", 0o600);
  try {
    return spawn(program, args, {
      ...runAs.options,
      env,
      cwd: cluster.folder,
      // Gives the server its own process group: Ctrl-C in the terminal must reach only this process, which stops everything in
      // order.
      detached: true,
      stdio: ["ignore", serverLog, serverLog],
    });
  } finally {
    closeSync(serverLog);
  }
}

async function isReady(child: ChildProcess, { data }: Cluster, giveUpAt: number): Promise<boolean> {
  let hasEnded = false;
  const markEnded = () => {
    hasEnded = true;
  };
  child.once("error", markEnded).once("exit", markEnded);
  while (!hasEnded && Date.now() < giveUpAt) {
    const server = readPostmasterPid(data);
    if (server?.pid === child.pid && server?.isReady) return true;
    await sleep(15);
  }
  if (!hasEnded) child.kill("SIGQUIT");
  return false;
}

async function ensureDatabase(url: string, cluster: Cluster): Promise<void> {
  try {
    await withClient(url, async (client) => {
      const found = await client.query("SELECT FROM pg_database WHERE datname = $1", [DATABASE]);
      if (found.rowCount === 0)
        await client.query(`CREATE DATABASE ${DATABASE} TEMPLATE template0`);
    });
  } catch (error) {
    if (isDamage(messageOf(error))) throw damaged(cluster, messageOf(error));
    const { sentence } = explainDatabaseError(error, `in ${cluster.shown}`);
    throw new UserError(
      `${sentence} ${join(cluster.shown, "server.log")} may have more. Try again, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

/** Opens a connection, calls `use` with it, and closes it. */
export async function withClient<T>(
  url: string,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Returns the pid of a running server whose owner was killed. @throws if the owner is alive. */
function refuseOtherOwner({ owner, data, shown }: Cluster): number | undefined {
  const pid = findRunningServer(data);
  if (pid === undefined) return undefined;
  const starter = existsSync(owner) ? parseOwner(readFileSync(owner, "utf8")) : undefined;
  if (starter !== undefined && isStillAlive(starter)) {
    throw new UserError(
      `The local database in ${shown} is in use by process ${starter.pid}. Stop that one first.`,
    );
  }
  return pid;
}

function parseOwner(text: string): ProcessIdentity | undefined {
  try {
    return processIdentity.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function readPort({ port }: Cluster): number[] {
  if (!existsSync(port)) return [];
  const remembered = Number(readFileSync(port, "utf8"));
  return Number.isInteger(remembered) && remembered > 1023 && remembered < 65_536
    ? [remembered]
    : [];
}
