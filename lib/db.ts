/** The only Prisma client and the only connection pool; both speak through the same connections. */
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { env } from "./env";
import { PrismaClient } from "./generated/prisma/client";

/** A webhook must be answered within 5 s whatever the database does, so nothing waits longer than this. */
const PATIENCE_MS = 4_000;

type Database = { pool: pg.Pool; prisma: PrismaClient };

/** Kept on globalThis because `next dev` evaluates modules again on every change. */
const store = globalThis as typeof globalThis & { rollcallDatabase?: Database };

/**
 * A connection may break at any moment, also between two hands, where neither the pool nor whoever takes it listens: the
 * event would end the process. The pool replaces what is broken, and whoever uses it hears of it from the query.
 */
export function surviveBreaks(pool: pg.Pool): void {
  const ignore = () => undefined;
  pool.on("error", ignore);
  pool.on("connect", (client) => client.on("error", ignore));
}

function connect(): Database {
  const pool = new pg.Pool({
    connectionString: env().databaseUrl,
    application_name: "rollcall",
    max: 10,
    connectionTimeoutMillis: 2_000,
    query_timeout: PATIENCE_MS,
    statement_timeout: PATIENCE_MS,
  });
  surviveBreaks(pool);
  return { pool, prisma: new PrismaClient({ adapter: new PrismaPg(pool) }) };
}

export function database(): Database {
  store.rollcallDatabase ??= connect();
  return store.rollcallDatabase;
}

/**
 * One statement. Unlike `pool.query`, keeps the connection when only the statement failed: a refused duplicate must not
 * cost the next delivery a new one.
 */
export async function runStatement<Row extends pg.QueryResultRow>(
  statement: pg.QueryConfig,
): Promise<Row[]> {
  const client = await database().pool.connect();
  let isBroken = false;
  try {
    return (await client.query<Row>(statement)).rows;
  } catch (error) {
    isBroken = !(error instanceof pg.DatabaseError && error.severity !== "FATAL");
    throw error;
  } finally {
    client.release(isBroken);
  }
}

/** What "live" means for a mirrored row: its event has come, and it is not buried. */
export const live = { deleted: false, version: { gt: 0 } } as const;

/**
 * A FROM item that turns on asynchronous commit for this one statement's transaction. Only for a reconciliation: what a
 * crash loses is read again from Clerk, and its cursor is written after the rows, so no crash keeps the cursor alone.
 */
export const withAsyncCommit =
  "(SELECT set_config('synchronous_commit', 'off', true)) AS with_async_commit";
