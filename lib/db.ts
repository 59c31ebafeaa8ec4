/**
 * The only Prisma client and the only connection pool; Prisma uses the pool's connections. A hot standby has another of each, which
 * only `replica.ts` uses. Everything that goes through a pool works behind a transaction pooler: it uses no startup parameter, no
 * named statement and no session state. What needs a session (LISTEN, advisory locks) uses {@link directConnection}.
 */
import { PrismaPg } from "@prisma/adapter-pg";
import pg from "pg";
import { type DatabaseTarget, parseDatabaseUrl } from "./database-url";
import { env } from "./env";
import { PrismaClient } from "./generated/prisma/client";
import { tlsConfig } from "./preferred-tls";
import { keepCallerContext, traceStatements } from "./telemetry/statements";

/** A webhook needs a response within 5 s whatever the database does, so every statement is cancelled after this time. */
const STATEMENT_TIMEOUT_MS = 4_000;

/** How long a query waits for a free connection of the pool, or for a new connection to open. */
const CONNECT_TIMEOUT_MS = 2_000;

const POOL_SIZE = 10;

/** `pooled` if connections go through a connection pooler. Null until the first connection is open. */
export type ConnectionMode = "direct" | "pooled" | null;

type Database = {
  pool: pg.Pool;
  /** Connects clients of Prisma to the pool. Their statements name the schema of the URL. */
  adapter: PrismaPg;
  prisma: PrismaClient;
  mode: ConnectionMode;
};

/** Stored on globalThis because `next dev` evaluates modules again on every change. */
const store = globalThis as typeof globalThis & {
  rollcallDatabase?: Database;
  rollcallReplicaDatabase?: Database;
};

/**
 * Keeps a broken connection from ending the process. A connection may break while neither the pool nor a caller listens to it,
 * and Node throws an error event that has no listener. The pool replaces the connection; a query that still uses it fails.
 */
export function ignoreConnectionErrors(pool: pg.Pool): void {
  const ignore = () => undefined;
  pool.on("error", ignore);
  pool.on("connect", (client) => client.on("error", ignore));
}

/**
 * True if the connection leads directly to the server, false if it goes through a pooler. When a connection opens, the server
 * sends its process id. A pooler serves one client with many server processes, so the id that it sends is invented.
 * https://www.pgbouncer.org/features.html
 */
export async function hasServerProcess(client: pg.ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid === Reflect.get(client, "processID");
}

async function isBehindPooler(client: pg.ClientBase, target: DatabaseTarget): Promise<boolean> {
  return target.isPooled ?? !(await hasServerProcess(client));
}

/** Removes statement names: a named statement exists in one session only, and a transaction pooler may switch sessions. */
function withoutNamedStatements(client: pg.ClientBase): void {
  const query = client.query;
  const unnamed = (config: unknown, ...rest: unknown[]): unknown => {
    const isNamed = typeof config === "object" && config !== null && "name" in config;
    const given = isNamed && !("submit" in config) ? { ...config, name: undefined } : config;
    return Reflect.apply(query, client, [given, ...rest]);
  };
  Reflect.set(client, "query", unnamed);
}

function searchPathOf(schema: string): string {
  return `${pg.escapeIdentifier(schema)}, public`;
}

/**
 * Checks that the role's own search_path begins with `schema`: through a pooler, `SET` would leak to other clients. @throws if it
 * does not.
 */
async function requireSchema(client: pg.ClientBase, { schema, label }: DatabaseTarget) {
  const { rows } = await client.query<{ name: string | null }>("SELECT current_schema() AS name");
  if (rows[0]?.name === schema) return;
  throw new Error(
    `DATABASE_URL asks for the schema ${schema} through a pooler (${label}). Set it for the role: ALTER ROLE … IN DATABASE … SET search_path = ${schema}, public.`,
  );
}

async function prepareSession(client: pg.ClientBase, target: DatabaseTarget, made: Database) {
  if (await isBehindPooler(client, target)) {
    made.mode = "pooled";
    withoutNamedStatements(client);
    if (target.schema !== undefined) await requireSchema(client, target);
    return;
  }
  made.mode = "direct";
  const path =
    target.schema === undefined ? "" : `; SET search_path = ${searchPathOf(target.schema)}`;
  await client.query(`SET statement_timeout = ${STATEMENT_TIMEOUT_MS}${path}`);
}

/**
 * Returns Prisma's `maxWait` in ms: 1 s longer than the pool's own wait, so that the pool's error, which names the cause, comes
 * first. With Prisma's default, a longer `pool_timeout` would end early.
 */
const maxWaitOf = (poolWaitMs: number) => (poolWaitMs === 0 ? 2 ** 31 - 1 : poolWaitMs + 1_000);

function connect(url: string, defaultWaitMs = CONNECT_TIMEOUT_MS): Database {
  const target = parseDatabaseUrl(url);
  // 0 means no limit.
  const waitMs = target.poolTimeoutMs ?? target.connectTimeoutMs ?? defaultWaitMs;
  const isTraced = env().tracingProtocol !== null;
  const pool = new pg.Pool({
    connectionString: target.connectionString,
    ...tlsConfig(target),
    application_name: "rollcall",
    max: env().databasePoolSize ?? target.poolSize ?? POOL_SIZE,
    connectionTimeoutMillis: waitMs,
    query_timeout: STATEMENT_TIMEOUT_MS,
    onConnect: async (client) => {
      await prepareSession(client, target, made);
      if (isTraced) traceStatements(client);
    },
  });
  ignoreConnectionErrors(pool);
  if (isTraced) keepCallerContext(pool);
  const adapter = new PrismaPg(pool, target.schema === undefined ? {} : { schema: target.schema });
  const transactionOptions = { maxWait: maxWaitOf(waitMs) };
  const made: Database = {
    pool,
    adapter,
    prisma: new PrismaClient({ adapter, transactionOptions }),
    mode: null,
  };
  return made;
}

/**
 * Returns the configuration of a direct connection outside the pool. Such a connection keeps its session, which LISTEN, advisory
 * locks and the job queue need.
 */
export function directConnection(applicationName: string): pg.ClientConfig {
  const target = parseDatabaseUrl(env().directDatabaseUrl);
  const { connectionString, schema, connectTimeoutMs } = target;
  return {
    connectionString,
    ...tlsConfig(target),
    application_name: applicationName,
    keepAlive: true,
    ...(connectTimeoutMs === undefined ? {} : { connectionTimeoutMillis: connectTimeoutMs }),
    ...(schema === undefined
      ? {}
      : { options: `-c search_path=${searchPathOf(schema).replaceAll(" ", "")}` }),
  };
}

/** Ends the pool if it was opened. A command calls this last; otherwise open connections keep its process running. */
export async function closeDatabase(): Promise<void> {
  await store.rollcallDatabase?.pool.end();
  await store.rollcallReplicaDatabase?.pool.end();
}

export function database(): Database {
  store.rollcallDatabase ??= connect(env().databaseUrl);
  return store.rollcallDatabase;
}

/** A read from the standby can go to the primary instead, so it does not wait long for a connection. */
const REPLICA_TIMEOUT_MS = 500;

/** The client of the hot standby. Only `replica.ts` uses it: it knows when the standby may be read. */
export function replicaDatabase(url: string): Pick<Database, "pool" | "prisma"> {
  store.rollcallReplicaDatabase ??= connect(url, REPLICA_TIMEOUT_MS);
  return store.rollcallReplicaDatabase;
}

/**
 * Runs one statement. If only the statement fails, the connection stays in the pool, unlike with `pool.query`: a rejected
 * duplicate delivery does not cost the next delivery a new connection.
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

/** The pool, or one of its clients inside a transaction. */
export type Queryable = Pick<pg.ClientBase, "query">;

/** Runs `work` in one transaction on one connection; rolls back when it throws. */
export async function transaction<Result>(
  work: (db: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await database().pool.connect();
  let isBroken = false;
  try {
    await client.query("BEGIN");
    const result = await work(client);
    await client.query("COMMIT");
    return result;
  } catch (error) {
    // A connection that cannot roll back is not given to the next caller.
    await client.query("ROLLBACK").catch(() => {
      isBroken = true;
    });
    throw error;
  } finally {
    client.release(isBroken);
  }
}

/**
 * Prisma filter for mirrored rows that may be shown: not deleted, and not a stub (version 0), whose own event has not arrived.
 */
export const notDeleted = { deleted: false, version: { gt: 0 } } as const;

/**
 * A FROM item that turns on asynchronous commit for the statement's transaction. Only for a reconciliation: its cursor is
 * committed after the rows, so a crash that loses rows also loses the cursor, and the reconciliation reads the rows from Clerk
 * again.
 */
export const withAsyncCommit =
  "(SELECT set_config('synchronous_commit', 'off', true)) AS with_async_commit";
