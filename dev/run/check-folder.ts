/**
 * Refuses a checkout in which `npm run dev` cannot work, before anything is started. The error is one line that says what to do.
 */
import { accessSync, constants, existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../lib/errors";

/** The folders that `npm run dev` writes to. A start with `sudo` creates folders here that only root can change. */
const WRITTEN = [
  ".",
  ".rollcall",
  ".rollcall/postgres",
  ".rollcall/clerk",
  ".next",
  ".next/dev",
  "lib/generated",
];

export function checkFolder(root: string, canWrite = isWritable): void {
  for (const name of WRITTEN) {
    const path = join(root, name);
    if (!existsSync(path) || canWrite(path)) continue;
    const { uid } = statSync(path);
    throw new UserError(
      name === "."
        ? `Rollcall cannot write to its own folder ${root}, which belongs to user ${uid}: run it as that user, or copy it to a folder of yours.`
        : `${name} belongs to user ${uid} and this user cannot write to it: delete it (sudo rm -rf ${name}; what it keeps is local data), or take it over with sudo chown -R "$(id -u)" ${name}.`,
    );
  }
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
