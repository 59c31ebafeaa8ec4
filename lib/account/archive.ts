/**
 * Builds the data archive of a user: a zip file with one JSON file for each table and an HTML page. Tables are read in pages by
 * primary key, so memory stays flat, no connection is held between pages, and reading stops when the download ends. The pages are
 * not one snapshot: a row that changes meanwhile appears in its old or its new state.
 */
import { database } from "../db";
import { indexPage, type Shown } from "./index-page";
import type { PersonalTable } from "./personal-table";
import { personalTables } from "./personal-tables";
import { type ZipEntry, zip } from "./zip";

const PAGE_SIZE = 5_000;

/** The maximum number of rows of each table on the HTML page. */
const SHOWN_ROWS = 50;

type Row = { json: string; key: string[] };

/**
 * Returns the SQL that reads one page of a table's rows. Parameters: the user's id; from the second page on also the primary key
 * of the previous page's last row (`$2`, `$3`, …).
 */
function pageStatement(name: string, table: PersonalTable, isFirst: boolean): string {
  const { where, key, columns = {}, pageSize = PAGE_SIZE } = table;
  const replaced = Object.entries(columns).flatMap(([column, sql]) =>
    sql === null ? [] : [`'${column}', (${sql})`],
  );
  const names = key.map((column) => `t."${column}"`).join(", ");
  const after = key.map((_column, index) => `$${index + 2}`).join(", ");
  const omitted = Object.keys(columns)
    .map((column) => `'${column}'`)
    .join(", ");
  return `SELECT ((to_jsonb(t) - ARRAY[${omitted}]::text[]) || jsonb_build_object(${replaced.join(", ")}))::text AS json,
      ARRAY[${key.map((column) => `t."${column}"::text`).join(", ")}] AS key
    FROM "${name}" t WHERE (${where})${isFirst ? "" : ` AND (${names}) > (${after})`}
    ORDER BY ${names} LIMIT ${pageSize}`;
}

async function* rowsOf(name: string, table: PersonalTable, userId: string): AsyncGenerator<Row[]> {
  let after: string[] = [];
  for (;;) {
    const { rows } = await database().pool.query<Row>(
      pageStatement(name, table, after.length === 0),
      [userId, ...after],
    );
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (!last || rows.length < (table.pageSize ?? PAGE_SIZE)) return;
    after = last.key;
  }
}

/** Yields a JSON array with one row per line. Counts the rows in `shown`, and stores the first rows there for the HTML page. */
async function* jsonOf(name: string, table: PersonalTable, userId: string, shown: Shown) {
  yield "[";
  for await (const rows of rowsOf(name, table, userId)) {
    const lines = rows.map(({ json }) => (table.restore ? table.restore(json) : json));
    for (const line of lines.slice(0, SHOWN_ROWS - shown.rows.length)) shown.rows.push(line);
    yield `${shown.count > 0 ? "," : ""}\n${lines.join(",\n")}`;
    shown.count += rows.length;
  }
  yield "\n]\n";
}

async function* entriesOf(userId: string, at: Date): AsyncGenerator<ZipEntry> {
  const all: Shown[] = [];
  for (const [name, table] of Object.entries(personalTables)) {
    const shown: Shown = { file: `data/${name}.json`, table, count: 0, rows: [] };
    all.push(shown);
    yield { name: shown.file, content: jsonOf(name, table, userId, shown) };
  }
  yield { name: "index.html", content: [indexPage(all, at)] };
}

/** Yields the bytes of the zip file. Calling `return()` on the generator stops reading. */
export function archiveOf(userId: string, at: Date): AsyncGenerator<Buffer, void, undefined> {
  return zip(entriesOf(userId, at), at);
}
