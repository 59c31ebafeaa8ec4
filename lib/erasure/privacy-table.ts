/** Formats the registry as the Markdown tables of docs/privacy.md. */
import { registry } from "./registry";
import type { Basis, TableEntry, Verdict } from "./table-entry";

const textOf = (verdict: Verdict): string =>
  typeof verdict === "string" ? verdict : `archived: ${verdict.archived}`;

function columnsWith({ columns }: TableEntry, text: string): string[] {
  return Object.entries(columns).flatMap(([name, verdict]) =>
    textOf(verdict) === text ? [`\`${name}\``] : [],
  );
}

/** Returns the distinct legal reasons for which columns are archived. */
function basesOf(entries: TableEntry[]): Basis[] {
  const verdicts = entries.flatMap(({ columns }) => Object.values(columns));
  return [
    ...new Set(
      verdicts.flatMap((verdict) => (typeof verdict === "object" ? verdict.archived : [])),
    ),
  ];
}

/** Returns the Markdown: a section for each table with what it holds, what happens to its rows, and its columns by verdict. */
export function privacyMarkdown(entries: TableEntry[] = registry): string {
  const archived = basesOf(entries).map((basis) => textOf({ archived: basis }));
  const order = ["erased", ...archived, "pseudonym", "not personal"];
  return entries
    .map((entry) => {
      const rows = order.flatMap((text) => {
        const names = columnsWith(entry, text);
        return names.length > 0 ? [`| ${text} | ${names.join(", ")} |`] : [];
      });
      const fate = entry.isDeleted ? " An erasure deletes the rows." : "";
      const head = ["| verdict | columns |", "|---|---|"];
      return [`### \`${entry.table}\``, "", `${entry.holds}${fate}`, "", ...head, ...rows].join(
        "\n",
      );
    })
    .join("\n\n");
}
