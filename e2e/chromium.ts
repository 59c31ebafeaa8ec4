/**
 * Finds a Chromium for the tests: Playwright's own if it was downloaded, or the system's, or the npm package
 * `@sparticuz/chromium`, which is unpacked once into `.rollcall/chromium`. Downloads nothing. The browser from npm needs no
 * system package: its libraries and fonts are unpacked with it, and a small start script points to them.
 */
import { execFile } from "node:child_process";
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { chromium } from "@playwright/test";
import { z } from "zod";
import { UserError } from "../lib/errors";

export type Chromium = { executablePath: string; args: string[] };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
/** The headless shell comes first: it draws no window, and its tests take about a seventh less CPU time. */
const NAMES = [
  "chromium-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome-stable",
  "google-chrome",
];
const MAC_CHROME = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";

export async function findChromium(): Promise<Chromium> {
  // Chromium's sandbox does not work for root and in containers. The tests do not need the sandbox, because they open only our
  // own pages.
  const installed = findPlaywrightChromium() ?? findSystemChromium();
  if (installed !== undefined) return { executablePath: installed, args: ["--no-sandbox"] };
  return { executablePath: await unpackChromium(), args: ["--no-sandbox", "--headless=shell"] };
}

export function findPlaywrightChromium(): string | undefined {
  const path = chromium.executablePath();
  return isExecutable(path) ? path : undefined;
}

export function findSystemChromium(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  const candidates = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...candidates, MAC_CHROME].find(isExecutable);
}

/**
 * Unpacks the browser from npm, and adds a script that starts the browser. A rename then moves the complete folder to its place,
 * named after the version.
 */
export async function unpackChromium(): Promise<string> {
  const source = findPackage();
  const folder = join(ROOT, ".rollcall", "chromium", source.version);
  const script = join(folder, "start.sh");
  if (existsSync(script)) return script;

  const draft = `${folder}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  // Runs in a separate process with its own TMPDIR, because the package always unpacks into the system's temporary folder.
  const program = `import chromium, { inflate } from ${JSON.stringify(source.entry)};
    await chromium.executablePath();
    await inflate(${JSON.stringify(join(source.root, "bin", "al2023.tar.br"))});`;
  await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program], {
    env: { PATH: process.env.PATH, NODE_ENV: process.env.NODE_ENV, TMPDIR: draft, TEMP: draft },
  });
  // Other users may run the tests in a folder that root has unpacked.
  chmodSync(join(draft, "chromium"), 0o755);
  writeFileSync(join(draft, "fonts", "fonts.conf"), FONTS);
  writeFileSync(join(draft, "start.sh"), START, { mode: 0o755 });
  renameIntoPlace(draft, folder);
  return script;
}

const START = `#!/bin/sh
here=$(CDPATH= cd -- "\${0%/*}" && pwd)
export LD_LIBRARY_PATH="$here/al2023/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
[ -d /etc/fonts ] || export FONTCONFIG_PATH="$here/fonts"
exec "$here/chromium" "$@"
`;

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="relative">cache</cachedir>
</fontconfig>
`;

const manifest = z.object({ version: z.string() });

function findPackage(): { root: string; version: string; entry: string } {
  try {
    const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
    const root = dirname(dirname(dirname(entry)));
    const { version } = manifest.parse(
      JSON.parse(readFileSync(join(root, "package.json"), "utf8")),
    );
    return { root, version, entry: pathToFileURL(join(root, "build/esm/index.mjs")).href };
  } catch (error) {
    throw new UserError(
      "There is no Chromium to test with: run npx playwright install chromium, or apt-get install chromium, or npm ci with the development packages.",
      { cause: error },
    );
  }
}

/** Renames the draft to `folder`. If another test run has created `folder` meanwhile, uses that folder. */
function renameIntoPlace(draft: string, folder: string): void {
  try {
    renameSync(draft, folder);
  } catch (error) {
    if (!existsSync(join(folder, "start.sh"))) throw error;
    rmSync(draft, { recursive: true, force: true });
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
