/** Finds the command line of a process, and the processes that have a variable in their environment. */
import { readdirSync, readFileSync } from "node:fs";
import { isAlive, psColumn } from "./local-clerk/process-identity";

export function findCommandLine(pid: number): string[] | undefined {
  if (process.platform === "linux") {
    const line = read(`/proc/${pid}/cmdline`);
    return line === "" ? undefined : line.split("\0").filter(Boolean);
  }
  return psColumn(pid, "command=")?.split(" ");
}

/**
 * Returns the pids of all processes that have `variable=value` in their environment. Returns none on systems other than Linux.
 */
export function findByEnvironment(variable: string, value: string): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split("\0").includes(`${variable}=${value}`))
    .filter(isAlive);
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
