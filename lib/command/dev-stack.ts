/**
 * Lets a command reach the database and the local Clerk of a running `npm run dev`, which writes their variables to
 * {@link DEV_STACK_FILE}. If the command's own environment sets one of these variables to another value, none is used. So a
 * command never mixes two databases or two Clerk instances.
 */
import { readFileSync } from "node:fs";
import { z } from "zod";

const DEV_STACK_FILE = ".rollcall/dev-stack.json";

const devStack = z.object({
  /** The process id of `npm run dev`. The file is ignored if that process no longer runs. */
  pid: z.number().int().positive(),
  url: z.string(),
  variables: z.record(z.string(), z.string()),
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function readFile(): unknown {
  try {
    return JSON.parse(readFileSync(DEV_STACK_FILE, "utf8"));
  } catch {
    return null;
  }
}

/**
 * Adds the variables of a running `npm run dev` to `process.env`. Returns the URL of its app, or null if the variables are not
 * used.
 */
export function loadDevStack(): string | null {
  if (process.env.NODE_ENV === "production") return null;
  const { data } = devStack.safeParse(readFile());
  if (!data || !isRunning(data.pid)) return null;
  const variables = Object.entries(data.variables);
  const isSetHere = ([name, value]: [string, string]) => {
    const own = process.env[name];
    return own !== undefined && own !== "" && own !== value;
  };
  if (variables.some(isSetHere)) return null;
  const missing = variables.filter(([name]) => !process.env[name]);
  if (missing.length === 0) return null;
  Object.assign(process.env, Object.fromEntries(missing));
  // The stack's URL says all that its Postgres needs. The shell's PGSSLMODE or PGOPTIONS are for another server.
  for (const name of Object.keys(process.env))
    if (/^PG[A-Z]+$/.test(name)) delete process.env[name];
  return data.url;
}
