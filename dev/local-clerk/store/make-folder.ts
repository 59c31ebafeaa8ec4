// Creates a folder unless it exists. If a file has the path of the folder or of one of its parents, throws an error with the
// file's path and the remedy. The app's `dev/` imports this file from the package, because the package cannot import from `dev/`.

import { existsSync, mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../user-error";

export function makeFolder(path: string, mode?: number): void {
  try {
    mkdirSync(path, { recursive: true, ...(mode === undefined ? {} : { mode }) });
  } catch (cause) {
    const file = fileInTheWay(path);
    if (file === undefined) throw cause;
    throw new UserError(`${file} is a file and should be a folder: move it away.`, {
      cause,
    });
  }
}

function fileInTheWay(path: string): string | undefined {
  if (existsSync(path)) return statSync(path).isDirectory() ? undefined : path;
  const parent = dirname(path);
  return parent === path ? undefined : fileInTheWay(parent);
}
