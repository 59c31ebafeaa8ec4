// The figures in the README beside it, measured anew: `npm run clerk:bench`. The local Clerk runs as a process of
// its own, as from a shell; memory is read from the system, so this needs Linux.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { z } from "zod";
import { findFreePort } from "../ports";
import { controlClient } from "./control-client";

const calls = 500;
const page = 500;

type Process = { child: ChildProcess; url: string; secretKey: string; startedInMs: number };

async function start(dataDir: string): Promise<Process> {
  const port = await findFreePort(4510);
  const began = performance.now();
  const given = ["--port", String(port), "--data", dataDir, "--print-env"];
  const child = spawn(process.execPath, ["--import", "tsx", "dev/clerk/main.ts", ...given], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  let secretKey = "";
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, value = ""] = line.split("=");
    if (name !== "CLERK_SECRET_KEY") continue;
    secretKey = z.string().parse(JSON.parse(value));
    break;
  }
  // The variables are printed once it listens.
  const startedInMs = performance.now() - began;
  return { child, url: `http://127.0.0.1:${port}`, secretKey, startedInMs };
}

async function stop({ child }: Process): Promise<void> {
  child.kill();
  await once(child, "exit");
}

function memoryOf({ child }: Process): { now: number; peak: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  const megabytes = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return { now: megabytes("VmRSS"), peak: megabytes("VmHWM") };
}

async function typical(ask: () => Promise<Response>): Promise<string> {
  const took: number[] = [];
  for (let each = 0; each < calls; each += 1) {
    const began = performance.now();
    await (await ask()).arrayBuffer();
    took.push(performance.now() - began);
  }
  const sorted = took.sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(share * sorted.length)]?.toFixed(1);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

async function readAll(running: Process, path: string, count: number): Promise<void> {
  const headers = { authorization: `Bearer ${running.secretKey}` };
  for (let offset = 0; offset < count; offset += page) {
    const url = `${running.url}/bapi/v1/${path}?limit=${page}&offset=${offset}`;
    await (await fetch(url, { headers })).arrayBuffer();
  }
}

function say(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(34)} ${figure}\n`);
}

function sayMemory(what: string, running: Process): void {
  const { now, peak } = memoryOf(running);
  say(what, `${now} MB, at most ${peak} MB`);
}

const dataDir = mkdtempSync(join(tmpdir(), "local-clerk-bench-"));
let running = await start(dataDir);
try {
  say("start, seeded for the first time", `${Math.round(running.startedInMs)} ms`);
  await stop(running);
  running = await start(dataDir);
  say("start, from its journal", `${Math.round(running.startedInMs)} ms`);
  const headers = { authorization: `Bearer ${running.secretKey}` };
  const control = controlClient(running.url);
  const [person] = (await control.overview()).people;
  await control.settings.set({ backendLimit: { calls: 0, perMs: 10_000 } });
  say(
    "BAPI GET /users/:id",
    await typical(() => fetch(`${running.url}/bapi/v1/users/${person?.id}`, { headers })),
  );
  say("FAPI GET /environment", await typical(() => fetch(`${running.url}/fapi/v1/environment`)));

  const began = performance.now();
  const made = await control.generate();
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  say(`${made.users} people, ${made.organizations} organizations`, `${seconds} s`);
  sayMemory("memory after that", running);
  await readAll(running, "users", made.users);
  await readAll(running, "organization_memberships", made.memberships);
  sayMemory("memory after all were read", running);
  await stop(running);
  running = await start(dataDir);
  say("start with all of them", `${Math.round(running.startedInMs)} ms`);
  sayMemory("memory after that start", running);
} finally {
  await stop(running);
  rmSync(dataDir, { recursive: true, force: true });
}
