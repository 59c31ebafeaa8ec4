/**
 * Runs the production image's folder as its container would: from a bare directory, read-only, as the user `nobody`, and with only
 * the given variables.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const STANDALONE = ".next/standalone";
const READY_WITHIN_MS = 30_000;
/** The user `nobody` of Debian. Only root can become another user; without root, the roles run as the user of the tests. */
const NOBODY = { uid: 65_534, gid: 65_534 };
const user = process.getuid?.() === 0 ? NOBODY : {};

export type Image = { folder: string; remove(): void };

/** Copies the build's standalone folder. @throws when there is none. */
export function copyImage(from = STANDALONE): Image {
  if (!existsSync(join(from, "rollcall.mjs"))) {
    throw new Error(`There is no ${from}/rollcall.mjs: npm run build first.`);
  }
  const parent = mkdtempSync(join(tmpdir(), "rollcall-image-"));
  const folder = join(parent, "app");
  cpSync(from, folder, { recursive: true });
  chmodSync(parent, 0o555);
  execFileSync("chmod", ["-R", "a+rX,a-w", folder]);
  return {
    folder,
    remove() {
      execFileSync("chmod", ["-R", "u+w", parent]);
      rmSync(parent, { recursive: true });
    },
  };
}

/** Returns the names of all files, to find what a role wrote. */
export const filesOf = ({ folder }: Image) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();

type Variables = Record<string, string>;

function spawnIn({ folder }: Image, args: string[], variables: Variables): ChildProcess {
  return spawn(process.execPath, ["rollcall.mjs", ...args], {
    cwd: folder,
    ...user,
    // Next's types require NODE_ENV, which the program sets itself.
    env: Object.assign({}, variables) as NodeJS.ProcessEnv,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function collectOutput(child: ChildProcess): () => string {
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => {
      output += chunk;
    });
  return () => output;
}

export type Ended = { code: number | null; output: string };

/** Runs a command of the image to its end. */
export async function runCommandOf(
  image: Image,
  args: string[],
  variables: Variables,
): Promise<Ended> {
  const child = spawnIn(image, args, variables);
  const output = collectOutput(child);
  const [code] = await once(child, "close");
  return { code, output: output() };
}

export type Role = {
  url: string;
  /** From the start of the process to the first 200 of `/api/ready`. */
  readyAfterMs: number;
  /** The CPU time of that start: on a busy machine, the start takes longer, but hardly more CPU. Without Linux, `readyAfterMs`. */
  readyAfterCpuMs: number;
  output(): string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves to the exit code. */
  ended: Promise<number | null>;
};

const MS_PER_TICK = 10;

/** Returns the CPU time of a process and its threads, from the fields utime and stime of /proc/PID/stat. */
function cpuMsOf(pid: number | undefined): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [utime, stime] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13);
    return (Number(utime) + Number(stime)) * MS_PER_TICK;
  } catch {
    return undefined;
  }
}

/** Starts a role whose probes are at `port`, and waits until it is ready. */
export async function startRole(
  image: Image,
  name: string,
  port: number,
  variables: Variables,
): Promise<Role> {
  const startedAt = performance.now();
  const child = spawnIn(image, [name], variables);
  const output = collectOutput(child);
  const ended = once(child, "close").then(([code]): number | null => code);
  const url = `http://127.0.0.1:${port}`;
  while (performance.now() - startedAt < READY_WITHIN_MS && child.exitCode === null) {
    const answer = await fetch(`${url}/api/ready`).catch(() => undefined);
    if (answer?.ok) {
      const readyAfterMs = performance.now() - startedAt;
      const readyAfterCpuMs = cpuMsOf(child.pid) ?? readyAfterMs;
      const kill = (signal: NodeJS.Signals) => void child.kill(signal);
      return { url, readyAfterMs, readyAfterCpuMs, output, ended, kill };
    }
    await sleep(10);
  }
  child.kill("SIGKILL");
  throw new Error(`The role ${name} did not become ready: ${output()}`);
}
