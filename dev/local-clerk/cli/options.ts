// Parses the command line of `local-clerk`. Throws a UserError with one line that says how to correct the mistake.

import { parseArgs } from "node:util";
import { UserError } from "../user-error";

const usage =
  "Usage: local-clerk [serve] | local-clerk exec [options] -- COMMAND | local-clerk generate | local-clerk export FILE. Options: --port NUMBER, --data DIR, --app-url URL, --webhook-path PATH, --seed FILE, --import FILE, --direct, --development; for exec --export FILE; for export --data DIR; for generate --users NUMBER, --organizations NUMBER, --url URL, --data DIR, --no-webhooks.";

const defaultDataDir = ".local-clerk";
const defaultPort = 4010;

export type StartOptions = {
  port: number;
  /** The data folder; when undefined, a temporary folder is used. */
  dataDir?: string;
  appUrl: string;
  webhookPath?: string;
  seed?: string;
  importFrom?: string;
  instance?: "development";
  frontendApi?: "direct";
};

type Command =
  | { name: "serve"; start: StartOptions }
  | { name: "exec"; start: StartOptions; command: string; args: string[]; exportTo?: string }
  | { name: "export"; file: string; dataDir: string }
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
        start: startOptions(parsed(rest, startFlags), appPort, {
          dataDir: defaultDataDir,
          port: defaultPort,
        }),
      };
    case "exec":
      return execCommand(rest, appPort);
    case "generate":
      return generateCommand(rest);
    case "export":
      return exportCommand(rest);
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
  const given = parsed(argv.slice(0, separator), { ...startFlags, export: { type: "string" } });
  return {
    name: "exec",
    start: startOptions(given, appPort, { port: 0 }),
    command,
    args,
    ...(given.export ? { exportTo: given.export } : {}),
  };
}

const startFlags = {
  port: { type: "string" },
  data: { type: "string" },
  "app-url": { type: "string" },
  "webhook-path": { type: "string" },
  seed: { type: "string" },
  import: { type: "string" },
  direct: { type: "boolean" },
  development: { type: "boolean" },
} as const;
type StartFlags = ReturnType<typeof parsed<typeof startFlags>>;

function startOptions(
  given: StartFlags,
  appPort: string,
  defaults: { dataDir?: string; port: number },
): StartOptions {
  const dataDir = given.data ?? defaults.dataDir;
  return {
    port: given.port === undefined ? defaults.port : portOf(given.port),
    appUrl: appUrlOf(given["app-url"] ?? `http://localhost:${appPort}`),
    ...(dataDir ? { dataDir } : {}),
    ...(given["webhook-path"] ? { webhookPath: pathOf(given["webhook-path"]) } : {}),
    ...(given.seed ? { seed: given.seed } : {}),
    ...(given.import ? { importFrom: given.import } : {}),
    ...(given.direct ? { frontendApi: "direct" as const } : {}),
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

function exportCommand(argv: readonly string[]): Command {
  const { values: given, positionals } = parsedWithOperands(argv, { data: { type: "string" } });
  const [file, ...others] = positionals;
  if (!file) {
    throw new UserError("No file to write. Name it, as in: local-clerk export state.ndjson");
  }
  if (others.length > 0) throw new UserError(`Name one file, not ${positionals.join(" and ")}.`);
  return { name: "export", file, dataDir: given.data ?? defaultDataDir };
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
  return refuseInOneLine(() => parseArgs({ args: [...args], options }).values);
}

/** Like `parsed`, but also accepts arguments that are no options, before, between and after the options. */
function parsedWithOperands<const T extends Record<string, { type: "string" | "boolean" }>>(
  args: readonly string[],
  options: T,
) {
  return refuseInOneLine(() => parseArgs({ args: [...args], options, allowPositionals: true }));
}

function refuseInOneLine<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    const [problem = ""] = text.split(/\.?(?:\n|\. |$)/);
    throw new UserError(`${problem}. ${usage}`, { cause });
  }
}
