// One process per data folder: two processes would overwrite each other's journal. The lock of a process
// that no longer runs is ignored.

import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../user-error";

const heldByThisProcess = new Set<string>();

export function lockData(dataDir: string): () => void {
  const path = join(dataDir, "lock");
  const owner = readOwner(path);
  if (heldByThisProcess.has(path) || (owner !== null && owner !== process.pid && isAlive(owner))) {
    throw new UserError(
      `Local Clerk: ${dataDir} is in use by process ${owner}. Stop it, or delete ${path} if that process is not a local Clerk.`,
    );
  }
  writeFileSync(path, String(process.pid), { mode: 0o600 });
  heldByThisProcess.add(path);
  return () => {
    heldByThisProcess.delete(path);
    rmSync(path, { force: true });
  };
}

function readOwner(path: string): number | null {
  try {
    return Number.parseInt(readFileSync(path, "utf8"), 10) || null;
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
