// Runs a local Clerk in a separate process, to measure its start and its memory, and to kill it. Memory is read from /proc, so
// this needs Linux.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { z } from "zod";

export type OwnProcess = {
  child: ChildProcess;
  url: string;
  secretKey: string;
  startedInMs: number;
};

const fromSource = ["--import", "tsx", "dev/local-clerk/cli/main.ts"];

/** Starts the command `local-clerk`. `script` is the arguments with which Node starts the command. */
export async function startProcess(dataDir: string, script = fromSource): Promise<OwnProcess> {
  const began = performance.now();
  // Nothing listens on this port, so no webhook is delivered.
  const appUrl = "http://localhost:9";
  const given = ["--port", "0", "--data", dataDir, "--app-url", appUrl];
  const child = spawn(process.execPath, [...script, ...given], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const env = new Map<string, string>();
  for await (const line of createInterface({ input: child.stdout })) {
    const [name = "", value = ""] = line.split("=");
    env.set(name, z.string().parse(JSON.parse(value)));
    if (env.has("CLERK_SECRET_KEY") && env.has("CLERK_API_URL")) break;
  }
  const [secretKey, apiUrl] = [env.get("CLERK_SECRET_KEY"), env.get("CLERK_API_URL")];
  if (secretKey === undefined || apiUrl === undefined) {
    throw new Error("The local Clerk exited before it was listening.");
  }
  // The variables are printed once the server is listening.
  const startedInMs = performance.now() - began;
  return { child, url: new URL(apiUrl).origin, secretKey, startedInMs };
}

export async function endProcess(
  { child }: OwnProcess,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}

/** Returns the resident memory of the process in megabytes: now, and its peak since the start. */
export function memoryOf({ child }: OwnProcess): { now: number; peak: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  const megabytes = (name: string) =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return { now: megabytes("VmRSS"), peak: megabytes("VmHWM") };
}
