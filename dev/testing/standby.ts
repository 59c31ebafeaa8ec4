/**
 * Starts a primary and a hot standby that streams from it: two embedded Postgres servers. The standby is made from a copy of the
 * primary's files in backup mode, because the embedded server comes without pg_basebackup:
 * https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import type pg from "pg";
import { migrate } from "../../prisma/migrate";
import { type Postgres, startPostgres, withClient } from "../postgres/server";

export type PrimaryAndStandby = {
  primaryUrl: string;
  standbyUrl: string;
  /** Runs a statement on the standby, such as pg_wal_replay_pause(). */
  onStandby(sql: string): Promise<pg.QueryResult>;
  stopStandby(): Promise<void>;
  /** Starts the standby again on its old port. */
  startStandby(): Promise<void>;
  stop(): Promise<void>;
};

/** Files that a copy must not have: the primary's process, its log, which the standby streams, and its own settings. */
const LEFT_OUT = /^(postmaster\.(pid|opts)|pg_wal\/.+|pg_replslot\/.+|pg_stat_tmp\/.+)$/;

function copyFiles(from: string, to: string): void {
  const filter = (source: string) => !LEFT_OUT.test(relative(from, source));
  cpSync(from, to, { recursive: true, filter });
}

export async function startPrimaryAndStandby(): Promise<PrimaryAndStandby> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-replication-"));
  const [primaryDir, standbyDir] = [join(folder, "primary"), join(folder, "standby")];
  const primary = await startPostgres({ dataDir: primaryDir });
  await migrate(primary.url);
  const [source, target] = [join(primaryDir, "data"), join(standbyDir, "data")];
  mkdirSync(standbyDir, { recursive: true });
  await withClient(primary.url, async (client) => {
    await client.query("SELECT pg_backup_start('standby', fast => true)");
    copyFiles(source, target);
    const { rows } = await client.query("SELECT labelfile FROM pg_backup_stop()");
    writeFileSync(join(target, "backup_label"), String(rows[0].labelfile));
  });
  const { username, password, port } = new URL(primary.url);
  appendFileSync(
    join(target, "postgresql.auto.conf"),
    `primary_conninfo = 'host=127.0.0.1 port=${port} user=${username} password=${decodeURIComponent(password)}'\n`,
  );
  writeFileSync(join(target, "standby.signal"), "");
  let standby: Postgres = await startPostgres({ dataDir: standbyDir });
  const standbyPort = standby.port;
  return {
    primaryUrl: primary.url,
    standbyUrl: standby.url,
    onStandby: (sql) => withClient(standby.url, (client) => client.query(sql)),
    stopStandby: () => standby.stop(),
    startStandby: async () => {
      standby = await startPostgres({ dataDir: standbyDir, port: standbyPort });
    },
    stop: async () => {
      await standby.stop();
      await primary.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
