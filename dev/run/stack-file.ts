/** Writes the variables of a running stack for commands in another terminal, which `lib/command/dev-stack.ts` reads. */
import { rmSync, writeFileSync } from "node:fs";

/** Writes the file, readable only by its owner, because it holds secrets of the stack. Returns a function that removes it. */
export function writeStackFile(
  file: string,
  url: string,
  variables: Record<string, string>,
): () => void {
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify({ pid: process.pid, url, variables }), { mode: 0o600 });
  return () => rmSync(file, { force: true });
}
