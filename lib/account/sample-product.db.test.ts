/** Tests the data archive of a user with many followers. */
import { setTimeout as later } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { GET } from "@/app/api/account/archive/route";
import { archiveRequest, rowsOf, unzip } from "@/dev/testing/archive";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { mirrorUser } from "@/dev/testing/mirror";
import { database, directConnection } from "../db";

const { pool } = database();

setFlagsFromString("--expose-gc");
const collectGarbage: unknown = runInNewContext("gc");

/** Collects garbage, and returns the size of the heap in bytes. */
function retainedBytes(): number {
  if (typeof collectGarbage !== "function") throw new Error("this Node has no gc()");
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

describe("a user with 100,000 followers", () => {
  const person = clerkId("user");
  beforeAll(async () => {
    await mirrorUser(person);
    // A direct connection does not have the pool's statement timeout. `replica` switches off triggers and foreign key checks.
    const client = new pg.Client(directConnection("archive test"));
    await client.connect();
    await client.query(`SET session_replication_role = replica;
      INSERT INTO profiles (id, user_id, handle, is_private)
      SELECT 'pro' || n, 'user_follower' || n, 'p' || substr(md5(n::text), 1, 20), false FROM generate_series(1, 100000) n;
      INSERT INTO follows (id, follower_id, followed_id, is_accepted)
      SELECT 'follow' || n, 'user_follower' || n, '${person}', true FROM generate_series(1, 100000) n;`);
    await client.end();
  }, 60_000);

  test("the data archive contains all 100,000 follows, and the download uses less than 16 MB of memory", {
    timeout: 60_000,
  }, async () => {
    const response = await GET(archiveRequest({ sub: person }));
    const before = retainedBytes();
    let highest = before;
    const chunks: Uint8Array[] = [];
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk);
      if (chunks.length % 5 === 0) highest = Math.max(highest, retainedBytes());
    }
    const files = unzip(Buffer.concat(chunks));
    expect(rowsOf(files, "follows").length).toBe(100_000);
    // Reading all rows at once would take 46 MB.
    expect((highest - before) / 1e6).toBeLessThan(16);
  });

  test("after a download of the data archive is aborted, no further page is read from the database", async () => {
    const statements: string[] = [];
    const query = pool.query;
    const counting = (...given: unknown[]): unknown => {
      statements.push(String(given[0]));
      return Reflect.apply(query, pool, given);
    };
    Reflect.set(pool, "query", counting);
    try {
      const response = await GET(archiveRequest({ sub: person }));
      const reader = response.body?.getReader();
      // Reads the response until the second page of follows has been requested from the database.
      while (statements.filter((text) => text.includes('"follows"')).length < 2) {
        if ((await reader?.read())?.done !== false) throw new Error("the archive ended");
      }
      await reader?.cancel();
      const read = statements.length;
      await later(300);
      expect(statements.length).toBe(read);
      expect(statements.filter((text) => text.includes('"follows"')).length).toBeLessThan(10);
    } finally {
      Reflect.set(pool, "query", query);
    }
  });
});
