/**
 * Prisma's schema engine as WebAssembly. Used only to compute the SQL that leads from the migrations to the schema.
 *
 * The `prisma` package also uses `@prisma/schema-engine-wasm`. Its interface is not documented, so its version is pinned to
 * Prisma's. It connects to Postgres through the adapter below. `@prisma/adapter-pg` 7.10 does not work here: it does not know the
 * catalogue's type "char", uses the main database as the shadow database when given a connection string, and drops the shadow
 * database while connected to it.
 *
 * `url` must be a scratch database: the engine runs every migration in it.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import {
  bindMigrationAwareSqlAdapterFactory,
  type ColumnType,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlQuery,
} from "@prisma/driver-adapter-utils";
import * as engine from "@prisma/schema-engine-wasm/schema_engine_bg";
import pg from "pg";
import type { Migration } from "./migrate";

type DiffOptions = {
  url: string;
  schema: { path: string; content: string };
  migrations: Migration[];
};

/** Resolves to the SQL that the migrations lack; empty when they agree with the schema. */
export async function diff({ url, schema, migrations }: DiffOptions): Promise<string> {
  loadEngine();
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  // Ignores the error event that the pool emits when the server closes an idle connection.
  pool.on("error", () => {});
  const connect = async () => new ScratchDatabase(pool);
  const factory = bindMigrationAwareSqlAdapterFactory({
    provider: "postgres",
    adapterName: "@prisma/adapter-pg",
    connect,
    connectToShadowDb: connect,
  });
  try {
    const session = await engine.SchemaEngine.new({ datamodels: undefined }, () => {}, factory);
    const { exitCode, stdout } = await session.diff({
      from: {
        tag: "migrations",
        baseDir: "prisma/migrations",
        lockfile: { path: "migration_lock.toml", content: 'provider = "postgresql"\n' },
        shadowDbInitScript: "",
        migrationDirectories: migrations.map(({ name, sql }) => ({
          path: name,
          migrationFile: { path: "migration.sql", content: { tag: "ok", value: sql } },
        })),
      },
      to: { tag: "schemaDatamodel", files: [schema] },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    });
    return exitCode === 0 ? "" : (stdout ?? "");
  } finally {
    await pool.end();
  }
}

let isLoaded = false;

function loadEngine(): void {
  if (isLoaded) return;
  const require = createRequire(import.meta.url);
  const glue = require.resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const wasm = new WebAssembly.Module(readFileSync(glue.replace(/\.js$/, ".wasm")));
  const { exports } = new WebAssembly.Instance(wasm, { "./schema_engine_bg.js": { ...engine } });
  // Before the engine aborts because of a panic, it passes the message to this function.
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: console.error } });
  engine.__wbg_set_wasm(exports);
  if (typeof exports.__wbindgen_start === "function") exports.__wbindgen_start();
  isLoaded = true;
}

class ScratchDatabase implements SqlDriverAdapter {
  readonly provider = "postgres";
  readonly adapterName = "@prisma/adapter-pg";

  constructor(private readonly pool: pg.Pool) {}

  async queryRaw({ sql, args }: SqlQuery) {
    const { fields, rows } = await this.pool.query({ text: sql, values: args, rowMode: "array" });
    return {
      columnNames: fields.map(({ name }) => name),
      columnTypes: fields.map(({ dataTypeID }) => columnTypeOf(dataTypeID)),
      rows,
    };
  }

  async executeRaw({ sql, args }: SqlQuery) {
    return (await this.pool.query(sql, args)).rowCount ?? 0;
  }

  async executeScript(script: string) {
    await this.pool.query(script);
  }

  startTransaction(): never {
    throw new Error("the schema engine asked for a transaction, which a diff does not need");
  }

  getConnectionInfo() {
    return { schemaName: "public", supportsRelationJoins: true };
  }

  /** Does nothing: `diff` created the pool and ends it. */
  async dispose() {}
}

/** Prisma's column type for each Postgres type, by the type's object id. */
const COLUMN_TYPES: Record<number, ColumnType> = {
  16: ColumnTypeEnum.Boolean,
  18: ColumnTypeEnum.Character,
  19: ColumnTypeEnum.Text,
  20: ColumnTypeEnum.Int64,
  21: ColumnTypeEnum.Int32,
  23: ColumnTypeEnum.Int32,
  25: ColumnTypeEnum.Text,
  26: ColumnTypeEnum.Int64,
  1003: ColumnTypeEnum.TextArray,
  1005: ColumnTypeEnum.Int32Array,
  1009: ColumnTypeEnum.TextArray,
  1043: ColumnTypeEnum.Text,
};

function columnTypeOf(oid: number): ColumnType {
  const type = COLUMN_TYPES[oid];
  if (type === undefined) throw new Error(`the schema engine read a column of unknown type ${oid}`);
  return type;
}
