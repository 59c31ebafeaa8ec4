/** Starts the app's processes: `npm run ingest`, the Next.js build, `npm run worker` and `npm run ws`. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../ports";

const READY_WITHIN_MS = 60_000;

/** Each process reads one of these. */
const PORT_VARIABLES = ["PORT", "WS_PORT", "WORKER_PORT"];

type Server = { url: string; process: ChildProcess; stop(): Promise<void> };
/** `output` returns what the server has logged. */
export type NextServer = Server & { output(): string };

async function start(
  args: (port: number) => string[],
  environment: Record<string, string>,
  wantedPort?: number,
  options: SpawnOptions = {},
): Promise<Server> {
  const port = wantedPort ?? (await findFreePort());
  const child = spawn(process.execPath, args(port), {
    env: {
      ...process.env,
      ...environment,
      NODE_ENV: "production",
      ...Object.fromEntries(PORT_VARIABLES.map((name) => [name, String(port)])),
    },
    stdio: ["ignore", "ignore", "inherit"],
    ...options,
  });
  const url = `http://localhost:${port}`;
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (Date.now() < giveUpAt && child.exitCode === null) {
    const answer = await fetch(`${url}/api/health`).catch(() => undefined);
    if (answer?.ok) {
      const stop = async () => {
        const ended = once(child, "exit");
        if (child.kill("SIGKILL")) await ended;
      };
      return { url, process: child, stop };
    }
    await sleep(50);
  }
  child.kill("SIGKILL");
  throw new Error(`${args(port).join(" ")} did not become ready`);
}

export const startIngest = (environment: Record<string, string>, port?: number) =>
  start(() => ["--import", "tsx", "lib/command/ingest.ts"], environment, port);

export const startWorker = (environment: Record<string, string>) =>
  start(() => ["--import", "tsx", "lib/command/worker.ts"], environment);

export const startWs = (environment: Record<string, string>) =>
  start(() => ["--import", "tsx", "lib/command/ws.ts"], environment);

/** Starts the Next.js build. @throws when there is no build. */
export function startNext(environment: Record<string, string>, port?: number): Promise<Server> {
  if (!existsSync(".next/BUILD_ID")) throw new Error("There is no build: npm run build first.");
  const bin = join(process.cwd(), "node_modules/next/dist/bin/next");
  return start((port) => [bin, "start", "-p", String(port), "-H", "localhost"], environment, port);
}

/** Starts the Next.js build of another folder with that folder's own launcher, and keeps its log. */
export async function startNextIn(
  folder: string,
  environment: Record<string, string>,
  port: number,
): Promise<NextServer> {
  let output = "";
  const launcher = join(folder, "lib/command/next.mjs");
  const server = await start(() => [launcher, "start", "-H", "localhost"], environment, port, {
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  server.process.stderr?.on("data", (chunk: Buffer) => {
    output += chunk;
  });
  return { ...server, output: () => output };
}
