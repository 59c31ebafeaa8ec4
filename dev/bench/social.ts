/**
 * `npm run bench:social`: measures the sample product with many rows. Calls the GraphQL resolvers in process, under row level
 * security, for three cases: a wishlist of 1,000 items, a profile with 10,000 followers, and the feed of a user who follows 500
 * people with 200 items each. Starts its own Postgres. Prints the 95th percentile in ms, and the number of statements that read
 * data. BEGIN, COMMIT and the statement that sets the viewer are not counted, because every transaction has them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { closeDatabase } from "../../lib/db";
import { runMain } from "../../lib/errors";
import { contextOf } from "../../lib/graphql/context";
import { apolloServer } from "../../lib/graphql/server";
import { listener } from "../../lib/live/listener";
import { skeletonOf } from "../../lib/social/handle";
import { migrate } from "../../prisma/migrate";
import { createDatabase, startPostgres, withClient } from "../postgres/server";
import { makeKeys, testEnvironment } from "../testing/environment";
import { signToken } from "../testing/sign";
import { quantile } from "./load";
import { countStatements, statements } from "./statements";

const ROUNDS = 200;
const WISHES = 1_000;
const FOLLOWERS = 10_000;
const FOLLOWED = 500;
const WISHES_OF_EACH = 200;
const LIMIT_MS = 50;
const LIMIT_STATEMENTS = 3;

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Creates user 0, who is measured, and users 1 to FOLLOWERS, who follow user 0. User 0 follows users 1 to FOLLOWED. */
async function fill(client: pg.Client): Promise<void> {
  const id = "'user_bench' || n";
  await client.query(
    `INSERT INTO users (id, version, first_name) SELECT ${id}, 1, 'Person ' || n FROM generate_series(0, ${FOLLOWERS}) n`,
  );
  await client.query(
    `INSERT INTO profiles (id, user_id, handle, is_private, first_name)
     SELECT gen_random_uuid()::text, ${id}, 'bench_' || n, n % 10 = 9, 'Person ' || n FROM generate_series(0, ${FOLLOWERS}) n`,
  );
  await client.query("INSERT INTO profile_handles VALUES ($1, 'bench_0', 'user_bench0')", [
    skeletonOf("bench_0"),
  ]);
  await client.query(
    `INSERT INTO follows (id, follower_id, followed_id, is_accepted, created_at)
     SELECT gen_random_uuid()::text, ${id}, 'user_bench0', true, now() - n * interval '1 min' FROM generate_series(1, ${FOLLOWERS}) n`,
  );
  await client.query(
    `INSERT INTO follows (id, follower_id, followed_id, is_accepted, created_at)
     SELECT gen_random_uuid()::text, 'user_bench0', ${id}, true, now() - n * interval '1 min' FROM generate_series(1, ${FOLLOWED}) n`,
  );
  // There are fewer than 1,000 countries, so the wishlist contains some countries twice, which this unique index would refuse.
  await client.query("DROP INDEX wishlist_items_user_id_country_id_key");
  const wishes = (users: string, count: number) =>
    client.query(
      `INSERT INTO wishlist_items (id, user_id, country_id, created_at)
       SELECT gen_random_uuid()::text, 'user_bench' || n, (ARRAY['PT', 'FR', 'IS', 'NO'])[1 + w % 4], now() - random() * interval '300 days'
       FROM ${users} n, generate_series(1, ${count}) w`,
    );
  await wishes("generate_series(0, 0)", WISHES);
  await wishes(`generate_series(1, ${FOLLOWED})`, WISHES_OF_EACH);
  await client.query("VACUUM ANALYZE");
}

async function measure(name: string, headers: Headers, query: string): Promise<boolean> {
  const run = async () => {
    const contextValue = await contextOf(headers, "bench");
    statements.sent = 0;
    const startedAt = performance.now();
    const { body } = await apolloServer().executeOperation({ query }, { contextValue });
    const took = performance.now() - startedAt;
    if (body.kind !== "single" || body.singleResult.errors)
      throw new Error(`${name}: ${JSON.stringify(body)}`);
    return took;
  };
  for (let round = 0; round < 20; round += 1) await run();
  const times: number[] = [];
  while (times.length < ROUNDS) times.push(await run());
  const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
  say(
    `${name.padEnd(34)}${p50.toFixed(1).padStart(8)}${p95.toFixed(1).padStart(8)}${String(statements.sent).padStart(12)}`,
  );
  return p95 <= LIMIT_MS && statements.sent <= LIMIT_STATEMENTS;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-bench-"));
  const postgres = await startPostgres({ dataDir: join(folder, "postgres") });
  try {
    const url = await createDatabase(postgres.url, "bench");
    await migrate(url);
    await withClient(url, fill);
    const keys = makeKeys();
    Object.assign(process.env, testEnvironment(keys, url));
    const token = signToken(keys.privateKey, {
      sub: "user_bench0",
      sid: "sess_bench",
      azp: undefined,
      exp: Math.floor(Date.now() / 1000) + 3_600,
    });
    const viewer = new Headers({ authorization: `Bearer ${token}` });
    const guest = new Headers();
    countStatements();
    const person = "id handle name imageUrl";
    say(
      `${"".padEnd(34)}${"p50 ms".padStart(8)}${"p95 ms".padStart(8)}${"statements".padStart(12)}`,
    );
    const results = [
      await measure(
        `feed of ${FOLLOWED} followed people`,
        viewer,
        `{ viewer { feed(first: 20) { id createdAt person { ${person} } country { name } } } }`,
      ),
      await measure(
        `wishlist of ${WISHES}`,
        viewer,
        "{ viewer { wishlist(first: 50) { totalCount edges { node { id country { name } } } } } }",
      ),
      await measure(
        "the same wishlist, as a guest",
        guest,
        '{ profile(handle: "bench_0") { wishlist(first: 48) { edges { node { id country { name } } } } } }',
      ),
      await measure(
        `${FOLLOWERS} followers`,
        viewer,
        `{ viewer { profile { followers(first: 50) { totalCount edges { node { id follower { ${person} } } } } } } }`,
      ),
      await measure(
        "the same followers, as a guest",
        guest,
        `{ profile(handle: "bench_0") { followersCount followers(first: 50) { edges { node { id follower { ${person} } } } } } }`,
      ),
    ];
    say(`to reach: p95 ${LIMIT_MS} ms, ${LIMIT_STATEMENTS} statements`);
    if (results.includes(false)) process.exitCode = 1;
  } finally {
    listener().stop();
    await closeDatabase();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await runMain(main);
