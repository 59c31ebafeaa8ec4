import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeKeys, testEnvironment } from "@/dev/testing/environment";
import { parseEnv, variableNames } from "./env";
import { UserError } from "./errors";

const complete = testEnvironment(makeKeys(), "postgresql://127.0.0.1/rollcall");
const required = [
  "NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY",
  "CLERK_SECRET_KEY",
  "CLERK_WEBHOOK_SIGNING_SECRET",
  "DATABASE_URL",
];

function refusalOf(source: Record<string, string | undefined>): string {
  try {
    parseEnv(source);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return "accepted";
}

test("Clerk's keys and DATABASE_URL are the only required variables", () => {
  const { APP_URL, CLERK_JWT_KEY, ...minimal } = complete;
  expect(parseEnv(minimal)).toMatchObject({
    frontendApiHost: "clerk.rollcall.test",
    appUrl: "http://localhost:3000",
    jwtKeys: [],
  });
  expect(parseEnv({ ...minimal, PORT: "4000" }).appUrl).toBe("http://localhost:4000");
});

test("optional variables have defaults: 90 days of retention, half of Clerk's rate limit, the worker inside the app", () => {
  expect(parseEnv(complete)).toMatchObject({
    retentionDays: 90,
    clerkRateShare: 0.5,
    isWorkerInApp: true,
  });
  const said = { RETENTION_DAYS: "7", CLERK_RATE_SHARE: "0.2", ROLLCALL_WORKER: "off" };
  expect(parseEnv({ ...complete, ...said })).toMatchObject({
    retentionDays: 7,
    clerkRateShare: 0.2,
    isWorkerInApp: false,
  });
});

test.each(required)("the error for a missing %s names the variable and the remedy", (name) => {
  expect(refusalOf({ ...complete, [name]: undefined })).toMatch(
    new RegExp(`^Rollcall cannot start: ${name} is not set\\..*\\.env\\.example`),
  );
});

test.each([
  ["NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY", "pk_test_xxxxxxxx"],
  ["NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY", "pk_live_bm90IGEgaG9zdA"],
  ["CLERK_SECRET_KEY", "sk_test_..."],
  ["CLERK_SECRET_KEY", "your_secret_key"],
  ["CLERK_SECRET_KEY", ""],
  ["CLERK_WEBHOOK_SIGNING_SECRET", "whsec_<secret>"],
  ["CLERK_WEBHOOK_SIGNING_SECRET", "notasecret"],
  ["CLERK_JWT_KEY", "-----BEGIN PUBLIC KEY-----nonsense"],
  ["DATABASE_URL", "mysql://127.0.0.1/db"],
  ["APP_URL", "localhost:3000"],
  ["RETENTION_DAYS", "0.25"],
  ["RETENTION_DAYS", "soon"],
  ["TERMS_URL", "javascript:alert(1)"],
  ["PRIVACY_URL", "/privacy"],
  ["CLERK_RATE_SHARE", "50"],
  ["CLERK_RATE_SHARE", "half"],
])(
  "%s=%s is refused with a message that names the variable and does not contain the value",
  (name, value) => {
    const message = refusalOf({ ...complete, [name]: value });
    expect(message).toContain(`${name} is`);
    if (value !== "") expect(message).not.toContain(value);
  },
);

test("all invalid variables are reported in one message", () => {
  expect(refusalOf({})).toMatch(
    /PUBLISHABLE_KEY is not set; CLERK_SECRET_KEY is not set; .*DATABASE_URL/,
  );
});

test("two signing secrets and a PEM with \\n written out are accepted", () => {
  const secret = complete.CLERK_WEBHOOK_SIGNING_SECRET;
  const env = parseEnv({
    ...complete,
    CLERK_WEBHOOK_SIGNING_SECRET: `${secret}, ${secret}`,
    CLERK_JWT_KEY: complete.CLERK_JWT_KEY.replaceAll("\n", "\\n"),
  });
  expect(env.webhookSigningSecrets).toEqual([secret, secret]);
  expect(env.jwtKeys).toEqual([complete.CLERK_JWT_KEY.trim()]);
});

test("a CLERK_JWT_KEY with one damaged key among valid ones is refused with a message that names the variable", () => {
  const good = complete.CLERK_JWT_KEY;
  const damaged = good.replace("MII", "***");
  expect(refusalOf({ ...complete, CLERK_JWT_KEY: `${good}${damaged}${good}` })).toContain(
    "CLERK_JWT_KEY is not a PEM public key, or a list of them",
  );
});

// Variables that are set by Node or by our start script, not by an operator.
const setByOthers = ["NODE_ENV", "NEXT_MANUAL_SIG_HANDLE"];
const ours = variableNames.filter((name) => !setByOthers.includes(name)).toSorted();

test.each([
  ["../.env.example", /^([A-Z_]+)=$/gm],
  ["../docs/production.md", /^\| `([A-Z_]+)` \|/gm],
])("the file %s documents every environment variable, and no other", (file, entry) => {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  const explained = [...text.matchAll(entry)].map(([, name]) => name);
  expect(explained.toSorted()).toEqual(ours);
});

const anySecret = complete.CLERK_WEBHOOK_SIGNING_SECRET ?? "";

test.each<[string, (value: string) => string]>([
  ["spaces", (value) => `  ${value} `],
  ["a carriage return", (value) => `${value}\r\n`],
  ["double quotes", (value) => `"${value}"`],
  ["single quotes and a space", (value) => `'${value}' `],
  ["a byte order mark and a zero-width space", (value) => `\ufeff${value}\u200b`],
])("%s around a value of an environment variable are ignored", (_name, surround) => {
  const source = Object.fromEntries(
    Object.entries(complete).map(([name, value]) => [name, surround(value ?? "")]),
  );
  expect(parseEnv(source)).toEqual(parseEnv(complete));
});

test.each([
  ["whsec_ left out", anySecret.replace("whsec_", ""), 1],
  ["a trailing comma", `${anySecret},`, 1],
  ["two on two lines", `${anySecret}\n${anySecret}`, 2],
])("parseEnv reads CLERK_WEBHOOK_SIGNING_SECRET with %s", (_name, secret, count) => {
  const { webhookSigningSecrets } = parseEnv({ ...complete, CLERK_WEBHOOK_SIGNING_SECRET: secret });
  expect(webhookSigningSecrets).toHaveLength(count);
});

test.each([
  [{ CLERK_INSTANCE_ID: " ", DIRECT_DATABASE_URL: '""', NODE_ENV: "" }, { wsPort: 3001 }],
  [{ MIRROR_PRIVATE_METADATA: "TRUE" }, { mirrorsPrivateMetadata: true }],
  [{ ROLLCALL_WORKER: "Off " }, { isWorkerInApp: false }],
])("parseEnv accepts %j", (given, expected) => {
  expect(parseEnv({ ...complete, ...given })).toMatchObject(expected);
});

test.each([
  [{ PORT: "70000" }, "PORT is not a port number"],
  [{ WS_PORT: "0" }, "WS_PORT is not a port number"],
  [{ NODE_ENV: "staging" }, "NODE_ENV is none of development, production, test"],
  [{ RETENTION_DAYS: "999999999" }, "RETENTION_DAYS is not a number of days from 1 to 36500"],
  [{ RETENTION_DAYS: "0x10" }, "RETENTION_DAYS is not a number of days"],
  [{ CLERK_SECRET_KEY: "sk_test_abc\u200bdef" }, "CLERK_SECRET_KEY is not a Clerk secret key"],
  [{ NEXT_PUBLIC_CLERK_PROXY_URL: "__clerk" }, "NEXT_PUBLIC_CLERK_PROXY_URL is neither a path"],
])("parseEnv refuses %j with a message that names the variable", (given, message) => {
  expect(refusalOf({ ...complete, ...given })).toContain(message);
});
