// Runs before `npm pack`: writes `dist/` (the bundled code, its types, the page and the seed) and `vendor/`
// (Clerk's browser bundles), so that the package installs without dependencies. `clean.ts` removes both.

import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { z } from "zod";
import { declarationsOf } from "./declarations";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const vendor = join(root, "vendor");
const require = createRequire(import.meta.url);

const entries = { index: "start.ts", control: "control/client.ts", cli: "cli/main.ts" };

/** Clerk's bundles for current browsers. `walletFiles` are left out, because the local Clerk has no web3 sign-in. */
const browserFiles = {
  "@clerk/clerk-js": [/^clerk\.browser\.js$/, /_clerk\.browser_.*\.js$/],
  "@clerk/ui": [/^ui\.(shared\.)?browser\.js$/, /_ui_.*\.js$/],
};
const walletFiles = /^(base-account-sdk|coinbase-wallet-sdk|web3-solana-wallet-buttons)_/;

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string() });
const readManifest = (folder: string) =>
  manifest.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));

async function bundle(): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: Object.entries(entries).map(([out, path]) => ({ out, in: path })),
    outdir: dist,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    metafile: true,
    legalComments: "none",
  });
  copyFileSync(join(root, "simulation/seed.json"), join(dist, "seed.json"));
  cpSync(join(root, "control/page"), join(dist, "page"), { recursive: true });
  writeFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), licensesOf(Object.keys(metafile.inputs)));
}

/** Returns the licence texts of all packages in the bundle. */
function licensesOf(inputs: string[]): string {
  const folders = inputs.flatMap((path) => {
    const [folder] = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [];
    return folder ? [join(root, folder)] : [];
  });
  return [...new Set(folders)]
    .sort()
    .map((folder) => {
      const { name, version, license } = readManifest(folder);
      const file = readdirSync(folder).find((each) => /^licen[cs]e(\.|$)/i.test(each));
      const text = file ? readFileSync(join(folder, file), "utf8").trim() : "";
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${"-".repeat(80)}\n\n`);
}

function vendorBrowserFiles(): void {
  for (const [name, patterns] of Object.entries(browserFiles)) {
    const source = dirname(require.resolve(name));
    const target = join(vendor, name);
    mkdirSync(join(target, "dist"), { recursive: true });
    const entryFiles = readdirSync(source).filter((file) =>
      patterns.some((each) => each.test(file)),
    );
    const neededFiles = withoutOtherBuilds(source, entryFiles).filter(
      (file) => !walletFiles.test(file),
    );
    for (const file of neededFiles) copyFileSync(join(source, file), join(target, "dist", file));
    copyFileSync(join(source, "../LICENSE"), join(target, "LICENSE"));
    writeFileSync(join(target, "package.json"), JSON.stringify(readManifest(join(source, ".."))));
  }
}

/**
 * Returns the files without the chunks that no entry file loads. A chunk is named `NAME_HASH_VERSION.js`. An entry file that
 * loads the chunk contains HASH.
 */
function withoutOtherBuilds(source: string, files: string[]): string[] {
  const isChunk = (file: string) => /_[0-9a-f]{6}_[^_]+\.js$/.test(file);
  const entryTexts = files
    .filter((file) => !isChunk(file))
    .map((file) => readFileSync(join(source, file), "utf8"));
  return files.filter((file) => {
    const [, hash = ""] = /_([0-9a-f]{6})_[^_]+\.js$/.exec(file) ?? [];
    return !isChunk(file) || entryTexts.some((text) => text.includes(hash));
  });
}

for (const folder of [dist, vendor]) {
  if (existsSync(folder)) rmSync(folder, { recursive: true });
  mkdirSync(folder);
}
await bundle();
writeFileSync(join(dist, "index.d.ts"), declarationsOf(join(root, entries.index)));
writeFileSync(join(dist, "control.d.ts"), declarationsOf(join(root, entries.control)));
vendorBrowserFiles();
