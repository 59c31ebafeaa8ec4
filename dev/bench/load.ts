/** Load for the benchmarks: sends requests at full speed over some connections, and starts apps to receive them. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { Agent, request } from "node:http";
import { join, resolve } from "node:path";

const CONNECTIONS = 20;
const NEXT = resolve("node_modules/next/dist/bin/next");

export type Target = {
  port: number;
  path: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
};

function once(agent: Agent, { port, path, method, headers, body }: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: "localhost", port, path, method, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
      response.resume().on("end", resolve);
    });
    sent.on("error", reject).end(body);
  });
}

/** Resolves to the number of requests per second in one round. */
export async function rate(target: Target, milliseconds: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const startedAt = performance.now();
  let count = 0;
  const lane = async () => {
    while (performance.now() - startedAt < milliseconds) {
      await once(agent, target);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  agent.destroy();
  return (count * 1000) / (performance.now() - startedAt);
}

/** Returns the smallest value that at least this share of the values does not exceed, as `percentile_disc` of Postgres; 0 of none. */
export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(Math.ceil(sorted.length * share) - 1, 0)] ?? 0;
}

export function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** Divides `of` by `to` for each round and returns the median. Other load on the machine affects both sides of a round. */
export function medianRatio(of: number[], to: number[]): number {
  return median(of.map((value, round) => value / (to[round] ?? value)));
}

/** Repeats the request until it succeeds: the first calls open connections, and may time out on a busy machine. */
export async function warm(target: Target): Promise<void> {
  const agent = new Agent();
  for (let tries = 1; ; tries++) {
    try {
      return await once(agent, target);
    } catch (cause) {
      if (tries === 200) throw new Error(`${target.path} does not answer`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

/** Starts the production build of the app in a folder, and builds it first if there is none. */
export function startBuild(
  folder: string,
  port: number,
  variables: Record<string, string>,
): ChildProcess {
  const env = { ...process.env, ...variables, NEXT_TELEMETRY_DISABLED: "1" };
  const stdio: ["ignore", "ignore", "inherit"] = ["ignore", "ignore", "inherit"];
  if (!existsSync(join(folder, ".next/BUILD_ID"))) {
    const { status } = spawnSync(process.execPath, [NEXT, "build"], { cwd: folder, env, stdio });
    if (status !== 0) throw new Error(`the app in ${folder} could not be built`);
  }
  const args = [NEXT, "start", "-p", String(port), "-H", "localhost"];
  return spawn(process.execPath, args, {
    cwd: folder,
    env: { ...env, NODE_ENV: "production" },
    stdio,
  });
}
