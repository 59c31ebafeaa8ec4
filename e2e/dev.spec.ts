/** Tests `npm run dev` as a terminal runs it: in a copy of this checkout, with no database and no Clerk configured. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { networkInterfaces } from "node:os";
import { basename, join } from "node:path";
import { expect, test } from "@playwright/test";
import { findFreePort } from "../dev/ports";

const ROOT = process.cwd();

/** Folders that are not copied. The copy finds the packages in the folders above it. */
const LEFT_OUT = ["node_modules", ".git", ".next", ".rollcall", "test-results", "docs", "e2e"];

let folder: string;

test.skip(process.platform !== "linux", "finds the processes of the copy through /proc");
test.describe.configure({ mode: "serial", timeout: 300_000 });

test.beforeAll(() => {
  // The copy is inside this checkout, because Turbopack follows no symbolic link to packages elsewhere.
  mkdirSync(join(ROOT, "test-results"), { recursive: true });
  folder = mkdtempSync(join(ROOT, "test-results/dev-"));
  for (const name of readdirSync(ROOT)) {
    // The lock file is left out: with one, Turbopack would take the copy as the project's root, which has no packages.
    if (LEFT_OUT.includes(name) || name.startsWith(".env") || name === "package-lock.json")
      continue;
    cpSync(join(ROOT, name), join(folder, name), {
      recursive: true,
      filter: (path) => !/\.test\.tsx?$/.test(path) && basename(path) !== "node_modules",
    });
  }
});

test.afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }));

type DevRun = { npm: ChildProcess; output: () => string; ended: Promise<unknown[]> };

async function startDev(port: number): Promise<DevRun> {
  const { PATH = "", HOME = "" } = process.env;
  const npm = spawn("npm", ["run", "dev"], {
    cwd: folder,
    // Gives npm a process group of its own, as a terminal does. Ctrl-C in a terminal goes to every process of the group.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH, HOME, PORT: String(port), NODE_ENV: "development" },
  });
  let output = "";
  const ended = once(npm, "exit");
  const printed = new Promise<void>((resolve) => {
    for (const stream of [npm.stdout, npm.stderr]) {
      stream?.on("data", (chunk) => {
        output += chunk;
        if (/^Open /m.test(output)) resolve();
      });
    }
  });
  await Promise.race([printed, ended]);
  expect(output).toMatch(/^Ready in \d+\.\d s\.$/m);
  return { npm, output: () => output, ended };
}

/** Returns the pids of all processes that run in the copy. */
function processesInCopy(): string[] {
  return readdirSync("/proc").filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
    } catch {
      return false;
    }
  });
}

/**
 * Returns hosts other than localhost that reach this machine. Includes the IPv6 host only if the machine has it, because a
 * container may have no IPv6.
 */
function loopbackNames(): string[] {
  const addresses = networkInterfaces().lo?.map(({ address }) => address) ?? [];
  return ["127.0.0.1", "127.0.0.2", "0.0.0.0", ...(addresses.includes("::1") ? ["[::1]"] : [])];
}

let port: number;

test("npm run dev prints Ready after the first page was rendered, and Ctrl-C ends every process without an error", async () => {
  port = await findFreePort();
  const { npm, output, ended } = await startDev(port);
  await expect.poll(output).toMatch(/^app +GET \/ 200 /m);
  const started = output();
  for (const line of ["database ready (embedded", "clerk    ready (local"]) {
    expect(started.indexOf(line)).toBeGreaterThan(-1);
    expect(started.indexOf(line)).toBeLessThan(started.indexOf("Ready in"));
  }
  const page = await fetch(`http://localhost:${port}/`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain("</html>");

  for (const host of loopbackNames()) {
    const response = await fetch(`http://${host}:${port}/home?a=b`, { redirect: "manual" });
    expect([host, response.headers.get("location")]).toEqual([
      host,
      `http://localhost:${port}/home?a=b`,
    ]);
  }

  process.kill(-(npm.pid ?? 0), "SIGINT");
  expect(await ended).toEqual([null, "SIGINT"]);
  expect(output()).not.toMatch(/error|ELIFECYCLE|Exception|signal SIG/i);
  expect(output()).toMatch(/^Stopping\.\n$/m);
  await expect.poll(processesInCopy).toEqual([]);
  expect(existsSync(join(folder, ".rollcall/dev.lock"))).toBe(false);
});

test("SIGTERM to npm ends every process of a second start, which reused the compiled pages", async () => {
  const marker = join(folder, ".next/dev/cache/marker");
  writeFileSync(marker, "");
  const { npm, ended } = await startDev(port);
  expect(existsSync(marker)).toBe(true);
  expect(processesInCopy().length).toBeGreaterThan(3);

  npm.kill("SIGTERM");
  await ended;
  await expect.poll(processesInCopy).toEqual([]);
  expect(existsSync(join(folder, ".rollcall/dev.lock"))).toBe(false);
});
