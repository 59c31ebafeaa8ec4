/**
 * `npm run replay -- <svix-id> | --from <time> [--to <time>] | --dead | --quarantined | --all | --rebuild`: applies
 * stored deliveries again. `--rebuild` builds the mirror from the inbox in a scratch schema and compares the two.
 */
import { parseArgs } from "node:util";
import { UserError } from "../errors";
import { rebuildAndCompare } from "../sync/inbox/rebuild";
import { countDeliveries, replayDeliveries, type Selection } from "../sync/inbox/replay";
import { progressBar } from "./progress-bar";
import { print, runCommand } from "./run";

const USAGE =
  "Usage: npm run replay -- <svix-id> | --from <time> [--to <time>] | --dead | --quarantined | --all | --rebuild";

function timeOf(value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const time = new Date(value);
  if (Number.isNaN(time.getTime())) {
    throw new UserError(`${value} is not a time. Use the form 2026-11-22T10:00:00Z.`);
  }
  return time;
}

function readArguments(args: string[]): Selection | "rebuild" {
  const flag = { type: "boolean" } as const;
  const time = { type: "string" } as const;
  const options = {
    from: time,
    to: time,
    dead: flag,
    quarantined: flag,
    all: flag,
    rebuild: flag,
  };
  let parsed: ReturnType<typeof parse>;
  const parse = () => parseArgs({ args, options, allowPositionals: true });
  try {
    parsed = parse();
  } catch {
    throw new UserError(USAGE);
  }
  const { values, positionals } = parsed;
  const { rebuild, dead, quarantined, all, from, to } = values;
  const selections = [rebuild, dead, quarantined, all, from, ...positionals].filter(
    (each) => each !== undefined,
  );
  // Contradictory arguments are refused: replaying the wrong deliveries would take long.
  if (selections.length !== 1 || (to !== undefined && from === undefined))
    throw new UserError(USAGE);
  if (rebuild) return "rebuild";
  if (positionals[0]) return { svixId: positionals[0] };
  if (dead) return { outcome: "dead" };
  if (quarantined) return { outcome: "quarantined" };
  return from === undefined ? {} : { from: timeOf(from), to: timeOf(to) };
}

async function rebuild(): Promise<void> {
  const { replayed, tables } = await rebuildAndCompare();
  for (const { table, rows, isEqual } of tables) {
    print(`${isEqual ? "equal    " : "DIFFERENT"}  ${table} (${rows} rows)`);
  }
  print(`${replayed} deliveries replayed into a scratch schema.`);
  if (tables.some(({ isEqual }) => !isEqual)) process.exitCode = 1;
}

await runCommand(async (args) => {
  const selection = readArguments(args);
  if (selection === "rebuild") return rebuild();
  const total = await countDeliveries(selection);
  if (total === 0)
    throw new UserError("No stored delivery matches, or its body is past retention.");
  const bar = progressBar();
  const outcomes = await replayDeliveries(selection, (done) => bar.show("replayed", done, total));
  bar.end();
  print(
    Object.entries(outcomes)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join(", "),
  );
});
