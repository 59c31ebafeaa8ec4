import { expect, test } from "vitest";
import { migrate } from "../prisma/migrate";
import { closeDatabase, database } from "./db";
import { takeLease } from "./sync/reconcile/runs";

process.env.DATABASE_URL = `${process.env.DATABASE_URL}?sslmode=prefer`;

test("with sslmode=prefer, queries, direct connections and migrations reach a server without TLS", async () => {
  const { rows } = await database().pool.query(
    "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
  );
  expect(rows).toEqual([{ ssl: false }]);
  expect(await database().prisma.user.count()).toBe(0);
  const lease = await takeLease();
  await lease.release();
  expect(await migrate(process.env.DATABASE_URL ?? "")).toEqual({ applied: [] });
  await closeDatabase();
});
