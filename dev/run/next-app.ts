/** Runs `next dev` as a process group of its own, filters its log, and stops it with all its descendants. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, isStillAlive } from "../local-clerk/process-identity";
import { findByEnvironment } from "../processes";
import type { RunRecord } from "./lock";

/** The environment variable that carries the run id in every process of a run. */
const RUN_VARIABLE = "ROLLCALL_DEV_RUN";

/** The time in ms from SIGTERM to SIGKILL. It is long enough for Turbopack to finish writing its cache on a busy machine. */
const GRACE_MS = 6_000;

/** Lines that are not logged: Next's banner, requests that no user makes, and its advice to rename middleware.ts. */
const NOISE = [
  /^\s*$/,
  /^\s*▲ Next\.js/,
  /^\s*- (Local|Network|Environments|Experiments)\b/,
  /^\s*✓ (Starting|Ready|Compiled|Running)/,
  /^\s*[○◦] Compiling/,
  // Next lists the experimental settings of next.config.ts by name when it starts.
  /^\s*[✓⨯·] [a-z]\w+$/,
  /GET \/api\/health\b/,
  // Requests of the local Clerk: its events, and its check that the webhook route exists.
  /POST \/api\/webhooks\/clerk 200\b/,
  /GET \/api\/webhooks\/clerk 405\b/,
  /The "middleware" file convention is deprecated/,
  /To migrate automatically, run:|middleware-to-proxy/,
];

/** Matches the escape codes that hide and show the cursor. Next prints them even if its output is no terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is the control character that is looked for
const CURSOR = /\u001b\[\?25[hl]/g;

export type NextApp = {
  process: ChildProcess;
  /** Removes the app's log lines that match `pattern` until the returned function is called. */
  silence(pattern: RegExp): () => void;
  /** Stops the app. Resolves to true if it was running and ended on SIGTERM, without SIGKILL. */
  stop(): Promise<boolean>;
  kill(): void;
};

type StartNextOptions = {
  root: string;
  port: number;
  runId: string;
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
};

export function startNext({ root, port, runId, env, log }: StartNextOptions): NextApp {
  const bin = createRequire(import.meta.url).resolve("next/dist/bin/next");
  const child = spawn(process.execPath, [bin, "dev", "-p", String(port)], {
    cwd: root,
    env: { ...env, [RUN_VARIABLE]: runId, NEXT_TELEMETRY_DISABLED: "1" },
    // Gives the app its own process group: Ctrl-C must reach only this process, which stops everything in order.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const silenced = new Set(NOISE);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (raw) => {
      const line = raw.replace(CURSOR, "");
      if (![...silenced].some((pattern) => pattern.test(line))) log(line.trimEnd());
    });
  }
  return {
    process: child,
    silence: (pattern) => {
      silenced.add(pattern);
      return () => silenced.delete(pattern);
    },
    stop: async () => !hasEnded(child) && (await stopGroup(child.pid, runId)),
    kill: () => signalAll(child.pid, runId, "SIGKILL"),
  };
}

/** Stops the processes that a killed run left. Resolves to their pids. */
export async function stopLeftBehind({ runId, app }: RunRecord): Promise<number[]> {
  const found = findByEnvironment(RUN_VARIABLE, runId);
  const group = app !== undefined && isStillAlive(app) ? app.pid : undefined;
  await stopGroup(group, runId);
  return group === undefined || found.includes(group) ? found : [group, ...found];
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/**
 * Sends SIGTERM to the processes, and SIGKILL to those that still run after GRACE_MS. Resolves to true if no SIGKILL was needed.
 */
async function stopGroup(leader: number | undefined, runId: string): Promise<boolean> {
  signalAll(leader, runId, "SIGTERM");
  const giveUpAt = Date.now() + GRACE_MS;
  let isKilled = false;
  while (isAnyAlive(leader, runId)) {
    if (Date.now() > giveUpAt) {
      isKilled = true;
      signalAll(leader, runId, "SIGKILL");
    }
    await sleep(25);
  }
  return !isKilled;
}

function isAnyAlive(leader: number | undefined, runId: string): boolean {
  return (
    (leader !== undefined && isAlive(leader)) || findByEnvironment(RUN_VARIABLE, runId).length > 0
  );
}

function signalAll(leader: number | undefined, runId: string, signal: NodeJS.Signals): void {
  if (leader !== undefined && process.platform !== "win32") send(-leader, signal);
  else if (leader !== undefined) send(leader, signal);
  // A process that has left the group still has the run id in its environment.
  for (const pid of findByEnvironment(RUN_VARIABLE, runId)) send(pid, signal);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // The process has exited already.
  }
}
