/** The migrations that partition `deliveries`, on a filled table, on each version of Postgres. */
import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { createDatabase } from "../dev/postgres/server";
import { oldestAndNewest } from "../dev/testing/postgres-versions";
import { MIGRATIONS, migrate } from "./migrate";

const FIRST = "20261129140100_delivery_ids";
const ROWS = 20_000;

const earlier = mkdtempSync(join(tmpdir(), "rollcall-earlier-migrations-"));
for (const name of readdirSync(MIGRATIONS)) {
  if (name < FIRST) cpSync(join(MIGRATIONS, name), join(earlier, name), { recursive: true });
}
afterAll(() => rmSync(earlier, { recursive: true, force: true }));

const INSERT = `INSERT INTO deliveries (svix_id, sha256, body, object_id, user_id, outcome, received_at)
  SELECT 'msg_' || n, sha256(n::text::bytea), '{}', 'user_' || n, 'user_' || n, 'applied', now() - n * interval '5 minutes'
  FROM generate_series(1, ${ROWS}) n`;

describe.each(oldestAndNewest())("Postgres $version", ({ start }) => {
  test("the migration of a filled table keeps every row, blocks no insert, and knows every id", async () => {
    const server = await start();
    const url = await createDatabase(server.url, "filled");
    const [client, sender] = [new pg.Client(url), new pg.Client(url)];
    try {
      await migrate(url, { directory: earlier });
      await Promise.all([client.connect(), sender.connect()]);
      await client.query(INSERT);
      const rowsOf = async () =>
        (
          await client.query(
            "SELECT count(*)::int AS count, sum(hashtextextended((svix_id, sha256, body, received_at, outcome)::text, 0)) AS hash FROM deliveries WHERE outcome = 'applied'",
          )
        ).rows;
      const before = await rowsOf();
      const triggersOf = async () =>
        (
          await client.query<{ name: string }>(
            "SELECT tgname AS name FROM pg_trigger WHERE tgrelid = 'deliveries'::regclass AND NOT tgisinternal",
          )
        ).rows.map(({ name }) => name);
      const triggers = await triggersOf();

      let isMigrating = true;
      let [sent, longest] = [0, 0];
      const sending = (async () => {
        while (isMigrating) {
          const startedAt = performance.now();
          // A prepared statement, as the app sends it: Postgres must plan it again for the new table.
          await sender.query({
            name: "insert",
            text: "INSERT INTO deliveries (svix_id, sha256, outcome) VALUES ($1, '', 'ignored') RETURNING svix_id, outcome",
            values: [`msg_during_${sent}`],
          });
          longest = Math.max(longest, performance.now() - startedAt);
          sent += 1;
        }
      })();
      await migrate(url);
      isMigrating = false;
      await sending;

      expect(await rowsOf()).toEqual(before);
      expect(await triggersOf()).toEqual(expect.arrayContaining(triggers));
      expect(longest).toBeLessThan(2_000);
      const { rows } = await client.query(
        "SELECT count(*)::int AS count, count(*) FILTER (WHERE i.svix_id IS NULL)::int AS unknown FROM deliveries d LEFT JOIN delivery_ids i USING (svix_id)",
      );
      expect(rows).toEqual([{ count: ROWS + sent, unknown: 0 }]);
      const insert = (svixId: string, receivedIn: string) =>
        client.query(
          "INSERT INTO deliveries (svix_id, sha256, outcome, received_at) VALUES ($1, '', 'ignored', now() + $2::interval)",
          [svixId, receivedIn],
        );
      await insert("msg_later", "40 days");
      // The former version of the app knows a duplicate by this code and this table.
      for (const svixId of ["msg_7", "msg_during_0", "msg_later"]) {
        for (const receivedIn of ["0", "20 days", "40 days"]) {
          await expect(insert(svixId, receivedIn)).rejects.toMatchObject({
            code: "23505",
            table: "deliveries",
          });
        }
      }
      const parts = await client.query("SELECT name FROM delivery_partitions()");
      expect(parts.rows[0]).toEqual({ name: "deliveries_before" });
      await client.query(
        "UPDATE deliveries SET received_at = now() + interval '40 days' WHERE svix_id = 'msg_7'",
      );
      const plan = await client.query(
        "SELECT tableoid::regclass::text AS name FROM deliveries WHERE svix_id = 'msg_7'",
      );
      expect(plan.rows[0]?.name).toMatch(/^deliveries_(\d{8}|default)$/);
    } finally {
      await Promise.all([client.end(), sender.end()]);
      await server.stop();
    }
  }, 120_000);
});
