// Measures the figures in the README: `npm run clerk:bench`. The packed command runs in a separate process. Memory is read from
// /proc, so this needs Linux.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlClient } from "../control/client";
import { runMain } from "../user-error";
import { endProcess, memoryOf, type OwnProcess, startProcess } from "./process";

const calls = 500;
const page = 500;

async function measure(request: () => Promise<Response>): Promise<string> {
  const took: number[] = [];
  for (let call = 0; call < calls; call += 1) {
    const began = performance.now();
    await (await request()).arrayBuffer();
    took.push(performance.now() - began);
  }
  const sorted = took.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * sorted.length)]?.toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

async function readAll(running: OwnProcess, path: string, count: number): Promise<void> {
  const headers = { authorization: `Bearer ${running.secretKey}` };
  for (let offset = 0; offset < count; offset += page) {
    const url = `${running.url}/bapi/v1/${path}?limit=${page}&offset=${offset}`;
    await (await fetch(url, { headers })).arrayBuffer();
  }
}

function print(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(34)} ${figure}\n`);
}

function printMemory(what: string, running: OwnProcess): void {
  const { now, peak } = memoryOf(running);
  print(what, `${now} MB, at most ${peak} MB`);
}

/** Packs and unpacks the npm package. Returns the script of its command. */
function unpackedCommand(folder: string): string {
  const pack = ["pack", "--workspace=@rollcall/local-clerk", `--pack-destination=${folder}`];
  execFileSync("npm", pack, { stdio: "ignore" });
  const [tarball = ""] = readdirSync(folder);
  execFileSync("tar", ["-xzf", join(folder, tarball), "-C", folder]);
  return join(folder, "package/dist/cli.js");
}

async function main(): Promise<number> {
  const packageDir = mkdtempSync(join(tmpdir(), "local-clerk-package-"));
  const dataDir = mkdtempSync(join(tmpdir(), "local-clerk-bench-"));
  const script = [unpackedCommand(packageDir)];
  let running = await startProcess(dataDir, script);
  try {
    print("start, seeded for the first time", `${Math.round(running.startedInMs)} ms`);
    await endProcess(running);
    running = await startProcess(dataDir, script);
    print("start, from its journal", `${Math.round(running.startedInMs)} ms`);
    const headers = { authorization: `Bearer ${running.secretKey}` };
    const control = controlClient(running.url);
    const [person] = (await control.overview()).users;
    await control.settings.set({ backendLimit: { calls: 0, perMs: 10_000 } });
    print(
      "BAPI GET /users/:id",
      await measure(() => fetch(`${running.url}/bapi/v1/users/${person?.id}`, { headers })),
    );
    print(
      "FAPI GET /environment",
      await measure(() => fetch(`${running.url}/fapi/v1/environment`)),
    );

    const began = performance.now();
    const made = await control.generate();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    print(`${made.users} users, ${made.organizations} organizations`, `${seconds} s`);
    printMemory("memory after that", running);
    await readAll(running, "users", made.users);
    await readAll(running, "organization_memberships", made.memberships);
    printMemory("memory after reading all", running);
    await endProcess(running);
    running = await startProcess(dataDir, script);
    print("start with these", `${Math.round(running.startedInMs)} ms`);
    printMemory("memory after that start", running);
  } finally {
    await endProcess(running);
    for (const each of [dataDir, packageDir]) rmSync(each, { recursive: true, force: true });
  }
  return 0;
}

void runMain(main);
