/**
 * What the operating system reports about a process: whether it runs, its start time, its command line.
 *
 * Pids are reused, so callers also compare the start time or the command line. Where the system does not report it, the
 * result is `undefined`.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { z } from "zod";

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** The start time as a string that no other process with this pid has had since boot. */
function findBirth(pid: number): string | undefined {
  if (process.platform === "linux") {
    const startTime = readStat(pid)?.[19];
    return startTime && `${read("/proc/sys/kernel/random/boot_id").trim()}/${startTime}`;
  }
  return ps(pid, "lstart=");
}

export function findCommandLine(pid: number): string[] | undefined {
  if (process.platform === "linux") {
    const line = read(`/proc/${pid}/cmdline`);
    return line === "" ? undefined : line.split("\0").filter(Boolean);
  }
  return ps(pid, "command=")?.split(" ");
}

/**
 * The pids of all processes that carry `variable=value` in their environment (Linux only, else
 * none).
 */
export function findByEnvironment(variable: string, value: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split("\0").includes(`${variable}=${value}`))
    .filter((pid) => !isZombie(pid));
}

/** The identity of a process, which can be stored in a file and compared later. */
export const processIdentity = z.object({
  pid: z.number().int().positive(),
  birth: z.string().optional(),
});
export type ProcessIdentity = z.infer<typeof processIdentity>;

export function identify(pid: number): ProcessIdentity {
  return { pid, birth: findBirth(pid) };
}

export function isStillAlive({ pid, birth }: ProcessIdentity): boolean {
  return isAlive(pid) && findBirth(pid) === birth;
}

function isZombie(pid: number): boolean {
  return process.platform === "linux" && readStat(pid)?.[0] === "Z";
}

/**
 * The fields of /proc/PID/stat from the third on; the second, a name, may hold spaces and brackets.
 */
function readStat(pid: number): string[] | undefined {
  const stat = read(`/proc/${pid}/stat`);
  return stat === "" ? undefined : stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function ps(pid: number, column: string): string | undefined {
  if (process.platform === "win32") return undefined;
  try {
    return execFileSync("ps", ["-ww", "-o", column, "-p", String(pid)], {
      encoding: "utf8",
    }).trim();
  } catch {
    return undefined;
  }
}
