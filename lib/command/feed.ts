/**
 * `npm run feed -- <action>`: manages the endpoints of the change feed. A secret is printed once, by the action that made it. A
 * URL is printed without its query, which may hold a token.
 */
import { parseEndpointUrl } from "../effects/feed/endpoint-url";
import {
  addEndpoint,
  disableEndpoint,
  enableEndpoint,
  type FeedEndpoint,
  type FeedKind,
  feedKinds,
  listEndpoints,
  removeEndpoint,
  retireOldSecret,
  rotateSecret,
} from "../effects/feed/endpoints";
import { sendTest } from "../effects/feed/send-test";
import { env } from "../env";
import { UserError } from "../errors";
import { isProgram, parseArguments, print, runCommand } from "./run";
import { parseTime } from "./time";

const USAGE = `Usage: npm run feed -- <action>
  add NAME URL [--only user,organization,…] [--allow-private] [--private-metadata]
  list
  rotate NAME | retire-old-secret NAME
  enable NAME [--replay-since TIME] | disable NAME
  remove NAME
  send-test NAME`;

const options = {
  only: { type: "string" },
  "allow-private": { type: "boolean" },
  "private-metadata": { type: "boolean" },
  "replay-since": { type: "string" },
} as const;

const parse = (args: string[]) => parseArguments({ args, options, allowPositionals: true }, USAGE);
type Values = ReturnType<typeof parse>["values"];

function kindsOf(only: string | undefined): readonly FeedKind[] {
  if (only === undefined) return feedKinds;
  const wanted = only.split(",").map((kind) => kind.trim());
  const unknown = wanted.find((kind) => !feedKinds.some((known) => known === kind));
  if (unknown === undefined) return feedKinds.filter((kind) => wanted.includes(kind));
  throw new UserError(
    `--only ${unknown} is not possible. The kinds are ${feedKinds.join(", ")}, separated by commas.`,
  );
}

/** Returns the line that prints a new secret. No other output contains the secret. */
const secretLine = (secret: string) => `Its signing secret, which is not shown again: ${secret}`;

async function add([name = "", url = ""]: string[], values: Values): Promise<string> {
  const allowsPrivateAddress = values["allow-private"] ?? false;
  const sendsPrivateMetadata = values["private-metadata"] ?? false;
  if (sendsPrivateMetadata && !env().mirrorsPrivateMetadata) {
    throw new UserError(
      "Private metadata is not mirrored, so it cannot be sent. Set MIRROR_PRIVATE_METADATA=true, or leave out --private-metadata.",
    );
  }
  const secret = await addEndpoint({
    name,
    url: await parseEndpointUrl(url, { allowsPrivate: allowsPrivateAddress }),
    kinds: kindsOf(values.only),
    allowsPrivateAddress,
    sendsPrivateMetadata,
  });
  return `${name} receives the changes from now on.\n${secretLine(secret)}`;
}

const timeText = (time: Date) => time.toISOString().replace(/\.\d+Z$/, "Z");

function stateOf(endpoint: FeedEndpoint): string {
  const { disabledAt, disabledReason, failingSince, lastFailure, lastSuccessAt } = endpoint;
  if (disabledAt && disabledReason === "command") return `disabled since ${timeText(disabledAt)}`;
  if (disabledAt) return `disabled since ${timeText(disabledAt)}: it ${lastFailure}`;
  if (failingSince) return `failing since ${timeText(failingSince)}: it ${lastFailure}`;
  return lastSuccessAt ? `last success ${timeText(lastSuccessAt)}` : "nothing sent yet";
}

function linesOf(endpoint: FeedEndpoint): string[] {
  const { origin, pathname, search } = new URL(endpoint.url);
  const details = [
    endpoint.kinds.join(", "),
    ...(endpoint.sendsPrivateMetadata ? ["with private metadata"] : []),
    ...(endpoint.allowsPrivateAddress ? ["private address allowed"] : []),
    ...(endpoint.secrets.length > 1 ? ["two secrets"] : []),
  ];
  return [
    `${endpoint.name}  ${origin}${pathname}${search ? "?…" : ""}`,
    `  ${details.join(" · ")}`,
    `  ${stateOf(endpoint)}`,
  ];
}

async function list(): Promise<string> {
  const endpoints = await listEndpoints();
  if (endpoints.length === 0) return "No endpoint yet. `npm run feed -- add NAME URL` adds one.";
  return endpoints.flatMap(linesOf).join("\n");
}

async function rotate(name: string): Promise<string> {
  const secret = await rotateSecret(name);
  return `${secretLine(secret)}\nMessages are signed with both secrets until \`npm run feed -- retire-old-secret ${name}\`: run it when the receiver has the new one.`;
}

const messages = (count: number) => (count === 1 ? "1 message" : `${count} messages`);

async function enable([name = ""]: string[], values: Values): Promise<string> {
  const text = values["replay-since"];
  const since = text === undefined ? null : parseTime(text);
  const { missed, missedSince, replayed } = await enableEndpoint(name, since);
  const enabled = `${name} is enabled.`;
  if (since)
    return `${enabled}\n${messages(replayed)} since ${since.toISOString()} will be sent again.`;
  if (!missedSince) return enabled;
  const was = missed === 1 ? "was" : "were";
  return `${enabled}\n${messages(missed)} from while it was disabled ${was} not sent. To send them: npm run feed -- enable ${name} --replay-since ${missedSince.toISOString()}`;
}

async function test(name: string): Promise<string> {
  const result = await sendTest(name);
  if (result.outcome !== "accepted") {
    throw new UserError(`${name} did not accept the test message: it ${result.reason}.`);
  }
  return `${name} accepted the test message: it answered ${result.status}.`;
}

type Action = {
  positionals: number;
  flags: (keyof Values)[];
  run(positionals: string[], values: Values): Promise<string>;
};

const onName = (run: (name: string) => Promise<string>): Action => ({
  positionals: 1,
  flags: [],
  run: ([name = ""]) => run(name),
});

/** Wraps `run` as an action that prints only the endpoint's name followed by `done`. */
const doing = (run: (name: string) => Promise<void>, done: string): Action =>
  onName(async (name) => {
    await run(name);
    return `${name} ${done}`;
  });

const actions = new Map<string, Action>([
  ["add", { positionals: 2, flags: ["only", "allow-private", "private-metadata"], run: add }],
  ["list", { positionals: 0, flags: [], run: list }],
  ["rotate", onName(rotate)],
  ["retire-old-secret", doing(retireOldSecret, "has one secret again, the new one.")],
  ["enable", { positionals: 1, flags: ["replay-since"], run: enable }],
  ["disable", doing(disableEndpoint, "is disabled. Its messages are not sent.")],
  ["remove", doing(removeEndpoint, "is removed.")],
  ["send-test", onName(test)],
]);

/** Runs `npm run feed`. Resolves to the text to print: what was done, and the new secret if there is one. */
export async function manageFeed(args: string[]): Promise<string> {
  const { values, positionals } = parse(args);
  const [name = "", ...rest] = positionals;
  const action = actions.get(name);
  const given = Object.keys(values);
  const isClear =
    action?.positionals === rest.length &&
    given.every((flag) => action.flags.some((known) => known === flag));
  if (!action || !isClear) throw new UserError(USAGE);
  return action.run(rest, values);
}

if (isProgram(import.meta.filename)) {
  await runCommand(async (args) => print(await manageFeed(args)));
}
