/**
 * Starts Debian's PgBouncer in front of a test Postgres, in transaction mode. Its settings: https://www.pgbouncer.org/config.html
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, isPortFree } from "../ports";

export type PgBouncer = { urlOf(databaseUrl: string): string; stop(): Promise<void> };

const BINARY = "/usr/sbin/pgbouncer";

/** Returns the installed version; null if there is none, so that tests which need PgBouncer are skipped. */
export function pgBouncerVersion(): string | null {
  try {
    return execFileSync(BINARY, ["--version"], { encoding: "utf8" }).split("\n")[0] ?? null;
  } catch {
    return null;
  }
}

/**
 * The lifetime of 1 s makes PgBouncer replace server connections often. So two transactions of a client rarely share a server
 * connection.
 */
const SETTINGS = { pool_mode: "transaction", default_pool_size: 4, server_lifetime: 1 };

export async function startPgBouncer(
  serverUrl: string,
  settings: Record<string, string | number> = {},
): Promise<PgBouncer> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-pgbouncer-"));
  const port = await findFreePort();
  const server = new URL(serverUrl);
  const users = join(folder, "users.txt");
  const ini = join(folder, "pgbouncer.ini");
  writeFileSync(users, `"${server.username}" "${decodeURIComponent(server.password)}"\n`);
  const options = {
    listen_addr: "127.0.0.1",
    listen_port: port,
    auth_type: "scram-sha-256",
    auth_file: users,
    ...SETTINGS,
    ...settings,
  };
  const lines = Object.entries(options).map(([name, value]) => `${name} = ${value}`);
  const target = `host=${server.hostname} port=${server.port}`;
  writeFileSync(ini, ["[databases]", `* = ${target}`, "[pgbouncer]", ...lines, ""].join("\n"));
  for (const path of [folder, users, ini]) chmodSync(path, 0o755);
  // PgBouncer refuses to run as root.
  const asUser = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const child = spawn(BINARY, ["-q", ...asUser, ini], { stdio: "ignore" });
  await listening(child, port);
  return {
    urlOf: (databaseUrl) => {
      const url = new URL(databaseUrl);
      url.port = String(port);
      return url.href;
    },
    stop: async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (await isPortFree(port)) {
    if (child.exitCode !== null) throw new Error(`PgBouncer ended with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error("PgBouncer did not listen within 10 s");
    await sleep(20);
  }
}
