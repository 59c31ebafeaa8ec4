// Parses the command line of `local-clerk`. Every mistake is a UserError of one line that names the remedy.

import { parseArgs } from "node:util";
import { UserError } from "../user-error";

const usage =
  "Usage: local-clerk [serve] | local-clerk exec [options] -- COMMAND | local-clerk generate. Options: --port NUMBER, --data DIR, --app-url URL, --webhook-path PATH, --seed FILE, --development; for generate --users NUMBER, --organizations NUMBER, --url URL, --data DIR, --no-webhooks.";

const defaultDataDir = ".local-clerk";
const defaultPort = 4010;

export type StartOptions = {
  port: number;
  /** When undefined, a temporary folder is used. */
  dataDir?: string;
  appUrl: string;
  webhookPath?: string;
  seed?: string;
  instance?: "development";
};

type Command =
  | { name: "serve"; start: StartOptions }
  | { name: "exec"; start: StartOptions; command: string; args: string[] }
  | {
      name: "generate";
      users: number;
      organizations: number;
      sendsWebhooks: boolean;
      dataDir: string;
      url?: string;
    }
  | { name: "help"; text: string };

export function readCommand(argv: readonly string[], appPort = "3000"): Command {
  const [first = ""] = argv;
  const name = first === "" || first.startsWith("-") ? "serve" : first;
  const rest = name === first ? argv.slice(1) : argv;
  if (rest.includes("--help") && !rest.slice(0, rest.indexOf("--help")).includes("--")) {
    return { name: "help", text: usage };
  }
  switch (name) {
    case "help":
      return { name, text: usage };
    case "serve":
      return {
        name,
        start: startOptions(rest, appPort, { dataDir: defaultDataDir, port: defaultPort }),
      };
    case "exec":
      return execCommand(rest, appPort);
    case "generate":
      return generateCommand(rest);
    default:
      throw new UserError(`Unknown command ${name}. ${usage}`);
  }
}

function execCommand(argv: readonly string[], appPort: string): Command {
  const separator = argv.indexOf("--");
  const [command, ...args] = separator < 0 ? [] : argv.slice(separator + 1);
  if (command === undefined) {
    throw new UserError("No command to run. Put it after --, as in: local-clerk exec -- next dev");
  }
  return {
    name: "exec",
    start: startOptions(argv.slice(0, separator), appPort, { port: 0 }),
    command,
    args,
  };
}

function startOptions(
  argv: readonly string[],
  appPort: string,
  defaults: { dataDir?: string; port: number },
): StartOptions {
  const given = parsed(argv, {
    port: { type: "string" },
    data: { type: "string" },
    "app-url": { type: "string" },
    "webhook-path": { type: "string" },
    seed: { type: "string" },
    development: { type: "boolean" },
  });
  const dataDir = given.data ?? defaults.dataDir;
  return {
    port: given.port === undefined ? defaults.port : portOf(given.port),
    appUrl: appUrlOf(given["app-url"] ?? `http://localhost:${appPort}`),
    ...(dataDir ? { dataDir } : {}),
    ...(given["webhook-path"] ? { webhookPath: pathOf(given["webhook-path"]) } : {}),
    ...(given.seed ? { seed: given.seed } : {}),
    ...(given.development ? { instance: "development" as const } : {}),
  };
}

function generateCommand(argv: readonly string[]): Command {
  const given = parsed(argv, {
    users: { type: "string" },
    organizations: { type: "string" },
    data: { type: "string" },
    url: { type: "string" },
    "no-webhooks": { type: "boolean" },
  });
  return {
    name: "generate",
    sendsWebhooks: !given["no-webhooks"],
    users: countOf("--users", given.users ?? "2000"),
    organizations: countOf("--organizations", given.organizations ?? "200"),
    dataDir: given.data ?? defaultDataDir,
    ...(given.url ? { url: given.url } : {}),
  };
}

function portOf(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UserError(`--port ${text} is not a port. Use a number up to 65535, as in --port 4010.`);
}

function appUrlOf(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new UserError(
    `--app-url ${text} is not the URL of an app. Include the protocol, as in --app-url http://localhost:3000.`,
  );
}

function pathOf(text: string): string {
  if (text.startsWith("/") && !text.startsWith("//")) return text;
  throw new UserError(
    `--webhook-path ${text} is not a path. Start it with a slash, as in --webhook-path /api/webhooks.`,
  );
}

function countOf(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UserError(`${option} ${text} is not a number, as in ${option} 2000.`);
}

function parsed<const T extends Record<string, { type: "string" | "boolean" }>>(
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const [problem = ""] = text.split(/\.?(?:\n|\. |$)/);
    throw new UserError(`${problem}. ${usage}`, { cause });
  }
}
