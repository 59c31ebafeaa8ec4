/** Measures the time and memory of `npm run sync` on an empty database, against the local Clerk with a large instance. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { z } from "zod";
import { controlClient } from "../local-clerk/control/client";
import { startLocalClerk } from "../local-clerk/start";
import { median } from "./load";

/** The script behind `npm run sync`, read from package.json. */
const script = z
  .object({ scripts: z.object({ sync: z.string().startsWith("node ") }) })
  .transform(({ scripts }) => scripts.sync.split(" "));

const SAMPLE_MS = 250;
/** No server listens here: the webhooks of this run are discarded. */
const UNUSED_URL = "http://127.0.0.1:9";

type Backfill = {
  rows: number;
  seconds: number;
  /**
   * The memory of the process in MB: `most` is the peak; `early` and `late` are the medians of the first and the last third of
   * the run.
   */
  memory: { most: number; early: number; late: number };
};

const megabytesOf = (pid: number) =>
  Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })) / 1_024;

/** Runs `npm run sync`. Resolves to samples of its memory, in MB. */
async function sync(environment: Record<string, string>): Promise<number[]> {
  const [, ...args] = script.parse(JSON.parse(readFileSync("package.json", "utf8")));
  const child = spawn(process.execPath, args, {
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

export async function benchBackfill(
  client: pg.Client,
  environment: Record<string, string>,
  users: number,
): Promise<Backfill> {
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-bench-clerk-"));
  const clerk = await startLocalClerk({ port: 0, dataDir, appUrl: UNUSED_URL });
  try {
    const organizations = Math.max(1, users / 10);
    const made = await controlClient(clerk.url).generate({ users, organizations, membersEach: 10 });
    await client.query(
      "TRUNCATE users, organizations, memberships, versions, deliveries, sync_seen CASCADE",
    );
    const startedAt = performance.now();
    const samples = await sync({
      ...environment,
      CLERK_API_URL: `${clerk.url}/bapi`,
      CLERK_SECRET_KEY: clerk.keys.secretKey,
    });
    const seconds = (performance.now() - startedAt) / 1_000;
    const third = Math.ceil(samples.length / 3);
    return {
      rows: made.users + made.organizations + made.memberships,
      seconds,
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
