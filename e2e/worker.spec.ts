import { mkdtempSync, rmSync } from "node:fs";
import { type OutgoingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startPostgres } from "../dev/postgres/server";
import { clerkId, event, userJson } from "../dev/testing/clerk-payloads";
import { makeKeys, testEnvironment } from "../dev/testing/environment";
import { startNext } from "../dev/testing/servers";
import { svixHeaders } from "../dev/testing/sign";
import { migrate } from "../prisma/migrate";
import { appUrl, expect, test } from "./fixtures";

const PATH = "/api/webhooks/clerk";

test("within 12 s, the worker in another app takes over a job of an app that was killed with SIGKILL", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-worker-"));
  const postgres = await startPostgres({ dataDir: folder });
  await migrate(postgres.url);
  const environment = testEnvironment(makeKeys(), postgres.url);
  const [client, holder] = [postgres.url, postgres.url].map(
    (connectionString) => new pg.Client({ connectionString }),
  );
  if (!client || !holder) throw new Error("two clients were made");
  await Promise.all([client.connect(), holder.connect()]);
  const [userId, svixId] = [clerkId("user"), clerkId("msg")];
  const first = await startNext(environment);
  const servers = [first];
  const jobs = async () => (await client.query("SELECT locked_by FROM graphile_worker.jobs")).rows;
  const outcome = async () =>
    (await client.query("SELECT outcome FROM deliveries WHERE svix_id = $1", [svixId])).rows[0];
  try {
    await client.query("ALTER TABLE users ADD CONSTRAINT no_poison CHECK (first_name <> 'poison')");
    const poison = userJson({ id: userId, first_name: "poison" });
    const body = JSON.stringify(event("user.created", poison));
    const headers = svixHeaders(body, environment.CLERK_WEBHOOK_SIGNING_SECRET, { id: svixId });
    const answer = await fetch(first.url + PATH, { method: "POST", body, headers });
    expect(answer.status).toBe(200);
    expect(await outcome()).toEqual({ outcome: "pending" });
    await client.query("ALTER TABLE users DROP CONSTRAINT no_poison");
    // Another connection locks this row: the job waits for the lock while its app is killed.
    await client.query("INSERT INTO users (id) VALUES ($1)", [userId]);
    await holder.query("BEGIN");
    await holder.query("SELECT FROM users WHERE id = $1 FOR UPDATE", [userId]);
    await client.query("UPDATE graphile_worker._private_jobs SET run_at = now()");
    await expect.poll(jobs).toEqual([{ locked_by: expect.any(String) }]);
    servers.push(await startNext(environment));
    await first.stop();
    const killedAt = Date.now();
    // Ends the Postgres backend of the killed app. Otherwise Postgres would still execute the statement that waits for the lock.
    await holder.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'",
    );
    await holder.query("ROLLBACK");
    expect(await outcome()).toEqual({ outcome: "pending" });
    await expect.poll(outcome, { intervals: [50] }).toEqual({ outcome: "applied" });
    expect(Date.now() - killedAt).toBeLessThan(12_000);
    await expect.poll(jobs).toEqual([]);
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.all([client.end(), holder.end()]);
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the webhook route responds with 405, never with a redirect, to methods other than POST", async ({
  request,
}) => {
  for (const method of ["GET", "PUT", "DELETE"]) {
    const answer = await request.fetch(PATH, { method, maxRedirects: 0 });
    expect(answer.status()).toBe(405);
  }
});

/** Sends the headers and only the first `bytes` of a body. Resolves to the response's status. */
function sendFirstBytes(headers: OutgoingHttpHeaders, bytes: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const url = new URL(PATH, appUrl);
    const sending = request(url, { method: "POST", headers }, ({ statusCode = 0 }) => {
      resolve(statusCode);
      sending.destroy();
    });
    sending.on("error", reject);
    sending.write(Buffer.alloc(bytes));
  });
}

test("a body of 10 MB is refused before it is sent: by its length, or at the first chunk over the limit", async () => {
  const signed = svixHeaders("x", `whsec_${Buffer.alloc(32).toString("base64")}`);
  const length = { "content-length": 10 * 1024 * 1024 };
  expect(await sendFirstBytes({ ...signed, ...length }, 1_024)).toBe(413);
  expect(await sendFirstBytes(signed, 3 * 1024 * 1024)).toBe(413);
});
