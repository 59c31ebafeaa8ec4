/**
 * `npm run bench:api`: what the way from a token to an answer costs, as ratios to a bare route handler of the same app, in
 * one run, on a production build (made first if there is none). Brings its own Postgres; Clerk is never asked.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { verifySessionToken } from "../../lib/identity/session-token";
import { migrate } from "../../prisma/migrate";
import { findFreePort } from "../ports";
import { createDatabase, startPostgres } from "../postgres";
import { makeKeys, testEnvironment } from "./environment";
import { signToken } from "./sign";

const CONNECTIONS = 20;
const ROUNDS = 5;
const ROUND_MS = 3_000;
const STREAMS = 1_000;
const PEOPLE = 50;
const NEXT = "node_modules/next/dist/bin/next";

const keys = makeKeys();
const userId = (index: number) => `user_bench${index}`;
const tokenOf = (index: number) =>
  signToken(keys.privateKey, {
    sub: userId(index),
    sid: `sess_bench${index}`,
    azp: undefined,
    exp: Math.floor(Date.now() / 1000) + 3_600,
  });

type Target = { path: string; method: string; headers: Record<string, string>; body?: string };

function once(agent: Agent, port: number, { path, method, headers, body }: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request({ agent, host: "localhost", port, path, method, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${path}: ${response.statusCode}`));
      response.resume().on("end", resolve);
    });
    sent.on("error", reject).end(body);
  });
}

/** Requests per second over one round. */
async function rate(port: number, target: Target, milliseconds = ROUND_MS): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const startedAt = performance.now();
  let count = 0;
  const lane = async () => {
    while (performance.now() - startedAt < milliseconds) {
      await once(agent, port, target);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
  agent.destroy();
  return (count * 1000) / (performance.now() - startedAt);
}

const median = (values: number[]) =>
  values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

async function verificationsPerSecond(): Promise<number> {
  const tokens = Array.from({ length: 200 }, (_, index) => tokenOf(index));
  const run = async (milliseconds: number) => {
    const startedAt = performance.now();
    let count = 0;
    while (performance.now() - startedAt < milliseconds) {
      for (const token of tokens) {
        const verdict = await verifySessionToken(token);
        if (!verdict.ok) throw new Error(`the bench's own token is ${verdict.reason}`);
      }
      count += tokens.length;
    }
    return (count * 1000) / (performance.now() - startedAt);
  };
  await run(500);
  return run(2_000);
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

async function started(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error("the app did not start");
    const isUp = await fetch(`http://localhost:${port}/api/ready`).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function openStream(agent: Agent, port: number, token: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      accept: "text/event-stream",
      authorization: `Bearer ${token}`,
    };
    const path = "/api/graphql/stream";
    const sent = request({ agent, host: "localhost", port, path, method: "POST", headers });
    sent.on("error", () => undefined);
    sent.on("response", (response) => {
      if (response.statusCode !== 200) reject(new Error(`a stream: ${response.statusCode}`));
      response.on("error", () => undefined);
      response.once("data", () => resolve());
    });
    sent.end(JSON.stringify({ query: "subscription { viewerChanged { refetch } }" }));
  });
}

async function streamMegabytes(port: number, pid: number): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const before = residentMegabytes(pid);
  const tokens = Array.from({ length: PEOPLE }, (_, index) => tokenOf(index));
  for (let opened = 0; opened < STREAMS; opened += PEOPLE) {
    await Promise.all(tokens.map((token) => openStream(agent, port, token)));
  }
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const after = residentMegabytes(pid);
  agent.destroy();
  return after - before;
}

async function measure(port: number, pid: number): Promise<void> {
  const bare: Target = { path: "/api/health", method: "GET", headers: {} };
  const viewer: Target = {
    path: "/api/graphql",
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${tokenOf(0)}` },
    body: JSON.stringify({ query: "{ viewer { id email } }" }),
  };
  // The first call of a process makes connections, and of a person a handle: neither is what is measured.
  // On a busy machine the first may take longer than a connection is waited for.
  for (let tries = 1; ; tries++) {
    const isWarm = await once(new Agent(), port, viewer).then(
      () => true,
      () => false,
    );
    if (isWarm) break;
    if (tries === 10) throw new Error("the app does not answer the viewer");
  }
  for (const target of [bare, viewer]) await rate(port, target, 2_000);
  const rates: { bare: number[]; viewer: number[] } = { bare: [], viewer: [] };
  for (let round = 0; round < ROUNDS; round++) {
    rates.bare.push(await rate(port, bare));
    rates.viewer.push(await rate(port, viewer));
  }
  const ratios = rates.viewer.map((value, index) => value / (rates.bare[index] ?? value));
  const [bareRate, viewerRate] = [median(rates.bare), median(rates.viewer)];
  console.log(`bare route handler            1.00   ${bareRate.toFixed(0)}/s`);
  console.log(
    `{ viewer { id email } }       ${median(ratios).toFixed(2)}   ${viewerRate.toFixed(0)}/s   (to reach: 0.75)`,
  );
  console.log(
    `token verifications           ${(await verificationsPerSecond()).toFixed(0)}/s   (to reach: 20000/s)`,
  );
  console.log(
    `${STREAMS} idle streams             ${(await streamMegabytes(port, pid)).toFixed(0)} MB   (at most: 150 MB)`,
  );
}

const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
const postgres = await startPostgres({ dataDir: join(folder, "postgres") });
let app: ChildProcess | undefined;
try {
  const url = await createDatabase(postgres.url, "bench");
  await migrate(url);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(
    "INSERT INTO users (id, version, email) SELECT 'user_bench' || n, 1, n || '@example.com' FROM generate_series(0, 199) AS n",
  );
  await client.end();
  Object.assign(process.env, testEnvironment(keys, url), { NEXT_TELEMETRY_DISABLED: "1" });
  if (!existsSync(".next/BUILD_ID"))
    spawnSync(process.execPath, [NEXT, "build"], { stdio: "inherit" });
  const port = await findFreePort();
  const args = [NEXT, "start", "-p", String(port), "-H", "localhost"];
  app = spawn(process.execPath, args, {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, NODE_ENV: "production" },
  });
  await started(port, app);
  console.log(`Node ${process.version}, ${CONNECTIONS} connections, median of ${ROUNDS} rounds`);
  await measure(port, app.pid ?? 0);
} finally {
  app?.kill("SIGKILL");
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
