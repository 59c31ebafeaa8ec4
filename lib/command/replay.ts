/**
 * `npm run replay -- <svix-id> | --from <time> [--to <time>] | --<list> [--discard] | --all | --rebuild`: applies stored
 * deliveries again.
 *
 * `<list>` is a list of deliveries on the Health page. `--discard` removes the deliveries from that list without applying them.
 * With `--effects`, handlers also run for changes by deliveries that were applied before. `--rebuild` builds a second mirror from
 * the inbox in a scratch schema, and compares it with the real mirror.
 */
import { UserError } from "../errors";
import { rebuildAndCompare } from "../sync/inbox/rebuild";
import {
  countReplayable,
  discardDeliveries,
  replayDeliveries,
  type Selection,
} from "../sync/inbox/replay";
import type { DeliveryList } from "../sync/monitoring/delivery-lists";
import { progressBar } from "./progress-bar";
import { parseArguments, print, runCommand } from "./run";
import { parseTime } from "./time";

const USAGE =
  "Usage: npm run replay -- <svix-id> | --from <time> [--to <time>] | --pending | --dead | --quarantined | --unreadable | --partial | --all | --rebuild. With --discard after one of the five lists, its deliveries are taken out of it without being applied. With --effects, the effects of what a replay changes run too.";

/** The lists of the Health page whose deliveries can be replayed or discarded. */
const lists = ["pending", "dead", "quarantined", "unreadable", "partial"] as const;

const timeOf = (value: string | undefined) => (value === undefined ? undefined : parseTime(value));

type Request = "rebuild" | { discard: DeliveryList } | { replay: Selection };

function readArguments(args: string[]): Request {
  const flag = { type: "boolean" } as const;
  const time = { type: "string" } as const;
  const options = {
    from: time,
    to: time,
    pending: flag,
    dead: flag,
    quarantined: flag,
    unreadable: flag,
    partial: flag,
    discard: flag,
    all: flag,
    rebuild: flag,
    effects: flag,
  };
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true }, USAGE);
  const { rebuild, all, from, to, discard, effects: withEffects } = values;
  const named = lists.filter((list) => values[list]);
  const selections = [rebuild, all, from, ...named, ...positionals].filter(
    (each) => each !== undefined,
  );
  const list = named[0];
  // Contradictory arguments are refused, because replaying the wrong deliveries would take long.
  const isClear = selections.length === 1 && (to === undefined || from !== undefined);
  if (!isClear || (discard && !list)) throw new UserError(USAGE);
  if (withEffects && (rebuild || discard)) throw new UserError(USAGE);
  if (rebuild) return "rebuild";
  if (list) return discard ? { discard: list } : { replay: { list, withEffects } };
  if (positionals[0]) return { replay: { svixIds: [positionals[0]], withEffects } };
  const until = to === undefined ? undefined : new Date(parseTime(to).getTime() + 1);
  return { replay: { receivedAt: { from: timeOf(from), until }, withEffects } };
}

async function rebuild(): Promise<void> {
  const { replayed, tables } = await rebuildAndCompare();
  for (const { table, rows, isEqual } of tables) {
    print(`${isEqual ? "equal    " : "DIFFERENT"}  ${table} (${rows} rows)`);
  }
  print(`${replayed} deliveries replayed into a scratch schema.`);
  if (tables.some(({ isEqual }) => !isEqual)) process.exitCode = 1;
}

async function replay(selection: Selection): Promise<void> {
  const total = await countReplayable(selection);
  if (total === 0) {
    const { list } = selection;
    const remedy = list
      ? ` Those that Health still counts are cleared by --${list} --discard.`
      : "";
    throw new UserError(`No stored delivery matches, or its body is past retention.${remedy}`);
  }
  const bar = progressBar();
  const outcomes = await replayDeliveries(selection, (done) => bar.show("replayed", done, total));
  bar.end();
  print(
    Object.entries(outcomes)
      .map(([outcome, count]) => `${outcome} ${count}`)
      .join(", "),
  );
}

await runCommand(async (args) => {
  const request = readArguments(args);
  if (request === "rebuild") return rebuild();
  if ("replay" in request) return replay(request.replay);
  print(
    `discarded ${await discardDeliveries({ list: request.discard }, { actor: "command", reason: null })}`,
  );
});
