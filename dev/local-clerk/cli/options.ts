// What the command may be told, and what to say when it is told something else.

import { parseArgs } from "node:util";
import { UserError } from "../user-error";

const usage =
  "Options: --data DIR, --port NUMBER, --app-url URL, --seed FILE, --print-env (dev/local-clerk/README.md).";

export type MainOptions = {
  port: number;
  dataDir: string;
  appUrl: string;
  seed?: string;
  isEnvPrinted: boolean;
};

export function readOptions(args: readonly string[]): MainOptions {
  const { data, port, "app-url": appUrl, seed, "print-env": isEnvPrinted } = parsed(args);
  if (!data) throw new UserError("Say where to keep its data: --data DIR");
  if (!/^\d+$/.test(port) || Number(port) > 65_535) {
    throw new UserError(`--port ${port} is no port. Give a number up to 65535, as in --port 4010.`);
  }
  if (!URL.canParse(appUrl) || !/^https?:$/.test(new URL(appUrl).protocol)) {
    const remedy = "Give it whole, as in --app-url http://localhost:3000.";
    throw new UserError(`--app-url ${appUrl} is no address of an app. ${remedy}`);
  }
  const given = { port: Number(port), dataDir: data, appUrl, isEnvPrinted };
  return { ...given, ...(seed ? { seed } : {}) };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: "string", default: "4010" },
        data: { type: "string" },
        "app-url": { type: "string", default: "http://localhost:3000" },
        seed: { type: "string" },
        "print-env": { type: "boolean", default: false },
      },
    }).values;
  } catch (cause) {
    const [what = ""] = (cause instanceof Error ? cause.message : String(cause)).split(
      /\.?(?:\n|\. |$)/,
    );
    throw new UserError(`${what}. ${usage}`, { cause });
  }
}
