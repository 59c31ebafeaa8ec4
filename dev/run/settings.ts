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
  usesLocalClerk: boolean;
  /** The environment before the `.env` files were loaded; Next loads them itself, and reloads them on change. */
  inherited: NodeJS.ProcessEnv;
  /** Values that must not appear in the log. */
  secrets: string[];
};

const CLERK_VARIABLES = [
  "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY",
  "CLERK_SECRET_KEY",
  "CLERK_WEBHOOK_SIGNING_SECRET",
];

/**
 * The shell's environment without variables that would redirect our own Postgres, Clerk and app: node-postgres reads PGHOST,
 * PGSSLMODE and others, and HTTP clients read proxy settings, and a proxy cannot reach loopback.
 */
export function ownEnvironment(shell: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^PG[A-Z]+$|^(?:https?|all|no)_proxy$|^NODE_USE_ENV_PROXY$|^LC_[A-Z]+$/i;
  const kept = { ...shell };
  for (const name of Object.keys(kept)) if (foreign.test(name)) delete kept[name];
  return kept;
}

export function readSettings(root: string): Settings {
  const inherited = ownEnvironment(process.env);
  nextEnv.loadEnvConfig(root, true, { info: () => {}, error: console.error });
  return parseSettings(process.env, inherited);
}

export function parseSettings(env: NodeJS.ProcessEnv, inherited: NodeJS.ProcessEnv): Settings {
  const port = parsePort(env.PORT);
  const databaseUrl = env.DATABASE_URL || undefined;
  return {
    port,
    appUrl: env.APP_URL || `http://localhost:${port}`,
    databaseUrl,
    usesLocalClerk: decideClerk(env),
    inherited,
    secrets: [
      ...["CLERK_SECRET_KEY", "CLERK_WEBHOOK_SIGNING_SECRET"].map((name) => env[name] ?? ""),
      ...passwordsOf(databaseUrl),
    ],
  };
}

/** The passwords in a connection string, which must not be logged. */
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
