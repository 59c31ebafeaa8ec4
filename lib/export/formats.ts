/** Writes the text of an export in one of three formats: CSV (RFC 4180), one JSON array, or one JSON object per line (NDJSON). */

export type Value = string | number | boolean | Date | null;
export type Line = Value[];

export const exportFormats = ["csv", "json", "ndjson"] as const;
export type ExportFormat = (typeof exportFormats)[number];

export const contentTypes: Record<ExportFormat, string> = {
  csv: "text/csv; charset=utf-8; header=present",
  json: "application/json",
  ndjson: "application/x-ndjson",
};

/** Matches a text that spreadsheets run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * Returns a value as a CSV cell. A text that a spreadsheet would run as a formula gets an apostrophe before it:
 * https://owasp.org/www-community/attacks/CSV_Injection
 */
function cellOf(value: Value): string {
  if (value === null) return "";
  if (typeof value !== "string") return textOf(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const textOf = (value: number | boolean | Date) =>
  value instanceof Date ? value.toISOString() : String(value);

function objectOf(fields: string[], line: Line): string {
  return JSON.stringify(Object.fromEntries(fields.map((field, index) => [field, line[index]])));
}

/**
 * Returns the parts of an export: `start`, the text before the first line; `lines`, which returns the text of some lines; `end`,
 * the text after the last line. `isFirst` is true for the first lines of the export.
 */
export function writerOf(format: ExportFormat, fields: string[]) {
  if (format === "csv") {
    const rowOf = (cells: string[]) => `${cells.join(",")}\r\n`;
    return {
      start: rowOf(fields.map(cellOf)),
      lines: (lines: Line[]) => lines.map((line) => rowOf(line.map(cellOf))).join(""),
      end: "",
    };
  }
  if (format === "ndjson") {
    return {
      start: "",
      lines: (lines: Line[]) => lines.map((line) => `${objectOf(fields, line)}\n`).join(""),
      end: "",
    };
  }
  return {
    start: "[",
    lines: (lines: Line[], isFirst: boolean) =>
      `${isFirst ? "" : ","}\n${lines.map((line) => objectOf(fields, line)).join(",\n")}`,
    end: "\n]\n",
  };
}
