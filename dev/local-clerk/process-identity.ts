// Identifies a process by its pid and start time, because pids are reused. The app's `dev/` also imports this file. The file is
// here because the package imports nothing outside its folder.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { z } from "zod";

/** Whether the process runs. False for a zombie, which has exited but whose parent has not read its exit code. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Returns the start time as a string, which differs for each process with this pid. Undefined where the system does not report
 * it.
 */
function findBirth(pid: number): string | undefined {
  if (process.platform === "linux") {
    const startTime = readStat(pid)?.[19];
    return startTime && `${read("/proc/sys/kernel/random/boot_id").trim()}/${startTime}`;
  }
  return psColumn(pid, "lstart=");
}

/** The schema of a process identity, which can be stored in a file and compared later. */
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

/** Reads the fields of /proc/PID/stat from the third on. The second field, the process name, may contain spaces and brackets. */
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

/** Reads one column of `ps` for a process. Undefined when the process does not run, and on Windows. */
export function psColumn(pid: number, column: string): string | undefined {
  if (process.platform === "win32") return undefined;
  try {
    return execFileSync("ps", ["-ww", "-o", column, "-p", String(pid)], {
      encoding: "utf8",
    }).trim();
  } catch {
    return undefined;
  }
}
