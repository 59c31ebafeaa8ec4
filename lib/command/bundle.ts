/**
 * The last step of `npm run build`: completes Next's standalone folder, so that it runs every role without this repository. Adds
 * `rollcall.mjs`, the commands, the migrations, the packages that the commands import, and the files of the browser.
 *
 * The commands are bundled without their packages. Telemetry instruments a package when it is loaded, and a bundle would hide it.
 */
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { type BuildOptions, build } from "esbuild";
import { z } from "zod";
import { UserError } from "../errors";
import { imageCommands } from "./image-commands";
import { runCommand } from "./run";

const ROOT = process.cwd();
const STANDALONE = join(ROOT, ".next/standalone");
/** The bundles are made here first: inside the standalone folder, their imports would find Next's incomplete packages. */
const BUNDLES = join(ROOT, ".next/commands");

const source = (name: string) => join(ROOT, `lib/command/${name}.ts`);

const options: BuildOptions = {
  absWorkingDir: ROOT,
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  outdir: BUNDLES,
  outExtension: { ".js": ".mjs" },
  logLevel: "warning",
};

/** Bundles the commands with shared chunks, and `rollcall.mjs` as one file. Resolves to the paths of all files. */
async function bundle(): Promise<string[]> {
  rmSync(BUNDLES, { recursive: true, force: true });
  const entryPoints = imageCommands.map(source);
  await build({
    ...options,
    entryPoints,
    packages: "external",
    splitting: true,
    entryNames: "commands/[name]",
    chunkNames: "commands/[name]-[hash]",
  });
  await build({ ...options, entryPoints: [source("rollcall")], packages: "external" });
  return readdirSync(BUNDLES, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".mjs"))
    .map((name) => join(BUNDLES, name));
}

/** Returns the files of packages that these programs load, found by the tracer with which Next traces its own. */
async function tracePackages(files: string[]): Promise<string[]> {
  const { nodeFileTrace } = createRequire(import.meta.url)("next/dist/compiled/@vercel/nft");
  const traced = z
    .object({ fileList: z.set(z.string()) })
    .parse(await nodeFileTrace(files, { base: ROOT, processCwd: ROOT }));
  return [...traced.fileList].filter((file) => file.startsWith("node_modules/"));
}

function copyInto(folder: string, file: string): void {
  const target = join(folder, file);
  mkdirSync(dirname(target), { recursive: true });
  copyFileSync(join(ROOT, file), target);
}

/** Removes the env files of the machine that built: Next copies them, and their secrets must not be in an image. */
function removeEnvFiles(): void {
  for (const name of readdirSync(STANDALONE))
    if (name.startsWith(".env")) rmSync(join(STANDALONE, name));
}

await runCommand(
  async () => {
    if (!existsSync(join(STANDALONE, "server.js"))) {
      throw new UserError(
        "There is no .next/standalone/server.js: run next build first. A lockfile in a parent folder makes Next put it elsewhere.",
      );
    }
    const files = await bundle();
    rmSync(join(STANDALONE, "commands"), { recursive: true, force: true });
    for (const file of await tracePackages(files)) copyInto(STANDALONE, file);
    for (const file of files) {
      const target = join(STANDALONE, relative(BUNDLES, file));
      mkdirSync(dirname(target), { recursive: true });
      copyFileSync(file, target);
    }
    // `prisma/migrate.ts` reads the migrations from the folder of its own module, which is a chunk of the commands.
    cpSync(join(ROOT, "prisma/migrations"), join(STANDALONE, "commands/migrations"), {
      recursive: true,
    });
    cpSync(join(ROOT, ".next/static"), join(STANDALONE, ".next/static"), { recursive: true });
    removeEnvFiles();
  },
  { needsEnv: false },
);
