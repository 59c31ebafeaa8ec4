/** Follows the sections "Back up" and "Restore" of docs/runbook.md with their own commands, on Debian's Postgres. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { expect, test } from "vitest";
import { createDatabase, withClient } from "../dev/postgres/server";
import { oldestAndNewest } from "../dev/testing/postgres-versions";
import { findPendingMigrations, migrate } from "./migrate";

/** Returns the commands of a block in the runbook: its first line is the word `sh` and this name. */
function commandsOf(name: string): string {
  const runbook = readFileSync("docs/runbook.md", "utf8");
  const block = new RegExp(`^ *\`\`\`sh ${name}\n([\\s\\S]*?)^ *\`\`\`$`, "m").exec(runbook)?.[1];
  if (!block) throw new Error(`docs/runbook.md has no commands for ${name}`);
  return block;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  return (await withClient(url, (client) => client.query(sql))).rows;
}

/** pg_dump refuses a server that is newer than itself, so the embedded Postgres cannot be dumped with Debian's. */
const installed = oldestAndNewest().find(({ version }) => version !== "embedded");
const canDump = installed !== undefined && existsSync("/usr/bin/pg_dump");

test.skipIf(!canDump)(
  "a backup by the runbook's commands, restored on an empty server, has the rows, the roles and row level security",
  async () => {
    if (!installed) throw new Error("no Postgres of Debian");
    const folder = mkdtempSync(join(tmpdir(), "rollcall-backup-"));
    const [source, target] = await Promise.all([installed.start(), installed.start()]);
    try {
      const original = await createDatabase(source.url, "rollcall");
      await migrate(original);
      await query(
        original,
        "INSERT INTO users (id, version, first_name) VALUES ('user_1', 1, 'Ada'); INSERT INTO sync_facts (name, value) VALUES ('worker', '{}')",
      );
      const restored = await createDatabase(target.url, "restored");
      const run = (commands: string) =>
        execFileSync("bash", ["-c", commands], {
          cwd: folder,
          stdio: "pipe",
          env: { ...process.env, ADMIN_DATABASE_URL: original, ADMIN_RESTORED_URL: restored },
        });
      run(commandsOf("backup"));
      run(commandsOf("restore"));

      expect((await migrate(restored)).applied).toEqual([]);
      const client = new pg.Client(restored);
      await client.connect();
      expect(await findPendingMigrations(client)).toEqual([]);
      const seen = async () => (await client.query("SELECT first_name FROM users")).rows;
      expect(await seen()).toEqual([{ first_name: "Ada" }]);
      // The role of row level security came along, and sees no row without a viewer.
      const { rows } = await client.query("SELECT viewer_role() AS role");
      await client.query(`SET ROLE ${client.escapeIdentifier(String(rows[0]?.role))}`);
      expect(await seen()).toEqual([]);
      await client.end();
    } finally {
      await Promise.all([source.stop(), target.stop()]);
      rmSync(folder, { recursive: true });
    }
  },
);
