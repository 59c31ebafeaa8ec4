/**
 * Tests that every acknowledged webhook survives kill -9. Sends signed webhooks to the app without a pause, kills the app
 * or Postgres under load, restarts it, and counts acknowledged webhooks that are missing.
 */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { migrate } from "../../prisma/migrate";
import { findFreePort } from "../ports";
import { startPostgres, withClient } from "../postgres/server";
import { clerkId, event, userJson } from "../testing/clerk-payloads";
import { makeKeys, testEnvironment } from "../testing/environment";
import type { startIngest } from "../testing/servers";
import { svixHeaders } from "../testing/sign";

type Victim = "app" | "postgres";
/** `wrongEffects` counts users in the mirror that do not have exactly one effect, and effects without a user. */
export type Round = { victim: Victim; acknowledged: number; lost: number; wrongEffects: number };

const SENDERS = 16;
/** The number of acknowledgements after which the process is killed. The load is then at its peak. */
const MIN_ACKNOWLEDGED = 150;

/**
 * Sends webhooks until `stop` aborts. Adds each webhook with a 2xx response to `acknowledged`, which maps svix-ids to user ids.
 */
async function sendLoad(
  url: string,
  secret: string,
  acknowledged: Map<string, string>,
  stop: AbortSignal,
) {
  const send = async () => {
    while (!stop.aborted) {
      const [id, userId] = [clerkId("msg"), clerkId("user")];
      const body = JSON.stringify(event("user.created", userJson({ id: userId })));
      const headers = svixHeaders(body, secret, { id });
      const target = `${url}/api/webhooks/clerk`;
      const response = await fetch(target, { method: "POST", body, headers, signal: stop }).catch(
        () => undefined,
      );
      if (response?.ok) acknowledged.set(id, userId);
      // A killed app refuses connections at once: without a pause this would loop thousands of times a second.
      else await sleep(5);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, send));
}

function findLost(databaseUrl: string, acknowledged: Map<string, string>): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ lost: number }>(
      `SELECT count(*)::int AS lost FROM unnest($1::text[], $2::text[]) AS a(svix_id, user_id)
       WHERE NOT EXISTS (SELECT FROM deliveries d WHERE d.svix_id = a.svix_id AND d.outcome = 'applied')
          OR NOT EXISTS (SELECT FROM users u WHERE u.id = a.user_id AND u.version > 0)`,
      [[...acknowledged.keys()], [...acknowledged.values()]],
    );
    return rows[0]?.lost ?? 0;
  });
}

/** Counts users that do not have exactly one effect, and effects without a user. No kill may store a user without its effect. */
function findWrongEffects(databaseUrl: string): Promise<number> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ wrong: number }>(
      `SELECT count(*)::int AS wrong
       FROM (SELECT id FROM users WHERE version > 0) u
       FULL JOIN (SELECT object_id, count(*) AS jobs FROM effect_jobs GROUP BY object_id) j ON j.object_id = u.id
       WHERE u.id IS NULL OR j.jobs IS DISTINCT FROM 1`,
    );
    return rows[0]?.wrong ?? 0;
  });
}

type Options = {
  /** `false` turns `synchronous_commit` off. Killing Postgres must then lose rows: otherwise the test could not detect a loss. */
  isDurable: boolean;
  /** Starts `npm run ingest` or the Next.js build. */
  startApp: typeof startIngest;
};

type KillTest = { round(victim: Victim): Promise<Round>; close(): Promise<void> };

export async function openKillTest({ isDurable, startApp }: Options): Promise<KillTest> {
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-kill-"));
  let postgres = await startPostgres({ dataDir });
  await migrate(postgres.url);
  await withClient(postgres.url, (client) =>
    client.query(
      "INSERT INTO effect_subscribers (object_table, change, handler) VALUES ('users', 'created', 'proof')",
    ),
  );
  if (!isDurable) {
    await withClient(postgres.url, async (client) => {
      await client.query("ALTER DATABASE rollcall SET synchronous_commit = off");
      // Only rows that the WAL writer has not flushed are lost. With its default delay of 0.2 s, too few rows are lost on some
      // machines.
      await client.query("ALTER SYSTEM SET wal_writer_delay = '10s'");
      await client.query("SELECT pg_reload_conf()");
    });
  }
  const port = await findFreePort();
  const environment = testEnvironment(makeKeys(), postgres.url);
  let app = await startApp(environment, port);

  return {
    round: async (victim) => {
      const acknowledged = new Map<string, string>();
      const stop = new AbortController();
      const secret = environment.CLERK_WEBHOOK_SIGNING_SECRET;
      const sending = sendLoad(app.url, secret, acknowledged, stop.signal);
      while (acknowledged.size < MIN_ACKNOWLEDGED) await sleep(1);
      const victimProcess = victim === "app" ? app.process : postgres.process;
      const exited = once(victimProcess, "exit");
      victimProcess.kill("SIGKILL");
      await exited;
      stop.abort();
      await sending;
      if (victim === "app") app = await startApp(environment, port);
      else postgres = await startPostgres({ dataDir });
      const lost = await findLost(postgres.url, acknowledged);
      const wrongEffects = await findWrongEffects(postgres.url);
      return { victim, acknowledged: acknowledged.size, lost, wrongEffects };
    },
    close: async () => {
      await app.stop();
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
