/**
 * `npm run bench:notify`: measures where NOTIFY ends. Writers update a user each, in transactions of one statement, with the
 * trigger that announces the change: switched off, by NOTIFY, and through Redis if it is installed. Prints commits a second and
 * the 95th percentile of a commit, at 1, 4, 16 and 64 writers. Starts its own Postgres. NOTIFY takes a lock on the whole server at
 * commit, so notifying transactions share no flush of the log (group commit); the ratio shows what that costs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { closeDatabase } from "../../lib/db";
import { runMain } from "../../lib/errors";
import { Listener } from "../../lib/live/listener";
import { migrate } from "../../prisma/migrate";
import { startPostgres, withClient } from "../postgres/server";
import { makeKeys, testEnvironment } from "../testing/environment";
import { noRedis, startRedis } from "../testing/redis";
import { quantile } from "./load";

const WRITERS = [1, 4, 16, 64];
const SECONDS = 3;
const ROUNDS = 3;

const say = (line: string) => process.stdout.write(`${line}\n`);

type Measured = { perSecond: number; p95Ms: number };

async function measure(pool: pg.Pool, writers: number): Promise<Measured> {
  const times: number[] = [];
  const until = performance.now() + SECONDS * 1_000;
  const write = async (writer: number) => {
    const client = await pool.connect();
    for (let at = performance.now(); at < until; ) {
      await client.query({
        name: "update",
        text: "UPDATE users SET first_name = $2 WHERE id = $1",
        values: [`user_bench${writer}`, String(at)],
      });
      const end = performance.now();
      times.push(end - at);
      at = end;
    }
    client.release();
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)));
  return { perSecond: times.length / SECONDS, p95Ms: quantile(times, 0.95) };
}

/** The median round by its rate. */
async function median(pool: pg.Pool, writers: number): Promise<Measured> {
  const rounds: Measured[] = [];
  while (rounds.length < ROUNDS) rounds.push(await measure(pool, writers));
  rounds.sort((a, b) => a.perSecond - b.perSecond);
  return rounds[Math.floor(ROUNDS / 2)] ?? { perSecond: 0, p95Ms: 0 };
}

const triggerIs = (state: "ENABLE" | "DISABLE") => (client: pg.Client) =>
  client.query(`ALTER TABLE users ${state} TRIGGER tell_update`);

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 20));
}

await runMain(async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-notify-"));
  const postgres = await startPostgres({ dataDir: join(folder, "database") });
  const redis = noRedis === null ? await startRedis() : null;
  const pool = new pg.Pool({ connectionString: postgres.url, max: Math.max(...WRITERS) });
  try {
    await migrate(postgres.url);
    Object.assign(process.env, testEnvironment(makeKeys(), postgres.url));
    await withClient(postgres.url, (client) =>
      client.query(
        "INSERT INTO users (id, version, first_name) SELECT 'user_bench' || n, 1, '' FROM generate_series(0, 63) n",
      ),
    );
    const connection = { connectionString: postgres.url };
    const results = new Map<string, Measured[]>();
    const run = async (name: string) => {
      const found: Measured[] = [];
      for (const writers of WRITERS) found.push(await median(pool, writers));
      results.set(name, found);
    };
    await withClient(postgres.url, triggerIs("DISABLE"));
    await run("not announced");
    await withClient(postgres.url, triggerIs("ENABLE"));
    const listener = new Listener(connection);
    await until(() => listener.isListening);
    await run("NOTIFY");
    listener.stop();
    if (redis) {
      const relay = new Listener(connection, redis.url);
      await until(() => relay.isRelay && relay.isListening);
      await run("Redis");
      relay.stop();
    } else say(`without Redis: ${noRedis}`);
    say(
      `| writers | ${[...results.keys()].map((name) => `${name}, commits/s (p95)`).join(" | ")} |`,
    );
    say(`|---|${"---|".repeat(results.size)}`);
    for (const [at, writers] of WRITERS.entries()) {
      const cells = [...results.values()].map((found) => {
        const { perSecond, p95Ms } = found[at] ?? { perSecond: 0, p95Ms: 0 };
        return `${Math.round(perSecond).toLocaleString("en")} (${p95Ms.toFixed(1)} ms)`;
      });
      say(`| ${writers} | ${cells.join(" | ")} |`);
    }
  } finally {
    await pool.end();
    await closeDatabase();
    await postgres.stop();
    await redis?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
