// Stores the URL of a running local Clerk in a file of its data folder, where `local-clerk generate` reads it.

import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const pathIn = (dataDir: string) => join(dataDir, "url");

/** Writes the URL. Returns a function that removes the file. */
export function writeRunningUrl(dataDir: string, url: string): () => void {
  writeFileSync(pathIn(dataDir), url);
  return () => rmSync(pathIn(dataDir), { force: true });
}

/** Reads the URL. A killed process leaves its file behind, so check that something listens on the URL. */
export function readRunningUrl(dataDir: string): string | null {
  const path = pathIn(dataDir);
  return existsSync(path) ? readFileSync(path, "utf8").trim() : null;
}
