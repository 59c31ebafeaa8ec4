/**
 * Finds and stops the Postgres process of a data folder.
 *
 * A pid in `postmaster.pid` counts only if that process is a Postgres on this folder: pids are reused, most of all after a
 * container restarts.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../../lib/errors";
import { isAlive } from "../local-clerk/process-identity";
import { findCommandLine } from "../processes";

const SIGNAL_TIMEOUT_MS = 15_000;

export function readPostmasterPid(data: string): { pid: number; isReady: boolean } | undefined {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return undefined;
  const lines = readFileSync(file, "utf8").split("\n");
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, isReady: lines[7]?.trim() === "ready" };
}

export function findRunningServer(data: string): number | undefined {
  const pid = readPostmasterPid(data)?.pid;
  if (pid === undefined || !isAlive(pid)) return undefined;
  const commandLine = findCommandLine(pid);
  if (commandLine === undefined) return undefined;
  const folder = commandLine[commandLine.indexOf("-D") + 1];
  const isOurs =
    folder !== undefined && existsSync(folder) && realpathSync(folder) === realpathSync(data);
  return isOurs && commandLine[0]?.includes("postgres") ? pid : undefined;
}

/** Stops the server with a fast shutdown. An immediate shutdown and SIGKILL follow only if the server does not react. */
export async function stopServer(pid: number, data: string, pgCtl: string): Promise<void> {
  if (process.platform === "win32") {
    spawnSync(pgCtl, ["stop", "-m", "fast", "-D", data]);
    return;
  }
  for (const signal of ["SIGINT", "SIGQUIT", "SIGKILL"] as const) {
    if (!isAlive(pid)) return;
    try {
      process.kill(pid, signal);
    } catch {
      if (!isAlive(pid)) return;
      throw new UserError(
        `A Postgres of another user (pid ${pid}) is running on ${data}. Stop it as that user.`,
      );
    }
    const giveUpAt = Date.now() + SIGNAL_TIMEOUT_MS;
    while (isAlive(pid) && Date.now() < giveUpAt) await sleep(15);
  }
}
