/**
 * Checks that session state is used only on direct connections (see `lib/db.ts`). Session state is what a database session keeps
 * after a transaction, such as a lock. A transaction pooler may run the next transaction in another session.
 */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Matches SQL that keeps state in its session: settings that are not local to a transaction, locks, listeners, temporary tables.
 */
const SESSION_STATE =
  /\b(pg_advisory_lock|pg_try_advisory_lock|pg_advisory_lock_shared|LISTEN \w|LISTEN \$|CREATE TEMP|PREPARE \w|DECLARE \w+ CURSOR|SET (?!LOCAL\b)(SESSION\b|ROLE\b|search_path|statement_timeout|lock_timeout|TIME ZONE))|set_config\([^()]*(\([^()]*\)[^()]*)*, false\)/g;

/**
 * The files that may use session state: they open a direct connection, or prepare a connection that does not go through a pooler.
 */
const onDirectConnections = [
  "lib/db.ts",
  "lib/erasure/erase.ts",
  "lib/live/notify.ts",
  "lib/sync/reconcile/runs.ts",
  "lib/worker/heartbeat.ts",
  "lib/worker/start.ts",
];

const files = readdirSync(`${root}lib`, { recursive: true, encoding: "utf8" })
  .map((file) => `lib/${file}`)
  .filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|^lib\/generated\//.test(file));

/** Removes comments, because they may mention SQL that keeps session state. */
const code = (text: string) => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
const sessionStateIn = (text: string) => code(text).match(SESSION_STATE) ?? [];

test("only code on direct connections keeps state in a database session", () => {
  const found = files.filter(
    (file) => sessionStateIn(readFileSync(`${root}${file}`, "utf8")).length > 0,
  );
  expect(found.sort()).toEqual(onDirectConnections);
});

test.each([
  "SELECT pg_advisory_lock(1)",
  "LISTEN jobs",
  "CREATE TEMP TABLE t (id int)",
  "SET search_path = a",
  "SELECT set_config('role', current_setting('x'), false)",
])("sessionStateIn reports %s", (sql) => {
  expect(sessionStateIn(sql)).toHaveLength(1);
});

test.each([
  "SET LOCAL search_path = a",
  "SELECT pg_advisory_xact_lock(1)",
  "UPDATE t SET role = $1",
])("sessionStateIn does not report %s, which ends with the transaction or sets no state", (sql) => {
  expect(sessionStateIn(sql)).toEqual([]);
});
