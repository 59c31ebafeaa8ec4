/** Starts what the proof needs: an embedded Postgres with one database per subject, a fault proxy, a fake Clerk API. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrate } from "../../prisma/migrate";
import { createDatabase, startPostgres, withClient } from "../postgres/server";
import { type BackendApi, startBackendApi } from "../testing/backend-api";
import { makeKeys, testEnvironment } from "../testing/environment";
import { type StatementFaults, startStatementFaults } from "./statement-faults";

export type Testbed = {
  clerk: BackendApi;
  openSubjectDatabase(name: string): Promise<SubjectDatabase>;
  close(): Promise<void>;
};

/** The database of one subject. `observer` connects directly, not through the fault proxy. */
export type SubjectDatabase = {
  faults: StatementFaults;
  observer: pg.Client;
  /** Terminates one Postgres backend that is executing a statement of the subject. */
  killBackend(): Promise<void>;
  close(): Promise<void>;
};

/** Triggers that record each row whose version decreases, which must never happen. */
const REGRESSION_TRIGGERS = `
  CREATE TABLE regressions (line text NOT NULL);
  CREATE FUNCTION note_regression() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN INSERT INTO regressions VALUES (TG_TABLE_NAME || ' ' || OLD.id); RETURN NULL; END $$;
  ${["users", "organizations", "memberships", "invitations"]
    .map(
      (table) => `CREATE TRIGGER watch AFTER UPDATE ON ${table} FOR EACH ROW
        WHEN ((NEW.deleted, NEW.version, NEW.event_timestamp, NEW.svix_id COLLATE "C")
            < (OLD.deleted, OLD.version, OLD.event_timestamp, OLD.svix_id COLLATE "C"))
        EXECUTE FUNCTION note_regression();`,
    )
    .join("\n")}`;

/** SQL that subscribes to every effect, and records each object that was ever visible. */
const EFFECT_WATCH = `
  INSERT INTO effect_subscribers (object_table, change, handler)
    SELECT t, c, 'proof' FROM unnest('{users,organizations,memberships,invitations}'::text[]) t,
      unnest('{created,updated,deleted}'::text[]) c;
  CREATE TABLE ever_shown (id text PRIMARY KEY);
  CREATE FUNCTION note_shown() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN INSERT INTO ever_shown VALUES (NEW.id) ON CONFLICT DO NOTHING; RETURN NULL; END $$;
  ${["users", "organizations", "memberships", "invitations"]
    .map(
      (table) => `CREATE TRIGGER note_shown AFTER INSERT OR UPDATE ON ${table} FOR EACH ROW
        WHEN (NOT NEW.deleted AND NEW.version > 0) EXECUTE FUNCTION note_shown();`,
    )
    .join("\n")}`;

export async function openTestbed(): Promise<Testbed> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-prove-"));
  const postgres = await startPostgres({ dataDir: folder });
  // Each simulated crash needs a new connection. By default, SCRAM would hash the password 4,096 times for each connection.
  const { password } = new URL(postgres.url);
  await withClient(postgres.url, async (client) => {
    await client.query("SET scram_iterations = 1");
    await client.query(`ALTER ROLE CURRENT_USER PASSWORD ${client.escapeLiteral(password)}`);
  });
  const clerk = await startBackendApi();
  const template = await createDatabase(postgres.url, "template_proof");
  await migrate(template);
  await withClient(template, (client) => client.query(REGRESSION_TRIGGERS + EFFECT_WATCH));

  async function openSubjectDatabase(name: string): Promise<SubjectDatabase> {
    const direct = await createDatabase(postgres.url, name, { template: "template_proof" });
    const faults = await startStatementFaults(direct);
    const observer = new pg.Client({ connectionString: direct });
    // When a trial fails, Postgres stops before this client disconnects. The connection error would hide the cause.
    observer.on("error", () => undefined);
    await observer.connect();
    // A subject reads these variables when it first uses them, so they are set before the subject is called.
    Object.assign(process.env, testEnvironment(makeKeys(), faults.url), {
      CLERK_API_URL: clerk.url,
    });
    return {
      faults,
      observer,
      killBackend: async () => {
        await observer.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' LIMIT 1`,
        );
      },
      close: async () => {
        await observer.end();
        await faults.close();
      },
    };
  }

  return {
    clerk,
    openSubjectDatabase,
    close: async () => {
      await clerk.close();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
