import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { z } from "zod";
import packageJson from "../package.json";
import { findContractions, findRefusedContractions, readReleases } from "./expand-contract";
import { MIGRATIONS, readMigrations } from "./migrate";

const unique = new Set(["users_email_key"]);
const objectsOf = async (sql: string) =>
  (await findContractions(sql, unique)).map(({ object }) => object);

test.each([
  [`ALTER TABLE "users" DROP COLUMN "search"`, "users.search"],
  [`ALTER TABLE users RENAME COLUMN search TO found`, "users.search"],
  [`ALTER TABLE users RENAME TO people`, "users"],
  [`ALTER TABLE users ALTER COLUMN email SET NOT NULL`, "users.email"],
  [`ALTER TABLE users ALTER COLUMN email TYPE varchar(10)`, "users.email"],
  [`ALTER TABLE users ALTER COLUMN created_at DROP DEFAULT`, "users.created_at"],
  [`ALTER TABLE users ADD COLUMN shoe_size int NOT NULL`, "users.shoe_size"],
  [`ALTER TABLE users ADD COLUMN n int; ALTER TABLE users ALTER COLUMN n SET NOT NULL`, "users.n"],
  [`ALTER TABLE users ADD CONSTRAINT adult CHECK (age > 17)`, "users.adult"],
  [`ALTER TABLE users DROP CONSTRAINT users_pkey`, "users.users_pkey"],
  [`CREATE UNIQUE INDEX one_email ON users (email)`, "one_email"],
  [`DROP INDEX "users_email_key"`, "users_email_key"],
  [`DROP TABLE IF EXISTS users CASCADE`, "users"],
  [`DROP VIEW rollcall_sql.users`, "rollcall_sql.users"],
  [`DROP FUNCTION search_form(text)`, "search_form"],
  [`DROP TRIGGER notify ON users`, "users.notify"],
  [`DROP POLICY seen ON users`, "users.seen"],
  [`DROP TYPE mood`, "mood"],
  [`DROP SCHEMA rollcall_sql`, "rollcall_sql"],
  [`TRUNCATE users`, "users"],
  [`REVOKE SELECT ON users FROM PUBLIC`, "grant"],
  [`DO $$ BEGIN EXECUTE 'ALTER TABLE users DROP COLUMN search'; END $$`, "do"],
])("the migration %s contracts", async (sql, object) => {
  expect(await objectsOf(sql)).toEqual([object]);
});

test.each([
  `ALTER TABLE users ADD COLUMN shoe_size int`,
  `ALTER TABLE users ADD COLUMN shoe_size int NOT NULL DEFAULT 38`,
  `ALTER TABLE users ADD COLUMN sort text GENERATED ALWAYS AS (left(email, 9)) STORED NOT NULL`,
  `ALTER TABLE users ADD COLUMN n int DEFAULT 1; ALTER TABLE users ALTER COLUMN n SET NOT NULL`,
  `ALTER TABLE users ADD COLUMN pet text; ALTER TABLE users ADD CONSTRAINT owns FOREIGN KEY (pet) REFERENCES pets(id); CREATE UNIQUE INDEX one_pet ON users (pet)`,
  `ALTER TABLE users ALTER COLUMN email DROP NOT NULL`,
  `CREATE TABLE pets (id text PRIMARY KEY); ALTER TABLE pets ADD CONSTRAINT named CHECK (id <> ''); CREATE UNIQUE INDEX one ON pets (id)`,
  `CREATE INDEX users_email_idx ON users (email)`,
  `DROP INDEX users_email_idx`,
  `DROP TRIGGER notify ON users; CREATE TRIGGER notify AFTER INSERT ON users EXECUTE FUNCTION f()`,
  `CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$`,
  `ALTER INDEX users_email_idx RENAME TO users_mail_idx`,
  `ALTER TABLE users RENAME TO users_before; CREATE TABLE users (LIKE users_before) PARTITION BY RANGE (created_at)`,
  `DO $$ BEGIN EXECUTE format('GRANT SELECT ON users TO %I', viewer_role()); END $$`,
])("the migration %s expands", async (sql) => {
  expect(await objectsOf(sql)).toEqual([]);
});

const releases = [
  { version: "1.0.0", lastMigration: "20260101000000_a", commit: "" },
  { version: "1.1.0", lastMigration: "20260201000000_b", commit: "" },
];
const sql = "ALTER TABLE users DROP COLUMN search";
const refused = (name: string, comment = "") =>
  findRefusedContractions([{ name, sql: `${comment}\n${sql}` }], releases);

test("a migration that contracts is refused, unless it names a release before it that does not use the object", async () => {
  expect(await refused("20251201000000_before_the_first_release")).toEqual([]);
  expect(await refused("20260301000000_c")).toEqual([
    expect.stringMatching(
      /^20260301000000_c: users\.search \(drops a column\)\..*unused since VERSION/,
    ),
  ]);
  expect(await refused("20260301000000_c", "-- contract: users.search unused since 1.1.0")).toEqual(
    [],
  );
  for (const comment of [
    "-- contract: users.search unused since 1.2.0",
    "-- contract: users.other unused since 1.1.0",
  ])
    expect(await refused("20260301000000_c", comment), comment).toHaveLength(1);
  expect(
    await refused("20260115000000_x", "-- contract: users.search unused since 1.1.0"),
  ).toHaveLength(1);
});

test("no migration since the last release contracts what that release may use", async () => {
  expect(await findRefusedContractions(readMigrations(MIGRATIONS))).toEqual([]);
});

test("prisma/releases.json has a release for each version tag of the repository, and names existing migrations", () => {
  const known = readReleases();
  const names = new Set(readMigrations(MIGRATIONS).map(({ name }) => name));
  for (const { lastMigration } of known) expect(names).toContain(lastMigration);
  const tags = execFileSync("git", ["tag", "--list", "v*"], { encoding: "utf8" }).split("\n");
  const versions = z
    .array(z.string())
    .parse(tags.filter(Boolean))
    .map((tag) => tag.slice(1));
  expect(known.map(({ version }) => version)).toEqual(expect.arrayContaining(versions));
  expect(packageJson.version).toBe(known.at(-1)?.version);
});
