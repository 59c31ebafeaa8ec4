/**
 * Whether what was acknowledged is stored, whatever is killed: signed webhooks are sent to the app without a pause, then
 * it or Postgres is killed with -9 in the midst of it, and what is left is compared.
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

export type Victim = "app" | "postgres";
export type Round = { victim: Victim; acknowledged: number; lost: number };

const SENDERS = 16;
/** Killed once so many are acknowledged: the load is at its height. */
const AT_LEAST = 150;

/** Sends until told to stop; what was answered with 2xx goes to `acknowledged`, user id by svix-id. */
async function load(
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
      const answer = await fetch(target, { method: "POST", body, headers, signal: stop }).catch(
        () => undefined,
      );
      if (answer?.ok) acknowledged.set(id, userId);
      // What is dead refuses at once; it is not asked ten thousand times a second.
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

type Site = {
  /** `false` turns off what the promise rests on: then Postgres killed must lose some, or nothing is shown. */
  isDurable: boolean;
  /** The app, by one of its two ways to take webhooks. */
  startApp: typeof startIngest;
};

export type KillSite = { round(victim: Victim): Promise<Round>; close(): Promise<void> };

export async function openKillSite({ isDurable, startApp }: Site): Promise<KillSite> {
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-kill-"));
  let postgres = await startPostgres({ dataDir });
  await migrate(postgres.url);
  if (!isDurable) {
    await withClient(postgres.url, async (client) => {
      await client.query("ALTER DATABASE rollcall SET synchronous_commit = off");
      // What is lost is what the WAL writer had not come to yet: by default 0.2 s, of a load that differs by machine.
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
      const sending = load(app.url, secret, acknowledged, stop.signal);
      while (acknowledged.size < AT_LEAST) await sleep(1);
      const dying = victim === "app" ? app.process : postgres.process;
      const dead = once(dying, "exit");
      dying.kill("SIGKILL");
      await dead;
      stop.abort();
      await sending;
      if (victim === "app") app = await startApp(environment, port);
      else postgres = await startPostgres({ dataDir });
      const lost = await findLost(postgres.url, acknowledged);
      return { victim, acknowledged: acknowledged.size, lost };
    },
    close: async () => {
      await app.stop();
      await postgres.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
