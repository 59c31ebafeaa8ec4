/**
 * The data folder of a local Postgres: its files, how it is created, and how damage is reported.
 *
 * `data/` is the cluster and contains its password. Next to it are the port, the owner (the process that started the server)
 * and the server's log. Refuses a cluster of another major version. Never deletes anything that ever held data.
 */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { UserError } from "../../lib/errors";
import { isAlive } from "../local-clerk/process-identity";
import type { RunAs } from "./run-as";

const MAJOR = "18";
export const DATABASE = "rollcall";

export type Cluster = {
  folder: string;
  /**
   * The folder as shown in messages: a relative path if the folder is inside the working directory, otherwise the absolute path.
   */
  shown: string;
  data: string;
  password: string;
  port: string;
  owner: string;
  serverLog: string;
};

export function locate(dataDir: string): Cluster {
  const folder = resolve(dataDir);
  const nearby = relative(process.cwd(), folder);
  return {
    folder,
    shown: nearby.startsWith("..") ? folder : nearby,
    data: join(folder, "data"),
    // The password is inside the cluster, so that both are created and deleted together.
    password: join(folder, "data", "rollcall-password"),
    port: join(folder, "port"),
    owner: join(folder, "owner.json"),
    serverLog: join(folder, "server.log"),
  };
}

export function prepareFolder({ folder, shown, data }: Cluster): void {
  try {
    // The parent folders are created with the default mode: when this process is root, the server runs as another user, who must
    // reach the data folder.
    mkdirSync(dirname(folder), { recursive: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    // Postgres refuses a folder that others may read. A copy or a checkout of the folder does not keep the mode.
    if (existsSync(data)) chmodSync(data, 0o700);
  } catch (error) {
    throw new UserError(
      `The data folder ${shown} cannot be used by this user (${messageOf(error)}). Run as its owner, or set DATABASE_URL.`,
    );
  }
}

export function refuseDamage(cluster: Cluster): void {
  if (!existsSync(cluster.data)) return;
  const versionFile = join(cluster.data, "PG_VERSION");
  if (!existsSync(versionFile)) throw damaged(cluster, "PG_VERSION is missing");
  const version = readFileSync(versionFile, "utf8").trim();
  if (!/^\d+$/.test(version)) throw damaged(cluster, "PG_VERSION is not a number");
  if (version !== MAJOR) {
    throw unusable(
      cluster,
      `it was made by Postgres ${version}, this is Postgres ${MAJOR}. The data is whole`,
    );
  }
  if (!existsSync(cluster.password)) {
    throw unusable(cluster, `its password file ${cluster.password} is missing. The data is whole`);
  }
}

/**
 * Returns the error for data that cannot be used here but may be intact. Its message advises to move the data away, never to
 * delete it.
 */
function unusable({ shown }: Cluster, reason: string): UserError {
  return new UserError(
    `The local database in ${shown} cannot be used: ${reason}. Move ${shown} away and start again with a new one, or set DATABASE_URL.`,
  );
}

/** Returns the error for data that is proven to be damaged. Only this message advises to delete data. */
export function damaged({ shown }: Cluster, reason: string): UserError {
  return new UserError(
    `The local database in ${shown} is damaged: ${reason}. Delete ${shown} and start again (the local data is lost), or set DATABASE_URL.`,
  );
}

/** Creates the cluster in a draft folder and renames it when complete: a partial cluster is never started. */
export function initialise(cluster: Cluster, initdb: string, runAs: RunAs): void {
  for (const name of readdirSync(cluster.folder)) {
    const author = /^draft-(\d+)$/.exec(name)?.[1];
    const isAbandoned = author !== undefined && !isAlive(Number(author));
    if (isAbandoned) rmSync(join(cluster.folder, name), { recursive: true });
  }
  const draft = join(cluster.folder, `draft-${process.pid}`);
  const password = join(draft, "password");
  const data = join(draft, "data");
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(password, randomBytes(24).toString("base64url"), { mode: 0o600 });
  changeOwner(runAs, draft, password);

  const [program, args] = command(runAs, initdb, [
    `--pgdata=${data}`,
    `--username=${DATABASE}`,
    `--pwfile=${password}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    // Sorts strings the same on every machine, whatever locales its system has.
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
  ]);
  const options = { ...runAs.options, cwd: draft, env: environment(), encoding: "utf8" as const };
  const { status, stderr, error } = spawnSync(program, args, options);
  if (status === 0) {
    renameSync(password, join(data, basename(cluster.password)));
    renameSync(data, cluster.data);
  }
  rmSync(draft, { recursive: true });
  if (status !== 0) {
    const reason = error?.message ?? lastLine(stderr) ?? `initdb ended with ${status}`;
    throw new UserError(
      `The local database could not be made in ${cluster.shown}: ${reason}. Cure that, or set DATABASE_URL.`,
    );
  }
}

/** Matches Postgres' messages about missing, truncated or overwritten files. No other message proves damage. */
const DAMAGE = new RegExp(
  [
    "valid checkpoint record|could not locate a valid|PANIC",
    "control file.*(checksum|corrupt)|checksum.*control file|invalid data in file",
    "not a valid data directory|required WAL directory .* does not exist",
    'could not (open|read) (file|directory) "[^"]*\\b(global|base|pg_\\w+)\\b[^"]*".*(No such file|read \\d+ of)',
  ].join("|"),
  "i",
);

export const isDamage = (message: string) => DAMAGE.test(message);

export function explain(cluster: Cluster, output: string): UserError {
  const fatal = output.split("\n").find((line) => /\b(FATAL|PANIC):/.test(line));
  const line = fatal ?? lastLine(output) ?? "it said nothing";
  const reason = line.replace(/^.*?(FATAL|PANIC):\s*/, "");
  if (isDamage(line)) return damaged(cluster, reason);
  return new UserError(
    `The local Postgres did not start: ${reason}. ${join(cluster.shown, "server.log")} has more. Correct that, or move ${cluster.shown} away to start with a new one, or set DATABASE_URL.`,
  );
}

/** Returns only the variables that a Postgres server needs: the environment of this process may hold secrets. */
export function environment(extra: Record<string, string> = {}): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP, NODE_ENV } = process.env;
  return { PATH, SystemRoot, TEMP, NODE_ENV, LC_ALL: "C", TZ: "UTC", ...extra };
}

export function command({ prefix }: RunAs, binary: string, args: string[]): [string, string[]] {
  const [first = binary, ...rest] = [...prefix, binary, ...args];
  return [first, rest];
}

export function write(file: string, text: string, runAs: RunAs): void {
  writeFileSync(file, text, { mode: 0o600 });
  changeOwner(runAs, file);
}

function changeOwner({ options: { uid, gid } }: RunAs, ...paths: string[]): void {
  if (uid === undefined || gid === undefined) return;
  for (const path of paths) chownSync(path, uid, gid);
}

function lastLine(text: string): string | undefined {
  return text.trim().split("\n").at(-1) || undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
