/**
 * `npm run effects -- list | replay --handler NAME (--dead | --from TIME) | forget --handler NAME`. `list` prints the number of
 * pending, dead and done jobs of each handler. `replay` runs one handler again, for its dead letters or for the changes since a
 * time. `forget` deletes the pending jobs and dead letters of a removed handler.
 */
import { FEED_PREFIX } from "../effects/feed/endpoints";
import { registry } from "../effects/handlers";
import { findHandler } from "../effects/registry";
import { forgetHandler, replayDead, replayFrom } from "../effects/replay";
import { summarizeHandlers } from "../effects/summary";
import { UserError } from "../errors";
import { parseArguments, print, runCommand } from "./run";
import { parseTime } from "./time";

const USAGE =
  "Usage: npm run effects -- list | replay --handler NAME --dead | replay --handler NAME --from 2026-11-22T10:00:00Z | forget --handler NAME";

type Request =
  | { command: "list" }
  | { command: "dead"; handler: string }
  | { command: "forget"; handler: string }
  | { command: "from"; handler: string; from: Date };

function readArguments(args: string[]): Request {
  const text = { type: "string" } as const;
  const options = { handler: text, from: text, dead: { type: "boolean" } } as const;
  const parsed = parseArguments({ args, options, allowPositionals: true }, USAGE);
  const { handler, from, dead = false } = parsed.values;
  const [command, ...rest] = parsed.positionals;
  const isFrom = from !== undefined;
  if (rest.length > 0) throw new UserError(USAGE);
  if (command === "list" && !handler && !isFrom && !dead) return { command };
  if (command === "forget" && handler && !isFrom && !dead) return { command, handler };
  if (command !== "replay" || !handler || isFrom === dead) throw new UserError(USAGE);
  if (!isFrom) return { command: "dead", handler };
  return { command: "from", handler, from: parseTime(from) };
}

async function requireSummary(name: string) {
  const all = await summarizeHandlers(registry);
  const found = all.find(({ handler }) => handler === name);
  if (found) return found;
  const known = all.map(({ handler }) => handler).join(", ");
  throw new UserError(
    `No handler is named ${name}. ${known ? `The handlers are: ${known}.` : "There is none yet."}`,
  );
}

async function list(): Promise<void> {
  const handlers = await summarizeHandlers(registry);
  if (handlers.length === 0) {
    print("No handler is registered. Add one in lib/effects/handlers.ts: see docs/effects.md.");
    return;
  }
  const width = Math.max(...handlers.map(({ handler }) => handler.length), 7);
  print(`${"handler".padEnd(width)}  pending    dead    done  on`);
  for (const { handler, pending, dead, done, subscriptions, isRunning } of handlers) {
    const counts = [pending, dead, done].map((count) => String(count).padStart(7)).join(" ");
    const on = subscriptions.map(({ table, change }) => `${table} ${change}`).join(", ");
    const isNew = isRunning && subscriptions.length === 0;
    const state = isNew
      ? "no effects yet: restart the worker (in development, npm run dev)"
      : isRunning
        ? on
        : "not in this release: its jobs wait";
    print(`${handler.padEnd(width)}  ${counts}  ${state}`);
  }
}

async function replay(request: Exclude<Request, { command: "list" }>): Promise<void> {
  const { subscriptions, isRunning } = await requireSummary(request.handler);
  if (request.command === "forget") {
    if (findHandler({ ...registry, families: [] }, request.handler)) {
      throw new UserError(
        `${request.handler} is in this release: remove it from lib/effects/handlers.ts first.`,
      );
    }
    if (isRunning && request.handler.startsWith(FEED_PREFIX)) {
      throw new UserError(
        `${request.handler} is an endpoint of the change feed: run \`npm run feed -- remove ${request.handler.slice(FEED_PREFIX.length)}\`.`,
      );
    }
    print(`Deleted ${await forgetHandler(request.handler)} pending jobs and dead letters.`);
    return;
  }
  if (request.command === "dead") {
    print(`${await replayDead(request.handler)} dead letters are pending again.`);
  } else {
    const code = registry.handlers.find(({ name }) => name === request.handler);
    const given = code?.subscriptions ?? subscriptions;
    const { again, added } = await replayFrom(request.handler, given, request.from);
    print(`${again} jobs are pending again; ${added} were added for earlier changes.`);
  }
  if (!isRunning) print("They wait: no running release has this handler.");
}

await runCommand(async (args) => {
  const request = readArguments(args);
  await (request.command === "list" ? list() : replay(request));
});
