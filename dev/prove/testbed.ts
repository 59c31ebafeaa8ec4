/** Where the proof happens: an embedded Postgres with a database for each subject, faults in front of it, Clerk's API. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { migrate } from "../../prisma/migrate";
import { createDatabase, startPostgres, withClient } from "../postgres/server";
import { type BackendLists, startBackendLists } from "../testing/backend-lists";
import { makeKeys, testEnvironment } from "../testing/environment";
import { type StatementFaults, startStatementFaults } from "./statement-faults";

export type Lab = {
  clerk: BackendLists;
  openBench(name: string): Promise<Bench>;
  close(): Promise<void>;
};

/** One subject's database. `observer` does not go through the faults. */
export type Bench = {
  faults: StatementFaults;
  observer: pg.Client;
  /** Ends whichever backend of the subject is at work now. */
  killBackend(): Promise<void>;
  close(): Promise<void>;
};

/** Written by triggers when a row's clock goes back, which must not happen at any moment. */
const WATCH = `
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

export async function openLab(): Promise<Lab> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-prove-"));
  const postgres = await startPostgres({ dataDir: folder });
  // Crashes cost connections, and a connection's cost would be that of hashing a password 4,096 times.
  const { password } = new URL(postgres.url);
  await withClient(postgres.url, async (client) => {
    await client.query("SET scram_iterations = 1");
    await client.query(`ALTER ROLE CURRENT_USER PASSWORD ${client.escapeLiteral(password)}`);
  });
  const clerk = await startBackendLists();
  const template = await createDatabase(postgres.url, "template_proof");
  await migrate(template);
  await withClient(template, (client) => client.query(WATCH));

  async function openBench(name: string): Promise<Bench> {
    const direct = await createDatabase(postgres.url, name, { template: "template_proof" });
    const faults = await startStatementFaults(direct);
    const observer = new pg.Client({ connectionString: direct });
    // It ends with the server when a trial fails; what failed is more worth telling.
    observer.on("error", () => undefined);
    await observer.connect();
    // What a subject reads when it is first used.
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
    openBench,
    close: async () => {
      await clerk.close();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
