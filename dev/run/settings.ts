/**
 * The settings of `npm run dev`, read from the environment and the `.env` files in Next's order. Refuses an incomplete
 * configuration: the message names the missing variables, never a value.
 */
import nextEnv from "@next/env";
import { UserError } from "../../lib/errors";

export type Settings = {
  port: number;
  appUrl: string;
  /** When undefined, the embedded Postgres is used. */
  databaseUrl: string | undefined;
  /** The same database without a pooler, for migrations. */
  directDatabaseUrl: string | undefined;
  usesLocalClerk: boolean;
  /** When undefined, the run generates a key. */
  archiveKey: string | undefined;
  /** The environment before the `.env` files were loaded; Next loads them itself, and reloads them on change. */
  inherited: NodeJS.ProcessEnv;
  /** Variables of the `.env` files and the shell, each set to "". They belong to services that this run does not use. */
  masked: Record<string, "">;
  /** Values that must not appear in the log. */
  secrets: string[];
};

const CLERK_VARIABLES = [
  "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY",
  "CLERK_SECRET_KEY",
  "CLERK_WEBHOOK_SIGNING_SECRET",
];

/**
 * Variables of the shell that would redirect our own Postgres, Clerk and app, or change how they behave on this machine only.
 * node-postgres reads PGHOST, PGSSLMODE, PGCONNECT_TIMEOUT and others. HTTP clients read proxy settings, and a proxy cannot reach
 * loopback. NODE_OPTIONS, locale and time zone change every Node process.
 */
const FOREIGN =
  /^(?:PG[A-Z_]+|(?:https?|all|no)_proxy|NODE_USE_ENV_PROXY|NODE_OPTIONS|LC_[A-Z]+|LANG|LANGUAGE|TZ)$/i;

export function ownEnvironment(shell: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = { ...shell };
  for (const name of Object.keys(kept)) if (FOREIGN.test(name)) delete kept[name];
  return kept;
}

/** Matches the variables of a Clerk instance, except variables with paths of the app's own pages. */
const OF_A_CLERK_INSTANCE =
  /^(?:NEXT_PUBLIC_)?CLERK_(?!SIGN_(?:IN|UP)_|AFTER_|WAITLIST_URL$|\w*REDIRECT_URL$)/;

/**
 * Returns "" for each variable of another Clerk instance or database when the local ones are used. In Next, a variable of the
 * environment has precedence over the `.env` files even when it is empty, and `lib/env.ts` treats an empty variable as unset.
 */
export function maskedVariables(
  env: NodeJS.ProcessEnv,
  { usesLocalClerk, databaseUrl }: Pick<Settings, "usesLocalClerk" | "databaseUrl">,
): Record<string, ""> {
  const names = Object.keys(env).filter(
    (name) =>
      (usesLocalClerk && OF_A_CLERK_INSTANCE.test(name)) ||
      (databaseUrl === undefined && name === "DIRECT_DATABASE_URL"),
  );
  return Object.fromEntries(names.map((name) => [name, ""]));
}

/** Reads the settings. Also changes `process.env`, which the local Clerk and the Postgres clients in this process read. */
export function readSettings(root: string): Settings {
  const inherited = ownEnvironment(process.env);
  for (const name of Object.keys(process.env)) if (!(name in inherited)) delete process.env[name];
  // Node 24 may have read the proxy variables when it started. It reads NO_PROXY again at each request, so `*` switches the proxy
  // off for every host.
  Object.assign(process.env, { NODE_ENV: "development", NO_PROXY: "*" });
  nextEnv.loadEnvConfig(root, true, { info: () => {}, error: console.error });
  return parseSettings(process.env, inherited);
}

export function parseSettings(env: NodeJS.ProcessEnv, inherited: NodeJS.ProcessEnv): Settings {
  const port = parsePort(env.PORT);
  const databaseUrl = env.DATABASE_URL || undefined;
  const usesLocalClerk = decideClerk(env);
  return {
    port,
    appUrl: env.APP_URL || `http://localhost:${port}`,
    databaseUrl,
    directDatabaseUrl: databaseUrl && (env.DIRECT_DATABASE_URL || databaseUrl),
    usesLocalClerk,
    archiveKey: env.ARCHIVE_KEY || undefined,
    inherited,
    masked: maskedVariables(env, { usesLocalClerk, databaseUrl }),
    secrets: [
      ...["CLERK_SECRET_KEY", "CLERK_WEBHOOK_SIGNING_SECRET"].map((name) => env[name] ?? ""),
      ...passwordsOf(databaseUrl),
      ...passwordsOf(env.DIRECT_DATABASE_URL),
    ],
  };
}

/** Returns the passwords in a connection string, so that the log can mask them. */
export function passwordsOf(databaseUrl: string | undefined): string[] {
  if (databaseUrl === undefined || !URL.canParse(databaseUrl)) return [];
  const { password } = new URL(databaseUrl);
  return [password, decodeURIComponent(password)];
}

function parsePort(text: string | undefined): number {
  const port = Number(text || "3000");
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new UserError("PORT is not a port number: give one from 1 to 65535, like PORT=3001.");
}

function decideClerk(env: NodeJS.ProcessEnv): boolean {
  if (CLERK_VARIABLES.every((name) => !env[name])) return true;
  const missing = CLERK_VARIABLES.filter((name) => !env[name]);
  if (missing.length === 0) return false;
  throw new UserError(
    `Clerk is configured by half: ${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing. Set it in .env.local (see .env.example), or unset all of ${CLERK_VARIABLES.join(", ")} for the local Clerk.`,
  );
}
