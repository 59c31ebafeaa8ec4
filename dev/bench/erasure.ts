/**
 * `npm run bench:erasure [-- --follows N]`: erasures, and what others notice of them. Starts its own Postgres, the app and a worker
 * as processes. The figures are ratios of rounds that alternate in one run, or times with their limits.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type pg from "pg";
import { z } from "zod";
import { runMain } from "../../lib/errors";
import { migrate } from "../../prisma/migrate";
import { createDatabase, startPostgres, withClient } from "../postgres/server";
import { clerkId, deletedJson, event, userJson } from "../testing/clerk-payloads";
import { makeKeys, testEnvironment } from "../testing/environment";
import { signToken, svixHeaders } from "../testing/sign";
import { startApp } from "../testing/start-app";
import { median, quantile } from "./load";
import { latencies, type SignedRequest, signed } from "./signed-load";

const { values } = parseArgs({ options: { follows: { type: "string", default: "10000" } } });
const FOLLOWS = z.coerce.number().int().min(100).parse(values.follows);
const WISHES = 1_000;
/** The number of other users with a profile. The erased user and each of them follow each other. */
const OTHERS = Math.floor(FOLLOWS / 2);
const ROUNDS = 3;
/** People who are erased in one round, so that the round is long enough for a 99th percentile. */
const AT_ONCE = 3;
const REQUESTS = 250;
const EVERY_MS = 40;
const MANY = 1_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

const results: boolean[] = [];
function judge(name: string, value: number, unit: string, limit: number, detail = ""): void {
  const isReached = value <= limit;
  results.push(isReached);
  say(
    `${name.padEnd(62)}${value.toFixed(2).padStart(9)} ${unit} (limit ${limit})${isReached ? "" : "  NOT REACHED"}${detail && `  ${detail}`}`,
  );
}

async function fill(client: pg.Client): Promise<void> {
  await client.query(
    `INSERT INTO users (id, version, first_name) SELECT 'user_other' || n, 1, 'Person ' || n FROM generate_series(1, ${OTHERS}) n`,
  );
  await client.query(
    `INSERT INTO profiles (id, user_id, handle, is_private, first_name)
     SELECT 'profile_' || n, 'user_other' || n, 'other_' || n, false, 'Person ' || n FROM generate_series(1, ${OTHERS}) n`,
  );
  // There are fewer than 1,000 countries, so the wishlist repeats some. This unique index would refuse that.
  await client.query("DROP INDEX wishlist_items_user_id_country_id_key");
}

/** A person with half of the follows in each direction, and a wishlist. */
async function makePopular(client: pg.Client): Promise<string> {
  const id = clerkId("user");
  await client.query(
    "INSERT INTO users (id, version, first_name, email, identifiers) VALUES ($1, 1, 'Popular', $1 || '@example.com', $1 || '@example.com')",
    [id],
  );
  await client.query(
    "INSERT INTO profiles (id, user_id, handle, is_private) VALUES ($1, $1, 'p_' || right($1, 12), false)",
    [id],
  );
  await client.query(
    `INSERT INTO follows (id, follower_id, followed_id, is_accepted)
     SELECT gen_random_uuid()::text, CASE way WHEN 0 THEN $1 ELSE other END, CASE way WHEN 0 THEN other ELSE $1 END, true
     FROM (SELECT 'user_other' || n AS other FROM generate_series(1, ${OTHERS}) n) o, generate_series(0, 1) way`,
    [id],
  );
  await client.query(
    `INSERT INTO wishlist_items (id, user_id, country_id)
     SELECT gen_random_uuid()::text, $1, (ARRAY['PT', 'FR', 'IS', 'NO'])[1 + w % 4] FROM generate_series(1, ${WISHES}) w`,
    [id],
  );
  return id;
}

type Bench = { url: string; secret: string; privateKey: string; client: pg.Client };

function graphql({ privateKey }: Bench, query: string, sub?: string): SignedRequest {
  const exp = Math.floor(Date.now() / 1000) + 3_600;
  const token = sub && signToken(privateKey, { sub, sid: "sess_bench", exp });
  return {
    path: "/api/graphql",
    body: JSON.stringify({ query }),
    headers: {
      "content-type": "application/json",
      ...(token && { authorization: `Bearer ${token}` }),
    },
  };
}

/** What others do meanwhile: read a profile whose count of followers changes, follow it, and change their own account. */
function othersRequests(bench: Bench): SignedRequest[] {
  const users = signed(REQUESTS, bench.secret);
  return users.map((webhook, index) => {
    const n = 1 + ((index * 7) % OTHERS);
    const viewer = `user_other${1 + ((index * 13) % 50)}`;
    const reads = `{ profile(handle: "other_${n}") { name followersCount followers(first: 20) { edges { node { id } } } } }`;
    const follows = `mutation { follow(profileId: "profile_${n}") }`;
    const own = "{ viewer { wishlist(first: 20) { edges { node { id } } } } }";
    return (
      [
        graphql(bench, reads),
        graphql(bench, follows, viewer),
        graphql(bench, own, viewer),
        webhook,
      ][index % 4] ?? webhook
    );
  });
}

function deletions({ secret }: Bench, ids: string[]): SignedRequest[] {
  return ids.map((id) => {
    const body = JSON.stringify(event("user.deleted", deletedJson(id), Date.now()));
    return { path: "/api/webhooks/clerk", body, headers: { ...svixHeaders(body, secret) } };
  });
}

/** Resolves when a query finds no row. */
async function untilNone(client: pg.Client, text: string, ids: string[]): Promise<void> {
  while ((await client.query(text, [ids])).rows.length > 0) await sleep(5);
}

const SOCIAL = `SELECT FROM follows WHERE follower_id = ANY ($1::text[]) OR followed_id = ANY ($1::text[])
  UNION ALL SELECT FROM wishlist_items WHERE user_id = ANY ($1::text[]) LIMIT 1`;
const UNDONE =
  "SELECT FROM erasures WHERE subject_id = ANY ($1::text[]) AND step <> 'done' LIMIT 1";

const seconds = (since: number) => (performance.now() - since) / 1_000;

const SPIN_MS = 30;

/** How many times longer than alone a computation takes now, because other processes use the machine. */
function slowdown(): number {
  const [startedAt, used] = [performance.now(), process.cpuUsage()];
  for (let spent = 0; spent < SPIN_MS; ) {
    const { user, system } = process.cpuUsage(used);
    spent = (user + system) / 1_000;
  }
  return (performance.now() - startedAt) / SPIN_MS;
}

async function benchAlone(bench: Bench): Promise<void> {
  const { client, url } = bench;
  const took: number[] = [];
  const busy: number[] = [];
  for (let round = 0; round < ROUNDS * 2; round += 1) {
    const id = await makePopular(client);
    await client.query("ANALYZE follows, wishlist_items");
    busy.push(slowdown());
    const startedAt = performance.now();
    await latencies(url, deletions(bench, [id]), 1);
    await untilNone(client, SOCIAL, [id]);
    took.push(seconds(startedAt));
    busy.push(slowdown());
    await untilNone(client, UNDONE, [id]);
  }
  judge(
    `${FOLLOWS} follows and ${WISHES} wishlist rows erased, median`,
    median(took),
    "s",
    // 2 s for 10,000 follows.
    Math.max(2, FOLLOWS / 5_000),
    `computations took ${median(busy).toFixed(1)} times as long as on an idle machine`,
  );
}

async function benchPopular(bench: Bench): Promise<void> {
  const { client, url } = bench;
  const ratios: number[] = [];
  const details: string[] = [];
  await latencies(url, othersRequests(bench), EVERY_MS);
  for (let round = 0; round < ROUNDS; round += 1) {
    const ids: string[] = [];
    while (ids.length < AT_ONCE) ids.push(await makePopular(client));
    await client.query("ANALYZE follows, wishlist_items");
    const normal = await latencies(url, othersRequests(bench), EVERY_MS);
    const [, meanwhile] = await Promise.all([
      (async () => {
        for (const id of ids) {
          await latencies(url, deletions(bench, [id]), 1);
          await untilNone(client, SOCIAL, [id]);
        }
      })(),
      latencies(url, othersRequests(bench), EVERY_MS),
    ]);
    ratios.push(quantile(meanwhile.sorted, 0.99) / quantile(normal.sorted, 0.99));
    details.push(
      `${quantile(normal.sorted, 0.99).toFixed(0)}→${quantile(meanwhile.sorted, 0.99).toFixed(0)}`,
    );
    await untilNone(client, UNDONE, ids);
  }
  judge(
    "p99 of others' requests meanwhile ÷ normal, median of rounds",
    median(ratios),
    "×",
    2,
    `ms: ${details.join(" ")}`,
  );
}

/** Creates users as Clerk does, and resolves to their ids. */
async function makeMany({ client, url, secret }: Bench, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => clerkId("user"));
  const shots = ids.map((id) => {
    const body = JSON.stringify(event("user.created", userJson({ id }), Date.now()));
    return { path: "/api/webhooks/clerk", body, headers: { ...svixHeaders(body, secret) } };
  });
  await latencies(url, shots, 4);
  await client.query(
    "INSERT INTO wishlist_items (id, user_id, country_id) SELECT gen_random_uuid()::text, id, 'PT' FROM unnest($1::text[]) id",
    [ids],
  );
  return ids;
}

async function benchMany(bench: Bench): Promise<void> {
  const { client, url, secret } = bench;
  const one = await makeMany(bench, 1);
  const oneAt = performance.now();
  await latencies(url, deletions(bench, one), 1);
  await untilNone(client, UNDONE, one);
  judge("from user.deleted to nothing left", seconds(oneAt), "s", 60);

  const ids = await makeMany(bench, MANY);
  const startedAt = performance.now();
  await latencies(url, deletions(bench, ids), 5);
  await untilNone(client, UNDONE, ids);
  const took = seconds(startedAt);
  judge(
    `${MANY} users deleted at once: until all are erased`,
    took,
    "s",
    3_600,
    `${Math.round((MANY / took) * 3_600)} an hour`,
  );

  const ratios: number[] = [];
  const sustained = await makeMany(bench, ROUNDS * 2);
  for (let round = 0; round < ROUNDS; round += 1) {
    const normal = await latencies(url, signed(400, secret), 18);
    // A deletion every 3.6 s is 1,000 an hour.
    const [meanwhile] = await Promise.all([
      latencies(url, signed(400, secret), 18),
      latencies(url, deletions(bench, sustained.slice(round * 2, round * 2 + 2)), 3_600),
    ]);
    ratios.push(quantile(meanwhile.sorted, 0.5) / quantile(normal.sorted, 0.5));
  }
  judge("a webhook during 1,000 erasures an hour ÷ without, medians", median(ratios), "×", 1.2);
  await untilNone(client, UNDONE, sustained);
  const { rows } = await client.query<{ longest: number }>(
    "SELECT extract(epoch FROM max(erased_at - deleted_at))::float8 AS longest FROM erasures WHERE subject_id = ANY ($1::text[])",
    [sustained],
  );
  judge("the longest of these, from user.deleted to nothing left", rows[0]?.longest ?? 0, "s", 60);
}

/** A handler of `deleted` that never ends: the erasure waits until its deadline. */
async function benchDeadline(bench: Bench): Promise<void> {
  const ids = await makeMany(bench, 1);
  await bench.client.query(
    "INSERT INTO effect_subscribers (object_table, change, handler) VALUES ('users', 'deleted', 'never')",
  );
  const startedAt = performance.now();
  await latencies(bench.url, deletions(bench, ids), 1);
  await untilNone(bench.client, UNDONE, ids);
  judge("the same with a handler of deleted that never ends", seconds(startedAt), "s", 60);
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const postgres = await startPostgres({ dataDir: join(folder, "postgres") });
  try {
    const databaseUrl = await createDatabase(postgres.url, "bench");
    await migrate(databaseUrl);
    const keys = makeKeys();
    const environment = testEnvironment(keys, databaseUrl);
    Object.assign(process.env, environment, { ERASURE_HEAD_URL: join(folder, "head.json") });
    await withClient(databaseUrl, async (client) => {
      await fill(client);
      const [app, worker] = [await startApp(), await startApp()];
      worker.startWorker();
      try {
        const bench = {
          client,
          url: app.url,
          secret: environment.CLERK_WEBHOOK_SIGNING_SECRET,
          privateKey: keys.privateKey,
        };
        await benchAlone(bench);
        await benchPopular(bench);
        await benchMany(bench);
        await benchDeadline(bench);
      } finally {
        await app.stop();
        await worker.stop();
      }
    });
    if (results.includes(false)) process.exitCode = 1;
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await runMain(main);
