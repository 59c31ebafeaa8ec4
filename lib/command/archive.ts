/**
 * `npm run archive -- <action>`: looks up an erased person's purchases for a refund inquiry, writes notes, sets and releases legal
 * holds, purges an entry, and rotates ARCHIVE_KEY. Every action is audited.
 */
import {
  addArchiveNote,
  holdArchiveEntry,
  lookUpArchive,
  type OpenEntry,
  purgeArchiveEntry,
  releaseArchiveEntry,
} from "../erasure/archive-admin";
import { rotateArchiveKey } from "../erasure/archive-rotation";
import { UserError } from "../errors";
import { isProgram, parseArguments, print, runCommand } from "./run";

const USAGE = `Usage: npm run archive -- <action>
  lookup EMAIL|ID|KEY --reason TEXT
  note KEY TEXT
  hold KEY --reason TEXT | release KEY --reason TEXT
  purge KEY --reason TEXT
  rotate-key`;

const ACTOR = "npm run archive";

const day = (time: Date) => time.toISOString().slice(0, 10);

function linesOf({ entry, content, problem, acts }: OpenEntry): string[] {
  const { id, kind, reason, deletedAt, purgeAt, heldAt } = entry;
  const hold = heldAt ? `, legal hold since ${day(heldAt)}` : "";
  return [
    `${id}  ${kind}, deleted ${day(deletedAt)} (${reason}), purge on ${day(purgeAt)}${hold}`,
    ...(problem ? [`  Cannot be read: ${problem}`] : []),
    ...(content?.purchases ?? []).map(
      ({ table, id: row, values }) => `  ${table} ${row} ${JSON.stringify(values)}`,
    ),
    ...(content?.notes ?? []).map(({ at, by, text }) => `  note ${at} ${by}: ${text}`),
    ...acts.map(
      ({ at, actor, action, reason: why }) =>
        `  ${at.toISOString()} ${actor}: ${action}${why ? ` (${why})` : ""}`,
    ),
  ];
}

async function lookUp(search: string, reason: string): Promise<string> {
  const found = await lookUpArchive(ACTOR, search, reason);
  if (found.length === 0) return "No entry. Only people with purchases have one, until its purge.";
  return found.flatMap(linesOf).join("\n");
}

async function rotate(): Promise<string> {
  const { current, count } = await rotateArchiveKey(ACTOR);
  return `${count} keys are encrypted by ${current} now. The other keys can be removed from ARCHIVE_KEY.`;
}

type Action = {
  /** The number of arguments after the action. */
  takes: number;
  needsReason: boolean;
  run: (args: [string, string], reason: string) => Promise<string>;
};

const actions: Record<string, Action> = {
  lookup: { takes: 1, needsReason: true, run: ([search], reason) => lookUp(search, reason) },
  note: {
    takes: 2,
    needsReason: false,
    run: async ([id, text]) => {
      await addArchiveNote(ACTOR, id, text);
      return `The note was added to ${id}.`;
    },
  },
  hold: {
    takes: 1,
    needsReason: true,
    run: async ([id], reason) => {
      await holdArchiveEntry(ACTOR, id, reason);
      return `${id} has a legal hold: it is not purged until the hold is released.`;
    },
  },
  release: {
    takes: 1,
    needsReason: true,
    run: async ([id], reason) => {
      const entry = await releaseArchiveEntry(ACTOR, id, reason);
      return `The legal hold was released. The worker purges ${id} after ${day(entry.purgeAt)}.`;
    },
  },
  purge: {
    takes: 1,
    needsReason: true,
    run: async ([id], reason) => {
      await purgeArchiveEntry(ACTOR, id, reason);
      return `${id} and its key are destroyed.`;
    },
  },
  "rotate-key": { takes: 0, needsReason: false, run: rotate },
};

/** Runs `npm run archive`. Resolves to the text to print. */
export async function runArchive(args: string[]): Promise<string> {
  const options = { reason: { type: "string" } } as const;
  const { values, positionals } = parseArguments({ args, options, allowPositionals: true }, USAGE);
  const [name = "", first = "", second = "", ...rest] = positionals;
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  const given = [first, second].filter((text) => text !== "").length;
  if (!action || rest.length > 0 || given !== action.takes) throw new UserError(USAGE);
  if (action.needsReason !== (values.reason !== undefined)) throw new UserError(USAGE);
  return action.run([first, second], values.reason ?? "");
}

if (isProgram(import.meta.filename)) {
  await runCommand(async (args) => print(await runArchive(args)));
}
