/**
 * `npm run sync` on an empty database against the local Clerk with a large instance: what of it is the database's, beside
 * COPY of the very rows it wrote, and how much memory it takes.
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { controlClient } from "../clerk/control-client";
import { startLocalClerk } from "../clerk/start";
import { median } from "./load";

const MIRRORED = ["organizations", "users", "memberships"];
const SAMPLE_MS = 250;
const NOBODY = "http://127.0.0.1:9";

export type Backfill = {
  rows: number;
  seconds: number;
  /** Seconds that Postgres was at work: for the backfill, and for COPY of the same rows. */
  database: number;
  copy: number;
  copyWithHistory: number;
  /** MB of the process: at most, and in the middle of its first and of its last third. */
  memory: { most: number; early: number; late: number };
};

async function workOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ seconds: number }>(
    "SELECT active_time / 1000 AS seconds FROM pg_stat_database WHERE datname = current_database()",
  );
  return rows[0]?.seconds ?? 0;
}

const megabytesOf = (pid: number) =>
  Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1_024;

/** Resolves to its memory over time. */
async function sync(environment: Record<string, string>): Promise<number[]> {
  const child = spawn(process.execPath, ["--import", "tsx", "lib/command/sync.ts"], {
    env: { ...process.env, ...environment, CLERK_RATE_SHARE: "1" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const samples: number[] = [];
  const timer = setInterval(() => {
    if (child.pid && child.exitCode === null) samples.push(megabytesOf(child.pid));
  }, SAMPLE_MS);
  const [code] = await once(child, "exit");
  clearInterval(timer);
  if (code !== 0) throw new Error(`npm run sync ended with ${code}`);
  return samples;
}

/** Seconds for COPY into the emptied tables, by table. `folder` is one that the server can write to. */
async function copyAgain(client: pg.Client, folder: string): Promise<Map<string, number>> {
  const tables = [...MIRRORED, "versions"];
  for (const table of tables) await client.query(`COPY ${table} TO '${folder}/${table}'`);
  await client.query(`TRUNCATE ${tables.join(", ")}`);
  const took = new Map<string, number>();
  for (const table of tables) {
    const startedAt = performance.now();
    await client.query(`COPY ${table} FROM '${folder}/${table}'`);
    took.set(table, (performance.now() - startedAt) / 1_000);
  }
  return took;
}

export async function benchBackfill(
  client: pg.Client,
  environment: Record<string, string>,
  folder: string,
  users: number,
): Promise<Backfill> {
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-bench-clerk-"));
  const clerk = await startLocalClerk({ port: 0, dataDir, appUrl: NOBODY });
  try {
    const organizations = Math.max(1, users / 10);
    const made = await controlClient(clerk.url).generate({ users, organizations, membersEach: 10 });
    await client.query("TRUNCATE users, organizations, memberships, versions, deliveries");
    const workBefore = await workOf(client);
    const startedAt = performance.now();
    const samples = await sync({
      ...environment,
      CLERK_API_URL: `${clerk.url}/bapi`,
      CLERK_SECRET_KEY: clerk.keys.secretKey,
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    const database = (await workOf(client)) - workBefore;
    const took = await copyAgain(client, folder);
    const copy = MIRRORED.reduce((sum, table) => sum + (took.get(table) ?? 0), 0);
    const third = Math.ceil(samples.length / 3);
    return {
      rows: made.users + made.organizations + made.memberships,
      seconds,
      database,
      copy,
      copyWithHistory: copy + (took.get("versions") ?? 0),
      memory: {
        most: Math.max(...samples),
        early: median(samples.slice(0, third)),
        late: median(samples.slice(-third)),
      },
    };
  } finally {
    await clerk.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
