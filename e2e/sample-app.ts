/**
 * A minimal Next.js and Clerk app in an empty folder, with the packed local Clerk installed in it. Its other packages
 * are hard links to what is installed here, so nothing is downloaded.
 */
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

const ROOT = process.cwd();
const SOURCE = join(ROOT, "dev/local-clerk/tests/sample-app");
const PACKAGES = ["next", "react", "react-dom", "@clerk/nextjs"];

const run = promisify(execFile);

export type SampleApp = {
  folder: string;
  tarballBytes: number;
  /** The size of the package and of all that npm installed for it. */
  installedBytes: number;
  remove(): void;
};

export async function createSampleApp(): Promise<SampleApp> {
  const parent = mkdtempSync(join(tmpdir(), "local-clerk-package-"));
  const folder = join(parent, "app");
  cpSync(SOURCE, folder, { recursive: true });
  await run("npm", ["pack", "--workspace=@rollcall/local-clerk", `--pack-destination=${parent}`], {
    cwd: ROOT,
  });
  const [tarball = ""] = readdirSync(parent).filter((name) => name.endsWith(".tgz"));
  const offline = ["--offline", "--no-audit", "--no-fund", "--no-package-lock"];
  await run("npm", ["install", ...offline, join(parent, tarball)], { cwd: folder });
  const modules = join(folder, "node_modules");
  const installedBytes = sizeOf(modules);
  for (const path of closureOf(PACKAGES)) linkFolder(join(ROOT, path), join(folder, path));
  symlinkSync("../next/dist/bin/next", join(modules, ".bin/next"));
  return {
    folder,
    tarballBytes: statSync(join(parent, tarball)).size,
    installedBytes,
    // Next writes to its folder for a moment after it exits.
    remove: () => rmSync(parent, { recursive: true, force: true, maxRetries: 10 }),
  };
}

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/** The paths of packages and all their dependencies, as Node resolves them. Packages for other platforms are not installed. */
function closureOf(names: string[], from = "", found = new Set<string>()): Set<string> {
  for (const name of names) {
    const path = resolve(name, from);
    if (path === undefined || found.has(path)) continue;
    found.add(path);
    const text = readFileSync(join(ROOT, path, "package.json"), "utf8");
    const { dependencies, optionalDependencies } = manifest.parse(JSON.parse(text));
    closureOf(Object.keys({ ...dependencies, ...optionalDependencies }), path, found);
  }
  return found;
}

function resolve(name: string, from: string): string | undefined {
  const path = join(from, "node_modules", name);
  if (existsSync(join(ROOT, path))) return path;
  return from === "" ? undefined : resolve(name, dirname(from) === "." ? "" : dirname(from));
}

/** Skips nested packages: they are in the closure if they are needed. */
function linkFolder(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules") linkFolder(from, to);
    } else link(from, to);
  }
}

/** Hard links do not work across file systems: copies instead. */
function link(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    cpSync(from, to);
  }
}

function sizeOf(path: string): number {
  const entries = readdirSync(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((total, entry) => total + statSync(join(entry.parentPath, entry.name)).size, 0);
}
