/**
 * `npm run sync [-- --dry-run | --repair] [--force] [--effects | --no-effects]`: reconciles the mirror with Clerk. On an empty
 * database, this is the backfill.
 *
 * `--repair` (the default) corrects the differences, `--dry-run` only prints them. `--force` deletes rows even when more than 5 %
 * of a table's rows no longer exist at Clerk. Effect handlers run for the differences that a repair corrects, but not for the
 * rows that a backfill adds. `--effects` runs them for both, `--no-effects` for neither.
 */
import { UserError } from "../errors";
import { reconciledTables } from "../sync/mirror/columns";
import type { Finding } from "../sync/reconcile/drift";
import { reconcile, type Summary } from "../sync/reconcile/reconcile";
import { LeaseTaken } from "../sync/reconcile/runs";
import { progressBar } from "./progress-bar";
import { parseArguments, print, runCommand, untilTerminated } from "./run";

const SHOWN = 50;

const USAGE = "Usage: npm run sync -- [--dry-run | --repair] [--force] [--effects | --no-effects]";

function readArguments(args: string[]) {
  const flags = {
    "dry-run": { type: "boolean" },
    repair: { type: "boolean" },
    force: { type: "boolean" },
    effects: { type: "boolean" },
    "no-effects": { type: "boolean" },
  } as const;
  const { values } = parseArguments({ args, options: flags }, USAGE);
  if (values["dry-run"] && values.repair) throw new UserError(USAGE);
  if (values.effects && values["no-effects"]) throw new UserError(USAGE);
  return {
    mode: values["dry-run"] ? "dry-run" : "repair",
    force: values.force ?? false,
    effects: values["no-effects"] ? false : values.effects,
  } as const;
}

const isUnreadable = ({ kind }: Finding) => kind === "unreadable" || kind === "partial";

/** Formats one difference between Clerk and the mirror as a line, without the values, which are personal data. */
const lineOf = ({ table, id, kind, fields, cause }: Finding) =>
  `${kind.padEnd(10)} ${table.padEnd(14)} ${id}  ${Object.keys(fields).join(", ")}${Object.keys(fields).length ? "  " : ""}(${cause})`;

function summarize({ runId, status, reason, isResumed, counts }: Summary, seconds: number): string {
  const rows = reconciledTables.map((table) => {
    const { read, missing, stale, different, extra, unreadable, repaired } = counts[table];
    const cells = [read, missing, stale, different, extra, unreadable, repaired];
    return `${table.padEnd(14)}${cells.map((cell) => String(cell).padStart(11)).join("")}`;
  });
  const titles = ["read", "missing", "stale", "different", "extra", "unreadable", "repaired"];
  return [
    `${"".padEnd(14)}${titles.map((title) => title.padStart(11)).join("")}`,
    ...rows,
    `Run ${runId}${isResumed ? " (resumed)" : ""}: ${status} in ${seconds.toFixed(1)} s, ${counts.requests} requests to Clerk.`,
    ...(reason ? [reason] : []),
  ].join("\n");
}

await runCommand(async (args) => {
  const { mode, force, effects } = readArguments(args);
  const bar = progressBar();
  const stop = new AbortController();
  void untilTerminated().then(() => stop.abort());
  const found: Finding[] = [];
  let total = 0;
  const startedAt = performance.now();
  try {
    const summary = await reconcile({
      mode,
      force,
      effects,
      trigger: "command",
      signal: stop.signal,
      onProgress: ({ table, read, total }) => bar.show(table, read, total),
      onFindings: (findings) => {
        // A repair prints only the objects that could not be read.
        const shown = mode === "repair" ? findings.filter(isUnreadable) : findings;
        total += shown.length;
        found.push(...shown.slice(0, SHOWN - found.length));
      },
    });
    bar.end();
    for (const finding of found) print(lineOf(finding));
    if (total > found.length) print(`… and ${total - found.length} more.`);
    print(summarize(summary, (performance.now() - startedAt) / 1000));
    const hasUnreadable = reconciledTables.some((table) => summary.counts[table].unreadable > 0);
    if (hasUnreadable) {
      print("Clerk lists objects that cannot be read (above); everything else was compared.");
    }
    if (summary.status !== "done" || hasUnreadable) process.exitCode = 1;
  } catch (error) {
    throw error instanceof LeaseTaken ? new UserError(error.message) : error;
  }
});
