import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isAlive } from "../local-clerk/process-identity";
import { createDatabase, dropDatabase, type Postgres, startPostgres } from "./server";

let folder: string;
let dataDir: string;
const started: Postgres[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-postgres-"));
  dataDir = join(folder, "postgres");
});

afterEach(async () => {
  for (const postgres of started.splice(0)) await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(port?: number): Promise<Postgres> {
  const postgres = await startPostgres({ dataDir, port });
  started.push(postgres);
  return postgres;
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

async function died(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

function pidOf({ process }: Postgres): number {
  if (process.pid === undefined) throw new Error("the server was not started");
  return process.pid;
}

describe("the embedded Postgres", { timeout: 60_000 }, () => {
  test("the embedded Postgres is durable, UTF-8 and on loopback only, and keeps data, port and password over a restart", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept AS SELECT 'Zoë' AS name");
    const [settings] = await query(
      first.url,
      `SELECT current_setting('fsync') AS fsync, current_setting('server_encoding') AS encoding,
              current_setting('listen_addresses') AS addresses, current_database() AS database,
              current_setting('unix_socket_directories') AS sockets`,
    );
    expect(settings).toEqual({
      fsync: "on",
      encoding: "UTF8",
      addresses: "127.0.0.1",
      database: "rollcall",
      sockets: "",
    });
    await first.stop();
    expect(isAlive(pidOf(first))).toBe(false);

    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await query(second.url, "SELECT name FROM kept")).toEqual([{ name: "Zoë" }]);
    expect(statSync(join(dataDir, "data", "rollcall-password")).mode & 0o777).toBe(0o600);
  });

  test("the embedded Postgres refuses a wrong password", async () => {
    const { url } = await start();
    const wrong = new URL(url);
    wrong.password = "guessed";
    await expect(query(wrong.href, "SELECT 1")).rejects.toThrow(/password authentication failed/);
  });

  test("after kill -9 the embedded Postgres starts with every committed row", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept AS SELECT 7 AS number");
    process.kill(pidOf(first), "SIGKILL");
    await died(pidOf(first));

    const second = await start();
    expect(await query(second.url, "SELECT number FROM kept")).toEqual([{ number: 7 }]);
  });

  test("startPostgres stops the server that a killed process left running, and starts a new server on the same data", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept AS SELECT 7 AS number");
    writeFileSync(join(dataDir, "owner.json"), JSON.stringify({ pid: 999_999_999, birth: "gone" }));

    const second = await start();
    expect(pidOf(second)).not.toBe(pidOf(first));
    expect(isAlive(pidOf(first))).toBe(false);
    expect(await query(second.url, "SELECT number FROM kept")).toEqual([{ number: 7 }]);
  });

  test("a second startPostgres on the same data folder is refused, and the running server is not touched", async () => {
    const first = await start();
    await expect(start()).rejects.toThrow(
      `is in use by process ${process.pid}. Stop that one first.`,
    );
    expect(await query(first.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("startPostgres succeeds despite a postmaster.pid whose pid now belongs to another program", async () => {
    await (await start()).stop();
    const stranger = spawn("sleep", ["60"]);
    try {
      const lockFile = [
        stranger.pid,
        join(dataDir, "data"),
        1,
        5432,
        "",
        "127.0.0.1",
        "0 0",
        "ready",
      ];
      writeFileSync(join(dataDir, "data", "postmaster.pid"), `${lockFile.join("\n")}\n`);
      const again = await start();
      expect(await query(again.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
      expect(stranger.exitCode).toBeNull();
    } finally {
      stranger.kill();
    }
  });

  test("when its stored port is taken, the embedded Postgres uses another port and stores that port", async () => {
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(first.port, "127.0.0.1");
    await new Promise((resolve) => squatter.once("listening", resolve));
    try {
      const second = await start();
      expect(second.port).not.toBe(first.port);
      expect(readFileSync(join(dataDir, "port"), "utf8")).toBe(String(second.port));
      await second.stop();
      await expect(start(first.port)).rejects.toThrow(`Port ${first.port}, wanted for the local`);
    } finally {
      squatter.close();
    }
  });

  test("createDatabase creates a database, also from a template, and dropDatabase drops it", async () => {
    const { url } = await start();
    const template = await createDatabase(url, "a template");
    await query(template, "CREATE TABLE kept AS SELECT 7 AS number");
    const copy = await createDatabase(url, "a copy", { template: "a template" });
    expect(await query(copy, "SELECT number FROM kept")).toEqual([{ number: 7 }]);
    await dropDatabase(url, "a copy");
    await expect(query(copy, "SELECT 1")).rejects.toThrow(/does not exist/);
  });

  describe("names the remedy in one line, and deletes nothing, when the data", () => {
    const DELETE =
      /^The local database in \S+ is damaged: .+\. Delete \S+ and start again \(the local data is lost\), or set DATABASE_URL\.$/;
    const NOT_STARTED =
      /^The local Postgres did not start: .+ has more\. Correct that, or move \S+ away to start with a new one, or set DATABASE_URL\.$/;
    const MOVE =
      /^The local database in \S+ cannot be used: .+\. The data is whole\. Move \S+ away and start again with a new one, or set DATABASE_URL\.$/;

    let whole: string;

    beforeAll(async () => {
      whole = mkdtempSync(join(tmpdir(), "rollcall-postgres-whole-"));
      await (await startPostgres({ dataDir: whole })).stop();
    });

    afterAll(() => rmSync(whole, { recursive: true, force: true }));

    async function expectRefusal(
      damage: (data: string) => void,
      reason: string | RegExp,
      remedy = DELETE,
    ) {
      cpSync(whole, dataDir, { recursive: true });
      const data = join(dataDir, "data");
      damage(data);
      const refusal = await start().catch((error: Error) => error.message);
      expect(refusal).toMatch(remedy);
      expect(refusal).toMatch(reason);
      expect(existsSync(join(data, "base"))).toBe(true);
    }

    test("a data folder without PG_VERSION is refused with an error that names the remedy, and nothing is deleted", () =>
      expectRefusal((data) => rmSync(join(data, "PG_VERSION")), "PG_VERSION is missing"));

    test("a data folder of another major version is refused with an error that names the remedy", () =>
      expectRefusal(
        (data) => writeFileSync(join(data, "PG_VERSION"), "17\n"),
        "made by Postgres 17",
        MOVE,
      ));

    test("a pg_control of another build is reported with Postgres' reason, without the advice to delete data", () =>
      expectRefusal(
        (data) => writeFileSync(join(data, "global/pg_control"), "x".repeat(8192)),
        /incompatible/,
        NOT_STARTED,
      ));

    test("a data folder without pg_control is refused with an error that names the remedy", () =>
      expectRefusal((data) => rmSync(join(data, "global/pg_control")), /pg_control|control file/));

    test("a data folder without pg_wal is refused with an error that names the remedy", () =>
      expectRefusal(
        (data) => rmSync(join(data, "pg_wal"), { recursive: true }),
        /pg_wal|checkpoint/,
      ));

    test("a data folder with a missing system catalogue is refused with an error that names the remedy", () =>
      expectRefusal((data) => {
        rmSync(join(data, "global/1260"));
        rmSync(join(data, "global/1262"));
      }, /./));

    test("a data folder without the password file is refused with an error that names the remedy", () =>
      expectRefusal(
        (data) => rmSync(join(data, "rollcall-password")),
        /password file \S+ is missing/,
        MOVE,
      ));

    test("settings that Postgres refuses are reported with its reason, without the advice to delete data", async () => {
      cpSync(whole, dataDir, { recursive: true });
      const settings = join(dataDir, "data/postgresql.conf");
      writeFileSync(settings, "no_such_setting = on\n");
      await expect(start()).rejects.toThrow(
        /^The local Postgres did not start: .*server\.log has more\. Correct that/,
      );
    });
  });
});
