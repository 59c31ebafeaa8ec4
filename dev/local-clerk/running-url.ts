// The URL of a running local Clerk, in a file of its data folder: `local-clerk generate` finds it there.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const pathIn = (dataDir: string) => join(dataDir, "url");

/** The returned function removes it. */
export function writeRunningUrl(dataDir: string, url: string): () => void {
  writeFileSync(pathIn(dataDir), url);
  return () => rmSync(pathIn(dataDir), { force: true });
}

/** A killed process leaves its URL behind: check that something is listening there. */
export function readRunningUrl(dataDir: string): string | null {
  const path = pathIn(dataDir);
  return existsSync(path) ? readFileSync(path, "utf8").trim() : null;
}
