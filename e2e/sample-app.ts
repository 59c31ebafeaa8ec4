/**
 * Creates a sample app with Clerk in a temporary folder, and installs the packed local Clerk in it. The files of all other
 * packages are hard links to this repository's packages, so nothing is downloaded.
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
const TESTS = join(ROOT, "dev/local-clerk/tests");

/** The sample apps by folder name, each with the packages to install and the commands to run. */
const APPS = {
  "sample-app": {
    packages: ["next", "react", "react-dom", "@clerk/nextjs"],
    commands: { next: "next/dist/bin/next" },
  },
  "vite-app": {
    packages: ["vite", "express", "react", "react-dom", "@clerk/react", "@clerk/express"],
    commands: {},
  },
};

const run = promisify(execFile);

export type SampleApp = {
  folder: string;
  tarballBytes: number;
  /** The size in bytes of the local Clerk's package and of all packages that npm installed for it. */
  installedBytes: number;
  remove(): void;
};

export type Tarball = { path: string; remove(): void };

export async function packLocalClerk(): Promise<Tarball> {
  const folder = mkdtempSync(join(tmpdir(), "local-clerk-package-"));
  const pack = ["pack", "--workspace=@rollcall/local-clerk", `--pack-destination=${folder}`];
  await run("npm", pack, { cwd: ROOT });
  const [name = ""] = readdirSync(folder);
  return { path: join(folder, name), remove: () => rmSync(folder, { recursive: true }) };
}

export async function createSampleApp(
  name: keyof typeof APPS,
  tarball: Tarball,
): Promise<SampleApp> {
  const folder = mkdtempSync(join(tmpdir(), `local-clerk-${name}-`));
  cpSync(join(TESTS, name), folder, { recursive: true });
  const offline = ["--offline", "--no-audit", "--no-fund", "--no-package-lock"];
  await run("npm", ["install", ...offline, tarball.path], { cwd: folder });
  const modules = join(folder, "node_modules");
  const installedBytes = sizeOf(modules);
  const { packages, commands } = APPS[name];
  for (const path of closureOf(packages)) linkFolder(join(ROOT, path), join(folder, path));
  for (const [command, path] of Object.entries(commands)) {
    symlinkSync(`../${path}`, join(modules, ".bin", command));
  }
  return {
    folder,
    tarballBytes: statSync(tarball.path).size,
    installedBytes,
    // Retries the removal, because Next still writes to its folder for a moment after its process exits.
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }),
  };
}

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

/**
 * Returns the paths of packages and all their dependencies, as Node resolves them. Skips packages that are not installed, such as
 * packages for other platforms.
 */
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

/** Links the files of one package. Skips its nested packages: `closureOf` returns them separately if they are needed. */
function linkFolder(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules") linkFolder(from, to);
    } else link(from, to);
  }
}

/** Creates a hard link, or copies the file if the link would cross file systems. */
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
