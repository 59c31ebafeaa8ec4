/**
 * `npm run bench:api`: measures the cost of authentication and GraphQL. Prints ratios to a bare route handler of the same app,
 * and to a handler as common tutorials write it. The rounds alternate between production builds of the two apps, which are built
 * first if missing. Starts its own Postgres. Only the tutorial handler calls Clerk, whose stub answers after 3 ms.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runMain } from "../../lib/errors";
import { verifySessionToken } from "../../lib/identity/session-token";
import { migrate } from "../../prisma/migrate";
import { findFreePort } from "../ports";
import { createDatabase, startPostgres, withClient } from "../postgres/server";
import { answerJson, startBackendApi } from "../testing/backend-api";
import { userJson } from "../testing/clerk-payloads";
import { makeKeys, testEnvironment } from "../testing/environment";
import { signToken } from "../testing/sign";
import { streamMegabytes, updateDelay } from "./live";
import { median, medianRatio, rate, startBuild, type Target, warm } from "./load";

const ROUNDS = 7;
const ROUND_MS = 3_000;
const STREAMS = 1_000;
const PEOPLE = 50;
const CLERK_AWAY_MS = 3;

const keys = makeKeys();
const userId = (index: number) => `user_bench${index}`;
const tokenOf = (index: number) =>
  signToken(keys.privateKey, {
    sub: userId(index),
    sid: `sess_bench${index}`,
    azp: undefined,
    exp: Math.floor(Date.now() / 1000) + 3_600,
  });

const say = (line: string) => process.stdout.write(`${line}\n`);
const row = (name: string, value: string, wanted: string) =>
  say(`${name.padEnd(50)}${value.padStart(9)}   (${wanted})`);

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
  const rounds: number[] = [];
  for (let round = 0; round < 5; round += 1) rounds.push(await run(500));
  return median(rounds);
}

async function compare(port: number, tutorialPort: number): Promise<void> {
  const query = "{ viewer { id email } }";
  const headers = { "content-type": "application/json", authorization: `Bearer ${tokenOf(0)}` };
  const bare: Target = { port, path: "/api/health", method: "GET", headers: {} };
  const asked = `/api/graphql?query=${encodeURIComponent(query)}`;
  const got: Target = { port, path: asked, method: "GET", headers };
  const body = JSON.stringify({ query });
  const posted: Target = { port, path: "/api/graphql", method: "POST", headers, body };
  const targets = { bare, got, posted, tutorial: { ...posted, port: tutorialPort } };
  const rates = { bare: [0], got: [0], posted: [0], tutorial: [0] };
  const names = ["bare", "got", "posted", "tutorial"] as const;
  for (const name of names) {
    await warm(targets[name]);
    await rate(targets[name], ROUND_MS);
    rates[name] = [];
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) rates[name].push(await rate(targets[name], ROUND_MS));
  }
  const ratio = (one: "got" | "posted", other: "bare" | "tutorial") =>
    medianRatio(rates[one], rates[other]).toFixed(2);
  for (const name of names) say(`${name.padEnd(9)} ${median(rates[name]).toFixed(0)}/s`);
  row(`${query} by GET / a bare GET`, ratio("got", "bare"), "to reach: 0.75");
  row(`${query} by POST / a bare GET`, ratio("posted", "bare"), "reading a body is Next's");
  row(`${query} by POST / the tutorials'`, ratio("posted", "tutorial"), "to reach: 1.6");
}

async function main(): Promise<void> {
  const undo: (() => unknown)[] = [];
  try {
    const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
    undo.push(() => rmSync(folder, { recursive: true, force: true }));
    const postgres = await startPostgres({ dataDir: join(folder, "postgres") });
    undo.push(() => postgres.stop());
    const url = await createDatabase(postgres.url, "bench");
    await migrate(url);
    await withClient(url, (client) =>
      client.query(
        "INSERT INTO users (id, version, email) SELECT 'user_bench' || n, 1, n || '@example.com' FROM generate_series(0, 199) AS n",
      ),
    );

    const clerk = await startBackendApi();
    undo.push(() => clerk.close());
    clerk.intercept = (response) => {
      void sleep(CLERK_AWAY_MS).then(() => answerJson(response, 200, userJson({ id: userId(0) })));
      return true;
    };

    const environment = testEnvironment(keys, url);
    Object.assign(process.env, environment);
    const port = await findFreePort();
    const app = startBuild(".", port, environment);
    undo.push(() => app.kill("SIGKILL"));
    await warm({ port, path: "/api/ready", method: "GET", headers: {} });
    const tutorialPort = await findFreePort();
    const variables = { ...environment, CLERK_API_URL: clerk.url };
    const tutorial = startBuild("dev/bench/tutorial-app", tutorialPort, variables);
    undo.push(() => tutorial.kill("SIGKILL"));

    say(`Node ${process.version}, medians of ${ROUNDS} rounds in turn`);
    // Measures the memory of streams first, while the process is idle and its heap holds nothing else.
    const tokens = Array.from({ length: PEOPLE }, (_, index) => tokenOf(index));
    const megabytes = await streamMegabytes(port, app.pid ?? 0, tokens, STREAMS);
    row(`${STREAMS} idle streams`, `${megabytes.toFixed(0)} MB`, "at most: 150 MB");
    await compare(port, tutorialPort);
    row(
      "token verifications",
      `${(await verificationsPerSecond()).toFixed(0)}/s`,
      "to reach: 20000/s",
    );
    const person = { id: userId(0), token: tokenOf(0) };
    const delayMs = await updateDelay(port, person, environment.CLERK_WEBHOOK_SIGNING_SECRET);
    row("a change sent to another client, p95", `${delayMs.toFixed(0)} ms`, "at most: 300 ms");
  } finally {
    for (const step of undo.reverse()) await step();
  }
}

void runMain(main);
