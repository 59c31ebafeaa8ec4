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

function connect(): Database {
  const pool = new pg.Pool({
    connectionString: env().databaseUrl,
    application_name: "rollcall",
    max: 10,
    connectionTimeoutMillis: 2_000,
    query_timeout: PATIENCE_MS,
    statement_timeout: PATIENCE_MS,
  });
  // An idle connection that breaks is replaced by the pool; without a listener the event would end the process.
  pool.on("error", () => undefined);
  return { pool, prisma: new PrismaClient({ adapter: new PrismaPg(pool) }) };
}

export function database(): Database {
  store.rollcallDatabase ??= connect();
  return store.rollcallDatabase;
}

/**
 * One statement. Unlike `pool.query`, keeps the connection when only the statement failed: a refused duplicate must not
 * cost the next delivery a new one.
 *
 * With callbacks, because a promise hands the connection over a moment later: what breaks it in that moment would find
 * no listener, and end the process.
 */
export function runStatement<Row extends pg.QueryResultRow>(
  statement: pg.QueryConfig,
): Promise<Row[]> {
  return new Promise((resolve, reject) => {
    database().pool.connect((failure, client, release) => {
      if (!client) {
        reject(failure);
        return;
      }
      // A connection that breaks also fails its query, which tells the caller.
      const ignore = () => undefined;
      client.on("error", ignore);
      client.query<Row>(statement, (error, result) => {
        const isBroken =
          Boolean(error) && !(error instanceof pg.DatabaseError && error.severity !== "FATAL");
        // What is thrown away may still say why it broke.
        if (!isBroken) client.off("error", ignore);
        release(isBroken);
        if (error) reject(error);
        else resolve(result.rows);
      });
    });
  });
}

/** What "live" means for a mirrored row: its event has come, and it is not buried. */
export const live = { deleted: false, version: { gt: 0 } } as const;
