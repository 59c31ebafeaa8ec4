/**
 * Checks the database: whether it responds, its version, whether the app reaches it directly or through a pooler, whether the
 * app's role may migrate it, and its schema.
 */
import pg from "pg";
import { z } from "zod";
import {
  createdNames,
  findPendingMigrations,
  MIGRATIONS,
  readMigrations,
} from "../../prisma/migrate";
import { requireRights } from "../../prisma/rights";
import { explainDatabaseError } from "../database-fault";
import { parseDatabaseUrl } from "../database-url";
import { database, directConnection, hasServerProcess, replicaDatabase } from "../db";
import { env } from "../env";
import { UserError } from "../errors";
import { findReplicaStatus } from "../replica";
import { checkArchive } from "./check-archive";
import { checkOptionalParts } from "./check-optional-parts";
import { type Finding, finding, ok } from "./finding";

const CHECK = "Database";
const serverShape = z.object({ version: z.string(), name: z.string() });
type Server = z.output<typeof serverShape>;

const QUESTION = "SELECT current_setting('server_version') AS version, current_database() AS name";

function failure(check: string, error: unknown, label: string): Finding {
  const { sentence, remedy } = explainDatabaseError(error, label);
  return finding("bad", check, sentence, remedy);
}

/**
 * Makes a failed check from an error whose message is written for an operator. The first sentence of the message names the
 * problem; the other sentences are the remedy.
 */
function refused(check: string, { message }: UserError): Finding {
  const [sentence = message, ...rest] = message.split(/(?<=\.) |(?<=:)\n+/);
  return finding("bad", check, sentence, rest.join(" ").trim());
}

/**
 * Checks that no pooler is between this process and Postgres: LISTEN, advisory locks and the queue each need a database session
 * of their own.
 */
async function checkDirect(client: pg.Client): Promise<Finding> {
  const check = "Direct connection";
  return (await hasServerProcess(client))
    ? ok(check, "Live updates, locks and migrations have connections of their own.")
    : finding(
        "bad",
        check,
        "LISTEN, advisory locks and migrations would go through a pooler, which gives their session to others.",
        "Set DIRECT_DATABASE_URL to the server's own address.",
      );
}

async function checkRights(client: pg.Client, label: string): Promise<Finding> {
  try {
    await requireRights(client, label, createdNames(readMigrations(MIGRATIONS)));
    return ok("Rights", "The role may migrate the database.");
  } catch (error) {
    if (error instanceof UserError) return refused("Rights", error);
    throw error;
  }
}

async function checkSchema(client: pg.Client): Promise<Finding> {
  try {
    const pending = await findPendingMigrations(client);
    return pending.length === 0
      ? ok("Schema", "Every migration of this version is applied.")
      : finding(
          "bad",
          "Schema",
          `${pending.length} migrations of this version are not applied, the first is ${pending[0]}.`,
          "Run `npm run db:migrate`.",
        );
  } catch (error) {
    if (error instanceof UserError) return refused("Schema", error);
    throw error;
  }
}

async function checkSession(pooled: Server): Promise<Finding[]> {
  const { label } = parseDatabaseUrl(env().directDatabaseUrl);
  const client = new pg.Client({
    ...directConnection("rollcall doctor"),
    connectionTimeoutMillis: 5_000,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const server = serverShape.parse((await client.query(QUESTION)).rows[0]);
    if (server.name !== pooled.name) {
      return [
        finding(
          "bad",
          "Direct connection",
          `DIRECT_DATABASE_URL names the database ${server.name}, DATABASE_URL names ${pooled.name}.`,
          "Both must lead to the same database.",
        ),
      ];
    }
    const schema = await checkSchema(client);
    return [
      await checkDirect(client),
      await checkRights(client, label),
      schema,
      ...(schema.state === "good"
        ? [...(await checkOptionalParts(client)), ...(await checkArchive(client))]
        : []),
    ];
  } catch (error) {
    return [failure("Direct connection", error, label)];
  } finally {
    await client.end();
  }
}

/** Checks the hot standby: whether it answers, is a standby of this database, and how far it is behind. */
async function checkReplica(): Promise<Finding[]> {
  const { databaseReplicaUrl } = env();
  if (databaseReplicaUrl === undefined) return [];
  const check = "Read replica";
  const { label } = parseDatabaseUrl(databaseReplicaUrl);
  try {
    const server = serverShape.parse(
      (await replicaDatabase(databaseReplicaUrl).pool.query(QUESTION)).rows[0],
    );
    const status = await findReplicaStatus();
    if (status?.state === "in-use")
      return [
        ok(
          check,
          `${label} answers: Postgres ${server.version}, at most ${Math.ceil(status.behindMs ?? 0)} ms behind.`,
        ),
      ];
    const remedy = "Lists and plots are read from the primary until then.";
    return status?.state === "not-a-standby"
      ? [finding("bad", check, `${label} is no standby.`, `Name a hot standby. ${remedy}`)]
      : [finding("warn", check, `${label} is too far behind.`, `Check replication. ${remedy}`)];
  } catch (error) {
    return [failure(check, error, label)];
  }
}

export async function checkDatabase(): Promise<Finding[]> {
  const { label } = parseDatabaseUrl(env().databaseUrl);
  try {
    const server = serverShape.parse((await database().pool.query(QUESTION)).rows[0]);
    const mode =
      database().mode === "pooled" ? "through a connection pooler" : "directly, without a pooler";
    const found = ok(CHECK, `${label} answers: Postgres ${server.version}, reached ${mode}.`);
    return [found, ...(await checkSession(server)), ...(await checkReplica())];
  } catch (error) {
    return [failure(CHECK, error, label)];
  }
}
