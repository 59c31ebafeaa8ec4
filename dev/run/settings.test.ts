import { describe, expect, test } from "vitest";
import { ownEnvironment, parseSettings } from "./settings";

const KEYS = {
  NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: "pk_test_public",
  CLERK_SECRET_KEY: "sk_test_secret",
  CLERK_WEBHOOK_SIGNING_SECRET: "whsec_secret",
};

function parse(env: Record<string, string>) {
  return parseSettings({ NODE_ENV: "test", ...env }, { NODE_ENV: "test" });
}

describe("the settings of npm run dev", () => {
  test("without settings, npm run dev uses the local Clerk, the embedded Postgres and port 3000; an empty setting counts as unset", () => {
    const local = { port: 3000, appUrl: "http://localhost:3000", usesLocalClerk: true };
    expect(parse({})).toMatchObject(local);
    expect(parse({ CLERK_SECRET_KEY: "", DATABASE_URL: "", PORT: "", APP_URL: "" })).toMatchObject({
      ...local,
      databaseUrl: undefined,
    });
  });

  test("npm run dev uses the Clerk keys, the DATABASE_URL and the PORT that are set", () => {
    const env = { ...KEYS, DATABASE_URL: "postgresql://me:p%40ss@db/x", PORT: "3001" };
    expect(parse(env)).toMatchObject({
      usesLocalClerk: false,
      databaseUrl: env.DATABASE_URL,
      appUrl: "http://localhost:3001",
      secrets: ["sk_test_secret", "whsec_secret", "p%40ss", "p@ss"],
    });
  });

  test.each(Object.keys(KEYS))(
    "npm run dev refuses Clerk keys without %s; the message names the missing variable and prints no value",
    (missing) => {
      const half = Object.fromEntries(Object.entries(KEYS).filter(([name]) => name !== missing));
      expect(() => parse(half)).toThrow(`Clerk is configured by half: ${missing} is missing.`);
      expect(() => parse(half)).not.toThrow(/pk_test_public|sk_test_secret|whsec_secret/);
    },
  );

  test.each(["abc", "0", "70000", "3000.5"])("npm run dev refuses PORT=%s", (port) => {
    expect(() => parse({ PORT: port })).toThrow(/^PORT is not a port number/);
  });
});

test("the shell's Postgres, proxy and locale variables do not reach the servers of npm run dev", () => {
  const foreign = {
    PGHOST: "elsewhere",
    PGSSLMODE: "require",
    PGCONNECT_TIMEOUT: "1",
    PGOPTIONS: "-c search_path=elsewhere",
    HTTP_PROXY: "http://proxy.test",
    https_proxy: "http://proxy.test",
    ALL_PROXY: "socks5://proxy.test",
    no_proxy: "example.com",
    NODE_USE_ENV_PROXY: "1",
    NODE_OPTIONS: "--max-http-header-size=100",
    LC_ALL: "tr_TR.UTF-8",
    LC_TIME: "tr_TR.UTF-8",
    LANG: "tr_TR.UTF-8",
    LANGUAGE: "tr",
    TZ: "Pacific/Kiritimati",
  };
  const kept: NodeJS.ProcessEnv = {
    NODE_ENV: "test",
    PATH: "/bin",
    DATABASE_URL: "postgresql://a@h/d",
    PORT: "3001",
  };
  expect(ownEnvironment({ ...kept, ...foreign })).toEqual(kept);
});

describe("with the local stand-ins, variables of another Clerk instance or database", () => {
  const other = {
    CLERK_JWT_KEY: "a key",
    CLERK_INSTANCE_ID: "ins_other",
    CLERK_API_URL: "https://api.clerk.test",
    NEXT_PUBLIC_CLERK_PROXY_URL: "https://app.test/__clerk",
    NEXT_PUBLIC_CLERK_DOMAIN: "app.test",
    DIRECT_DATABASE_URL: "postgresql://a@elsewhere/d",
  };

  test("npm run dev with the local Clerk and Postgres empties variables of another Clerk instance or database for the app", () => {
    const empty = Object.fromEntries(Object.keys(other).map((name) => [name, ""]));
    expect(parse(other).masked).toEqual(empty);
  });

  test("npm run dev keeps variables of a Clerk instance and a database when both are configured", () => {
    const env = { ...KEYS, ...other, DATABASE_URL: "postgresql://a:secret@pooler/d" };
    expect(parse(env)).toMatchObject({
      masked: {},
      directDatabaseUrl: other.DIRECT_DATABASE_URL,
    });
  });

  test("npm run dev keeps variables with paths of the app's own pages", () => {
    const pages = {
      NEXT_PUBLIC_CLERK_SIGN_IN_URL: "/enter",
      NEXT_PUBLIC_CLERK_SIGN_UP_FALLBACK_REDIRECT_URL: "/welcome",
      NEXT_PUBLIC_CLERK_AFTER_SIGN_OUT_URL: "/",
    };
    expect(parse(pages).masked).toEqual({});
  });
});
