/** Builds the HTML page of the data archive, which describes each table and shows its first rows. The page works offline. */
import { z } from "zod";
import { formatCount } from "../format";
import type { PersonalTable } from "./personal-table";

export type Shown = {
  file: string;
  table: PersonalTable;
  count: number;
  /** The first rows of the table, each as JSON text. */
  rows: string[];
};

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem; }
  h1 { font-size: 1.75rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 0; }
  dl { display: grid; grid-template-columns: minmax(8rem, 14rem) 1fr; gap: 0.25rem 1rem; margin: 0;
    padding: 0.75rem 0; border-top: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
  dt { opacity: 0.7; } dd { margin: 0; overflow-wrap: anywhere; }
  @media (max-width: 30rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.5rem; } }
`;

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escapeHtml = (text: string) => text.replaceAll(/[&<>"]/g, (each) => entities[each] ?? each);

const record = z.record(z.string(), z.unknown());

function rowHtml(json: string): string {
  const facts = Object.entries(record.parse(JSON.parse(json))).filter(
    ([, value]) => value !== null && value !== "",
  );
  const list = facts.map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `<dt>${escapeHtml(name.replaceAll("_", " "))}</dt><dd>${escapeHtml(text)}</dd>`;
  });
  return `<dl>${list.join("")}</dl>`;
}

function sectionHtml({ file, table, count, rows }: Shown): string {
  const more = count > rows.length ? `<p>The first ${rows.length} are shown.</p>` : "";
  return `<section><h2>${escapeHtml(table.title)}</h2>
<p>${escapeHtml(table.about)} ${count === 1 ? "1 entry" : `${formatCount(count)} entries`}, in <a href="${file}">${file}</a>.</p>
${rows.map(rowHtml).join("\n")}${more}</section>`;
}

export function indexPage(all: Shown[], at: Date): string {
  const filled = all.filter(({ count }) => count > 0);
  const empty = all.filter(({ count }) => count === 0).map(({ table }) => table.title);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Your data</title><style>${STYLE}</style></head><body>
<h1>Your data</h1>
<p>Everything that Rollcall keeps about you, as of ${at.toISOString().slice(0, 16).replace("T", " ")} UTC. Notes that the team keeps
for itself in Clerk’s private metadata are not in it.</p>
${filled.map(sectionHtml).join("\n")}
${empty.length > 0 ? `<section><h2>Nothing kept</h2><p>${escapeHtml(empty.join(", "))}.</p></section>` : ""}
</body></html>
`;
}
