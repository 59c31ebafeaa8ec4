// Finds Clerk's browser scripts, which a browser loads from Clerk's host in production. The published package contains them in
// `vendor/`; in this repository they come from node_modules. A request cannot read any other file.

import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const require = createRequire(import.meta.url);
const manifest = z.object({ version: z.string() });

const contentTypes: Record<string, string> = {
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".map": "application/json",
  ".css": "text/css; charset=utf-8",
};

const distFolders = new Map(
  ["@clerk/clerk-js", "@clerk/ui"].map((name) => [name, distFolderOf(name)]),
);

/**
 * Finds the folder of a package's scripts, in `vendor/` or in node_modules. `../vendor` is right from this file and from the
 * bundle in `dist/`.
 */
function distFolderOf(name: string): string {
  const vendored = fileURLToPath(new URL(`../vendor/${name}/dist`, import.meta.url));
  return existsSync(vendored) ? vendored : dirname(require.resolve(name));
}

type Script = { body: Buffer; contentType: string; isExactVersion: boolean };

/** Resolves to null if the script does not exist. `version` may be partial: 6.40.0, 6.40 or 6. */
export async function findScript(
  packageName: string,
  version: string,
  file: string,
): Promise<Script | null> {
  const folder = distFolders.get(packageName);
  const contentType = contentTypes[extname(file)];
  if (!folder || !contentType) return null;
  const path = join(folder, file);
  if (!path.startsWith(folder + sep)) return null;
  const installed = await installedVersion(folder);
  if (installed !== version && !installed.startsWith(`${version}.`)) return null;
  try {
    return { body: await readFile(path), contentType, isExactVersion: installed === version };
  } catch {
    return null;
  }
}

async function installedVersion(folder: string): Promise<string> {
  const text = await readFile(join(dirname(folder), "package.json"), "utf8");
  return manifest.parse(JSON.parse(text)).version;
}
