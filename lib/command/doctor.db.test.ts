/**
 * Runs `npm run doctor` as a process, against this file's database and one stub server that acts as Clerk, the app and its proxy.
 */
import { execFile } from "node:child_process";
import { createPublicKey, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { writeStackFile } from "@/dev/run/stack-file";
import { answerJson, clerkError, startBackendApi } from "@/dev/testing/backend-api";
import { makeKeys } from "@/dev/testing/environment";
import { database } from "../db";

const clerk = await startBackendApi();
afterAll(() => clerk.close());

const TSX = import.meta.resolve("tsx");
const DOCTOR = resolve("lib/command/doctor.ts");

const report = z.object({
  ok: z.boolean(),
  findings: z.array(
    z.object({
      check: z.string(),
      state: z.string(),
      sentence: z.string(),
      remedy: z.string().nullable(),
    }),
  ),
});
type Ended = { code: number; output: string; errors: string };

const run = (changes: Record<string, string>, ...args: string[]) =>
  runIn(process.cwd(), changes, ...args);

function runIn(cwd: string, changes: Record<string, string>, ...args: string[]): Promise<Ended> {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    CLERK_API_URL: clerk.url,
    APP_URL: clerk.url,
    ...changes,
  };
  env.NEXT_PUBLIC_CLERK_PROXY_URL ??= `${clerk.url}/frontend`;
  return new Promise((done) => {
    const command = ["--import", TSX, DOCTOR, ...args];
    const child = execFile(process.execPath, command, { cwd, env }, (_error, output, errors) =>
      done({ code: child.exitCode ?? -1, output, errors }),
    );
  });
}

/** Runs the doctor. Resolves to the findings that are not ok, as `check: state`, and to the text of the whole report. */
async function faults(changes: Record<string, string> = {}) {
  const { code, output, errors } = await run(changes, "--json");
  const { ok, findings } = report.parse(JSON.parse(output));
  expect(ok).toBe(code === 0);
  for (const found of findings.filter(({ state }) => state !== "good"))
    expect(found.remedy).toBeTruthy();
  const found = findings.filter(({ state }) => state !== "good");
  return {
    code,
    found: found.map(({ check, state }) => `${check}: ${state}`),
    text: output + errors,
  };
}

const jwkOf = (pem: string, kid: string) => ({
  ...createPublicKey(pem).export({ format: "jwk" }),
  kid,
});
const ourKey = jwkOf(process.env.CLERK_JWT_KEY ?? "", "ins_ours");
const otherKey = jwkOf(makeKeys().publicKey, "ins_other");

let stub: {
  instance: [number, object];
  frontendKeys: object[];
  endpoint: number;
  clockMs: number;
};

beforeEach(() => {
  clerk.jwks = [ourKey];
  stub = {
    instance: [200, { id: "ins_test", environment_type: "production" }],
    frontendKeys: [ourKey],
    endpoint: 405,
    clockMs: 0,
  };
  clerk.intercept = (response, { pathname }) => {
    response.setHeader("date", new Date(Date.now() + stub.clockMs).toUTCString());
    if (pathname === "/v1/instance") return answerJson(response, ...stub.instance);
    if (pathname === "/frontend/.well-known/jwks.json")
      return answerJson(response, 200, { keys: stub.frontendKeys });
    if (pathname === "/api/webhooks/clerk") return answerJson(response, stub.endpoint, {});
    return false;
  };
});

/** Leaves out the findings about the sync: a new database always has some, and other tests check them. */
const outsideSync = (found: string[]) => found.filter((line) => !line.startsWith("Sync"));

test("npm run doctor reports no failure for a correct installation, and each check prints its result", async () => {
  const { code, output } = await run({});
  expect(output).toMatch(/^ok +Environment /m);
  expect(output).toMatch(/^ok +Database .*Postgres \d+.*directly, without a pooler\.$/m);
  expect(output).toMatch(/^ok +Schema /m);
  expect(output).toMatch(
    /^ok +Clerk API +Clerk accepts the secret key of ins_test \(production\)\.$/m,
  );
  expect(output).toMatch(/^ok +Session keys /m);
  expect(output).toMatch(/^ok +Publishable key /m);
  expect(output).toMatch(/^ok +Endpoint /m);
  expect(output).not.toMatch(/FAILURE/);
  expect(code).toBe(0);
});

test("npm run doctor reports keys of another Clerk instance, a wrong clock and an endpoint of another app as failures", async () => {
  stub = {
    instance: [200, { id: "ins_other", environment_type: "development" }],
    frontendKeys: [otherKey],
    endpoint: 308,
    clockMs: 3 * 60_000,
  };
  clerk.jwks = [jwkOf(makeKeys().publicKey, "ins_new")];
  const { code, found, text } = await faults();
  expect(code).toBe(1);
  expect(outsideSync(found)).toEqual([
    "Clerk keys: bad",
    "Session keys: bad",
    "Publishable key: bad",
    "Clock: bad",
    "Endpoint: bad",
  ]);
  expect(text).toMatch(/This clock is 1(7\d|80) s behind Clerk's clock/);
  expect(text).toContain("npm run replay -- --quarantined");
});

test.each<[number, object, string, string]>([
  [401, clerkError("authentication_invalid"), "bad", "Clerk refuses CLERK_SECRET_KEY (401)."],
  [403, {}, "bad", "answered 403, not Clerk."],
  [429, clerkError("too_many_requests"), "wait", "Clerk answered 429: its rate limit is used up."],
])(
  "when the Backend API answers %i %j, npm run doctor names the cause",
  async (status, body, state, sentence) => {
    stub.instance = [status, body];
    const { found, text } = await faults();
    expect(found).toContain(`Clerk API: ${state}`);
    expect(text).toContain(sentence);
  },
);

test("npm run doctor reports a test key next to a live key as one failure, also when Clerk refuses the secret key", async () => {
  const publishable = (process.env.NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY ?? "").replace("live", "test");
  const changes = { NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: publishable };
  const { found, text } = await faults(changes);
  expect(found.filter((line) => line.endsWith("bad"))).toEqual(["Clerk keys: bad"]);
  expect(text).toContain("is a test key and CLERK_SECRET_KEY a live key");
  stub.instance = [401, {}];
  expect((await faults(changes)).found).toContain("Clerk keys: bad");
});

test("npm run doctor names the variable of a secret key that Clerk refuses, without its value", async () => {
  stub.instance = [401, {}];
  const { code, found, text } = await faults();
  expect(code).toBe(1);
  expect(found).toContain("Clerk API: bad");
  expect(text).toContain("Clerk refuses CLERK_SECRET_KEY (401).");
  expect(text).not.toContain(process.env.CLERK_SECRET_KEY ?? "");
});

test("npm run doctor warns about a session key of Clerk that CLERK_JWT_KEY lacks, and about an app that is not running", async () => {
  clerk.jwks = [ourKey, otherKey];
  const { code, found } = await faults({ APP_URL: "http://127.0.0.1:1" });
  expect(outsideSync(found)).toEqual(["Session keys: warn", "Endpoint: warn"]);
  expect(code).toBe(0);
});

test("npm run doctor reports a database schema of an earlier version as a failure", async () => {
  const { pool } = database();
  const { rows } = await pool.query(
    `DELETE FROM "_prisma_migrations" WHERE migration_name = (SELECT max(migration_name) FROM "_prisma_migrations") RETURNING *`,
  );
  const { code, found, text } = await faults();
  await pool.query(
    `INSERT INTO "_prisma_migrations" SELECT * FROM json_populate_record(null::"_prisma_migrations", $1)`,
    [JSON.stringify(rows[0])],
  );
  expect({ code, found: outsideSync(found) }).toEqual({ code: 1, found: ["Schema: bad"] });
  expect(text).toContain("npm run db:migrate");
});

test("npm run doctor reports a missing ARCHIVE_KEY as a warning, and another key than the archive's as a failure", async () => {
  const without = await faults({ ARCHIVE_KEY: "" });
  expect({ code: without.code, found: outsideSync(without.found) }).toEqual({
    code: 0,
    found: ["Archive: warn"],
  });
  expect(without.text).toContain("ARCHIVE_KEY is not set");
  expect(outsideSync((await faults()).found)).toEqual([]);
  const other = await faults({ ARCHIVE_KEY: `other:${Buffer.alloc(32).toString("base64")}` });
  expect({ code: other.code, found: outsideSync(other.found) }).toEqual({
    code: 1,
    found: ["Archive: bad"],
  });
  expect(other.text).toContain("no key with the id test");
});

test("npm run doctor reports a missing reader role and missing search indexes as warnings with their remedies", async () => {
  const { pool } = database();
  // The role name is unique, because roles belong to the server, which other tests also use.
  const role = `reader ${randomUUID()}`;
  await pool.query(
    `CREATE OR REPLACE FUNCTION reader_role() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '${role}'::text $$;
     DROP INDEX users_search_idx`,
  );
  const { code, found, text } = await faults();
  expect({ code, found: outsideSync(found) }).toEqual({
    code: 0,
    found: ["SQL contract: warn", "Search: warn"],
  });
  expect(text).toContain(`There is no role ${role}`);
  expect(text).toContain("which creates the indexes");
  await pool.query("SELECT grant_reader_role(), create_search_indexes()");
  expect(outsideSync((await faults()).found)).toEqual([]);
  await pool.query(`DROP OWNED BY "${role}"; DROP ROLE "${role}"`);
});

test("npm run doctor without environment variables checks the app and the database of a running npm run dev", async () => {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-doctor-"));
  mkdirSync(join(folder, ".rollcall"));
  writeStackFile(join(folder, ".rollcall/dev-stack.json"), "http://localhost:4999", {
    CLERK_SECRET_KEY: "sk_live_local",
    DATABASE_URL: "postgresql://a:b@127.0.0.1:1/dev",
  });
  const unset = { CLERK_SECRET_KEY: "", DATABASE_URL: "" };
  const { output, errors } = await runIn(folder, unset, "--json");
  rmSync(folder, { recursive: true });
  expect(errors).toContain("Using the stack of npm run dev (http://localhost:4999).");
  expect(output).toContain("127.0.0.1:1");
});

test("npm run doctor without a database runs the other checks, and does not report the sync", async () => {
  const { code, found } = await faults({ DATABASE_URL: "postgresql://a:b@127.0.0.1:1/none" });
  expect({ code, found }).toEqual({ code: 1, found: ["Database: bad"] });
});

test("npm run doctor reports a missing variable as the only finding", async () => {
  const { code, found, text } = await faults({ CLERK_SECRET_KEY: "" });
  expect({ code, found }).toEqual({ code: 1, found: ["Environment: bad"] });
  expect(text).toContain("CLERK_SECRET_KEY is empty");
});

test("npm run doctor prints the usage for an unknown flag", async () => {
  const { code, errors } = await run({}, "--jsn");
  const usage = "Usage: npm run doctor -- [--json] [--gate [--allow CODE]…]\n";
  expect({ code, errors }).toEqual({ code: 1, errors: usage });
});

test("npm run doctor -- --gate ends with 2 for a stale mirror and 1 for a broken one, and its last lines are the reason and the remedy", async () => {
  const [stale, allowed, broken] = await Promise.all([
    run({}, "--gate"),
    run({}, "--gate", "--allow", "no-worker"),
    run({ CLERK_SECRET_KEY: "" }, "--gate"),
  ]);
  expect(stale).toMatchObject({
    code: 2,
    output: expect.stringMatching(
      /The deployment is refused: the mirror is stale\.\nSync \(no-worker\): No background worker .*\n {2}Set `ROLLCALL_WORKER=in-app`.*\n$/,
    ),
  });
  expect(allowed).toMatchObject({
    code: 0,
    output: expect.stringMatching(/The deployment may go on\.\nAllowed: Sync \(no-worker\)\n$/),
  });
  expect(broken).toMatchObject({
    code: 1,
    output: expect.stringMatching(/something is broken\.\nEnvironment: .*CLERK_SECRET_KEY/),
  });
});
