/**
 * `npm run bench:sync`: measures the cost of receiving webhooks. Prints ratios between figures of one run on this machine.
 * `-- --only http|telemetry|effects|handlers|members|pooler|sync|size` selects a part. `-- --only bloat` sends `--rate` events a
 * second for `--minutes`, and is left out otherwise.
 */
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import { z } from "zod";
import { database } from "../../lib/db";
import { runMain } from "../../lib/errors";
import { migrate } from "../../prisma/migrate";
import { type Postgres, startPostgres } from "../postgres/server";
import { makeKeys, testEnvironment } from "../testing/environment";
import { pgBouncerVersion, startPgBouncer } from "../testing/pgbouncer";
import { startIngest, startNext } from "../testing/servers";
import { benchBackfill } from "./backfill";
import { benchBloat } from "./bloat";
import { benchCopy } from "./copy";
import { costOfEvent, grow } from "./database";
import { median, medianRatio, quantile } from "./load";
import { benchMembers } from "./members";
import { CONNECTIONS, latencies, rate, signed } from "./signed-load";
import { benchTelemetry } from "./telemetry";

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "3000" },
    users: { type: "string", default: "100000" },
    only: { type: "string" },
    large: { type: "string", default: "1000000" },
    rate: { type: "string", default: "1000" },
    minutes: { type: "string", default: "60" },
  },
});
const count = z.coerce.number().int().positive();
const requests = count.parse(values.requests);
const users = count.parse(values.users);
const large = count.parse(values.large);
const ROUNDS = 7;
const WARM = 6_000;

const wants = (part: string) => !values.only || values.only === part;

const per = (ratio: number) => `${ratio.toFixed(2)} ×`;

type Bench = {
  client: pg.Client;
  postgres: Postgres;
  /** A folder that both this process and the Postgres server can write to. */
  exchange: string;
  environment: Record<string, string>;
  secret: string;
};

async function benchHttp({ client, environment, secret }: Bench): Promise<void> {
  const next = await startNext(environment);
  const ingest = await startIngest(environment);
  try {
    const bareRequests = Array.from({ length: requests }, () => ({ path: "/api/health" }));
    const found: Record<"bare" | "webhook" | "ingest", number[]> = {
      bare: [],
      webhook: [],
      ingest: [],
    };
    // Warms up the servers, then measures them in turn, so that other load on the machine affects all of them.
    await rate(next.url, bareRequests);
    await rate(next.url, signed(WARM, secret));
    await rate(ingest.url, signed(WARM, secret));
    while (found.bare.length < ROUNDS) {
      found.bare.push(await rate(next.url, bareRequests));
      found.webhook.push(await rate(next.url, signed(requests, secret)));
      found.ingest.push(await rate(ingest.url, signed(requests, secret)));
    }
    const { bare: a, webhook: b, ingest: c } = found;
    console.log(`requests a second, ${CONNECTIONS} connections, medians of ${ROUNDS} rounds:`);
    console.log(`  a bare route handler in next start      ${median(a).toFixed(0)}`);
    console.log(
      `  webhooks through next start             ${median(b).toFixed(0)}, ${per(medianRatio(b, a))} the bare one`,
    );
    console.log(
      `  webhooks through npm run ingest         ${median(c).toFixed(0)}, ${per(medianRatio(c, b))} next start`,
    );
    const { sorted, acknowledged } = await latencies(next.url, signed(1_000, secret), 10);
    const at = (share: number) => quantile(sorted, share).toFixed(0);
    console.log(
      `100 events/s for 10 s through next start: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${acknowledged} of 1000 acknowledged`,
    );
    const all = 2 * (WARM + ROUNDS * requests) + acknowledged;
    const stored = await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM deliveries JOIN users ON users.id = object_id WHERE outcome = 'applied'",
    );
    console.log(`acknowledged in all: ${all}; stored and applied: ${stored.rows[0]?.count}`);
  } finally {
    await ingest.stop();
    await next.stop();
  }
}

const queuedEffects = async (client: pg.Client) =>
  (
    await client.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM effect_jobs WHERE done_at IS NULL",
    )
  ).rows[0]?.count ?? 0;

/** Waits until the worker has run all effects, so that they do not slow down the next measurement. */
async function effectsDone(client: pg.Client): Promise<void> {
  while ((await queuedEffects(client)) > 0) await sleep(50);
}

/**
 * Compares the rate of webhooks with one registered effect handler to the rate with none. The worker runs inside the app (the
 * default), so it runs the effects while the webhooks arrive.
 */
async function benchEffects({ client, environment, secret }: Bench): Promise<void> {
  const next = await startNext(environment);
  const setRegistered = (isRegistered: boolean) =>
    client.query(
      isRegistered
        ? "INSERT INTO effect_subscribers (object_table, change, handler) VALUES ('users', 'created', 'create-profile') ON CONFLICT DO NOTHING"
        : "DELETE FROM effect_subscribers",
    );
  try {
    const bareRequests = Array.from({ length: requests }, () => ({ path: "/api/health" }));
    const found: Record<"bare" | "without" | "with", number[]> = {
      bare: [],
      without: [],
      with: [],
    };
    // Waits until the worker has started and has registered its effect handler.
    while ((await client.query("SELECT FROM effect_subscribers")).rowCount === 0) await sleep(50);
    await setRegistered(false);
    await rate(next.url, bareRequests);
    await rate(next.url, signed(WARM, secret));
    while (found.bare.length < ROUNDS) {
      await effectsDone(client);
      found.bare.push(await rate(next.url, bareRequests));
      await setRegistered(false);
      found.without.push(await rate(next.url, signed(requests, secret)));
      await setRegistered(true);
      found.with.push(await rate(next.url, signed(requests, secret)));
    }
    await effectsDone(client);
    const { bare, without, with: registered } = found;
    console.log(`webhooks a second through next start, medians of ${ROUNDS} rounds:`);
    console.log(
      `  without an effect        ${median(without).toFixed(0)}, ${per(medianRatio(without, bare))} a bare route handler`,
    );
    console.log(
      `  with one registered      ${median(registered).toFixed(0)}, ${per(medianRatio(registered, bare))} a bare route handler, ${per(medianRatio(registered, without))} without`,
    );
    await client.query("DELETE FROM effect_jobs");
    const { sorted, acknowledged } = await latencies(next.url, signed(1_000, secret), 10);
    await effectsDone(client);
    const { rows } = await client.query<{ count: number; p99: number }>(
      `SELECT count(*)::int AS count, extract(epoch FROM percentile_disc(0.99) WITHIN GROUP (ORDER BY done_at - created_at))::float8 * 1000 AS p99
       FROM effect_jobs WHERE done_at IS NOT NULL`,
    );
    const answered = quantile(sorted, 0.99).toFixed(0);
    console.log(
      `100 events/s for 10 s with one effect: p99 ${answered} ms, ${acknowledged} acknowledged, ${rows[0]?.count} effects done, p99 ${rows[0]?.p99.toFixed(0)} ms after the commit`,
    );
  } finally {
    await next.stop();
  }
}

/** Tables whose triggers insert effect jobs. */
const effectTables = ["users", "organizations", "memberships", "invitations"];
const EFFECT_TRIGGERS = ["effects_of_insert", "effects_of_update"];

/**
 * Measures the cost of the effect triggers while no handler is registered: handles events of new users with and without the
 * triggers.
 */
async function benchNoHandlers({ client, secret }: Bench): Promise<void> {
  await client.query("TRUNCATE effect_subscribers, effect_jobs");
  const setTriggers = (action: "ENABLE" | "DISABLE") =>
    client.query(
      effectTables
        .flatMap((table) =>
          EFFECT_TRIGGERS.map((trigger) => `ALTER TABLE ${table} ${action} TRIGGER ${trigger}`),
        )
        .join(";"),
    );
  const found: Record<"with" | "without", number[]> = { with: [], without: [] };
  await costOfEvent(secret, 500);
  while (found.with.length < ROUNDS) {
    await setTriggers("DISABLE");
    found.without.push(await costOfEvent(secret, 200));
    await setTriggers("ENABLE");
    found.with.push(await costOfEvent(secret, 200));
  }
  console.log(
    `the event of a new user, no handler registered: ${median(found.with).toFixed(2)} ms, ${per(medianRatio(found.with, found.without))} the same without the triggers of effects`,
  );
}

/** Compares the rate of webhooks through a stock PgBouncer in transaction mode to the rate over direct connections. */
async function benchPooler({ environment, secret }: Bench): Promise<void> {
  if (pgBouncerVersion() === null) {
    console.log("PgBouncer is not installed: not measured.");
    return;
  }
  const url = environment.DATABASE_URL ?? "";
  const pgBouncer = await startPgBouncer(url, { default_pool_size: 20, server_lifetime: 3600 });
  const direct = await startIngest(environment);
  const pooled = await startIngest({
    ...environment,
    DATABASE_URL: pgBouncer.urlOf(url),
    DIRECT_DATABASE_URL: url,
  });
  try {
    const found: Record<"direct" | "pooled", number[]> = { direct: [], pooled: [] };
    for (const { url } of [direct, pooled]) await rate(url, signed(WARM, secret));
    while (found.direct.length < ROUNDS) {
      found.direct.push(await rate(direct.url, signed(requests, secret)));
      found.pooled.push(await rate(pooled.url, signed(requests, secret)));
    }
    console.log(
      `webhooks a second through npm run ingest: ${median(found.direct).toFixed(0)}; with ${pgBouncerVersion()} between: ${median(found.pooled).toFixed(0)}, ${per(medianRatio(found.pooled, found.direct))}`,
    );
  } finally {
    await pooled.stop();
    await direct.stop();
    await pgBouncer.stop();
  }
}

async function benchSync({ client, postgres, exchange, environment }: Bench): Promise<void> {
  const rates = await benchCopy(client, postgres.url, exchange, users);
  const { compareAndWrite, write, copy, copyWithHistory } = rates;
  const line = (what: string, rate: number) =>
    console.log(
      `  ${what.padEnd(42)}${rate.toFixed(0).padStart(7)}; of COPY ${per(rate / copy)}, of COPY with the history ${per(rate / copyWithHistory)}`,
    );
  console.log(`${users} users and as many memberships, rows a second in the database:`);
  console.log(
    `  COPY of the rows ${copy.toFixed(0)}, with their history ${copyWithHistory.toFixed(0)}`,
  );
  line("backfill: written, with their history", write);
  line("and compared before", compareAndWrite);
  const { rows, seconds, memory } = await benchBackfill(client, environment, users);
  console.log(
    `npm run sync of ${rows} rows: ${seconds.toFixed(0)} s, at most ${memory.most.toFixed(0)} MB; ${memory.early.toFixed(0)} MB early, ${memory.late.toFixed(0)} MB late`,
  );
}

async function benchSize({ client, secret }: Bench): Promise<void> {
  await grow(client, 1_000);
  await costOfEvent(secret, 500);
  const small = await costOfEvent(secret, 500);
  await grow(client, large);
  const big = await costOfEvent(secret, 500);
  console.log(
    `an event in a mirror of 1,000 rows: ${small.toFixed(2)} ms; of ${large}: ${big.toFixed(2)} ms, ${per(big / small)}`,
  );
}

async function benchTables({ client, environment, secret }: Bench): Promise<void> {
  const ingest = await startIngest(environment);
  try {
    const [perSecond, minutes] = [count.parse(values.rate), count.parse(values.minutes)];
    await benchBloat(client, { url: ingest.url, secret, perSecond, minutes });
  } finally {
    await ingest.stop();
  }
}

async function main(): Promise<void> {
  console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? "cpu"}`);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const exchange = mkdtempSync(join(tmpdir(), "rollcall-copy-"));
  // Postgres must be able to write here. When this process is root, Postgres runs as another user.
  chmodSync(exchange, 0o777);
  const postgres = await startPostgres({ dataDir: folder });
  const client = new pg.Client({ connectionString: postgres.url });
  try {
    await migrate(postgres.url);
    await client.connect();
    const environment = testEnvironment(makeKeys(), postgres.url);
    Object.assign(process.env, environment);
    const secret = environment.CLERK_WEBHOOK_SIGNING_SECRET;
    const bench = { client, postgres, exchange, environment, secret };
    if (wants("http")) await benchHttp(bench);
    if (wants("telemetry")) {
      const withoutWorker = { ...environment, ROLLCALL_WORKER: "off" };
      await benchTelemetry(withoutWorker, secret, { rounds: ROUNDS, warm: WARM, requests });
    }
    if (wants("effects")) await benchEffects(bench);
    if (wants("handlers")) await benchNoHandlers(bench);
    if (wants("members")) await benchMembers(client, secret);
    if (wants("pooler")) await benchPooler(bench);
    if (wants("sync")) await benchSync(bench);
    if (wants("size")) await benchSize(bench);
    if (values.only === "bloat") await benchTables(bench);
  } finally {
    await database().pool.end();
    await client.end();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
    rmSync(exchange, { recursive: true, force: true });
  }
}

void runMain(main);
