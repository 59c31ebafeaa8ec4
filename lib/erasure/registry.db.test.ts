/** Compares the registry of personal data with a migrated database. */
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { findRegistryFaults } from "../../dev/testing/registry-faults";
import { database } from "../db";
import { privacyMarkdown } from "./privacy-table";
import { registry } from "./registry";
import { subjectSql, subjectValues } from "./subject";

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

afterEach(() => sql("DROP TABLE IF EXISTS planted"));

test("every column of the database has a verdict in the registry, and every verdict has a column", async () => {
  expect(await findRegistryFaults()).toEqual([]);
});

test("findRegistryFaults reports a table without verdicts, in any schema", async () => {
  await sql("CREATE TABLE planted (email text)");
  await sql("CREATE SCHEMA planted_schema CREATE TABLE notes (id text)");
  expect(await findRegistryFaults()).toEqual([
    "no verdict: planted.email",
    "no verdict: planted_schema.notes.id",
  ]);
  await sql("DROP SCHEMA planted_schema CASCADE");
});

test("findRegistryFaults reports a column without a verdict, and a verdict without a column", async () => {
  await sql("ALTER TABLE intents RENAME COLUMN args TO arguments");
  expect(await findRegistryFaults()).toEqual([
    "no verdict: intents.arguments",
    "gone: intents.args",
  ]);
  await sql("ALTER TABLE intents RENAME COLUMN arguments TO args");
});

test("findRegistryFaults reports a foreign key that prevents the deletion of a person's rows", async () => {
  await sql(
    "ALTER TABLE handles ADD CONSTRAINT planted FOREIGN KEY (user_id) REFERENCES profiles (user_id)",
  );
  expect(await findRegistryFaults()).toEqual(["blocks an erasure: planted"]);
  await sql("ALTER TABLE handles DROP CONSTRAINT planted");
});

test("findRegistryFaults reports a foreign key that cascades to rows which an erasure keeps", async () => {
  await sql(
    "ALTER TABLE audit_log ADD CONSTRAINT planted FOREIGN KEY (subject) REFERENCES profiles (user_id) ON DELETE CASCADE",
  );
  expect(await findRegistryFaults()).toEqual(["cascades too far: planted"]);
  await sql("ALTER TABLE audit_log DROP CONSTRAINT planted");
});

test("every SQL condition of the registry is valid in Postgres", async () => {
  const subject = {
    id: "user_unknown",
    addresses: ["unknown@example.com"],
    ids: ["orgmem_unknown"],
    deletedAt: null,
  };
  for (const { table, user, organization } of registry) {
    for (const condition of [user, organization]) {
      if (condition === undefined) continue;
      const { rows } = await sql(
        `SELECT t.* FROM ${table} t, ${subjectSql} WHERE ${condition}`,
        subjectValues(subject),
      );
      expect(rows, table).toEqual([]);
    }
  }
});

test("docs/privacy.md contains the tables that npm run privacy:docs prints", () => {
  const text = readFileSync(new URL("../../docs/privacy.md", import.meta.url), "utf8");
  const tables = text.slice(text.indexOf("\n## Tables\n") + "\n## Tables\n\n".length);
  expect(tables).toBe(`${privacyMarkdown()}\n`);
});
