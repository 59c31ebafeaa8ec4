/**
 * `npm run prove:upgrade [-- COMMIT]`: the app of an earlier release on the schema of this version, as during a deployment.
 *
 * Builds the commit (default: the last release in `prisma/releases.json`), starts it on a database with its own schema, and migrates
 * that database to this version's schema while the app serves. Before and after, the app gets every example event of Clerk's
 * description and every query of its own pages. Any difference between the two, any error of the schema in its log, and any answer
 * other than 200 during the migration fails the command. It takes minutes, because the release is built.
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Kind, parse, type TypeNode } from "graphql";
import { z } from "zod";
import { runMain, UserError } from "../../lib/errors";
import { readReleases } from "../../prisma/expand-contract";
import { migrate } from "../../prisma/migrate";
import { findFreePort } from "../ports";
import { startPostgres, withClient } from "../postgres/server";
import { clerkId, event, userJson } from "../testing/clerk-payloads";
import { specExamples } from "../testing/clerk-spec";
import { APP_URL, makeKeys, testEnvironment } from "../testing/environment";
import { type NextServer, startNextIn } from "../testing/servers";
import { signToken, svixHeaders } from "../testing/sign";

const ROOT = process.cwd();
const packages = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional() })),
});

/** Returns each package of the lock file as name@version. */
function packagesOf(folder: string): Set<string> {
  const lock = packages.parse(JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")));
  const names = Object.entries(lock.packages).map(
    ([path, { version }]) => `${path.replace(/^.*node_modules\//, "")}@${version}`,
  );
  return new Set(names.slice(1));
}

/** Installs the packages of the release: a copy of this version's, if these include all of them. */
function installPackages(folder: string): void {
  const ours = packagesOf(ROOT);
  const isSame = [...packagesOf(folder)].every((name) => ours.has(name));
  // Hard links: Turbopack refuses a symlink to a folder outside of the project.
  if (isSame) execFileSync("cp", ["-al", join(ROOT, "node_modules"), join(folder, "node_modules")]);
  else execFileSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: folder, stdio: "inherit" });
}

function buildRelease(commit: string, folder: string): void {
  execFileSync("git", ["worktree", "add", "--detach", folder, commit], { stdio: "ignore" });
  installPackages(folder);
  execFileSync("npm", ["run", "build"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
}

type Context = { url: string; secret: string; privateKey: string; admin: string };

async function sendEvent({ url, secret }: Context, payload: object): Promise<number> {
  const body = JSON.stringify({ ...payload, instance_id: "ins_test" });
  const target = `${url}/api/webhooks/clerk`;
  const headers = svixHeaders(body, secret);
  return (await fetch(target, { method: "POST", headers, body })).status;
}

/** Returns a value for a variable that must have one; undefined for a type of the schema's own. */
function valueFor(type: TypeNode, admin: string): unknown {
  if (type.kind !== Kind.NON_NULL_TYPE) return null;
  if (type.type.kind === Kind.LIST_TYPE) return [];
  const values = new Map<string, unknown>([
    ["ID", admin],
    ["String", admin],
    ["Int", 5],
    ["Boolean", false],
    ["DateTime", new Date(0).toISOString()],
  ]);
  return values.get(type.type.name.value);
}

type Operation = { name: string; text: string; variables: Record<string, unknown> };

/** Returns the queries of the release's pages whose variables can be filled in. */
function queriesOf(folder: string, admin: string): Operation[] {
  const file = join(folder, "lib/graphql/trusted-documents.json");
  const documents = z.record(z.string(), z.string()).parse(JSON.parse(readFileSync(file, "utf8")));
  return Object.values(documents).flatMap((text) => {
    const operation = parse(text).definitions.find(
      ({ kind }) => kind === Kind.OPERATION_DEFINITION,
    );
    if (operation?.kind !== Kind.OPERATION_DEFINITION || operation.operation !== "query") return [];
    const variables = (operation.variableDefinitions ?? []).map(
      ({ variable, type }): [string, unknown] => [variable.name.value, valueFor(type, admin)],
    );
    if (variables.some(([, value]) => value === undefined)) return [];
    const name = operation.name?.value ?? "";
    return [{ name, text, variables: Object.fromEntries(variables) }];
  });
}

const answered = z.object({
  errors: z.array(z.object({ extensions: z.object({ code: z.string() }).optional() })).default([]),
});

/** Sends a query as a platform admin. Resolves to the codes of its errors, or to "ok". */
async function sendQuery({ url, privateKey, admin }: Context, { text, variables }: Operation) {
  const token = signToken(privateKey, { sub: admin, azp: APP_URL });
  const response = await fetch(`${url}/api/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: text, variables }),
  });
  const { errors } = answered.parse(await response.json());
  return errors.map(({ extensions }) => extensions?.code ?? "no code").join(" ") || "ok";
}

/** Sends every event, query and page. Resolves to the result of each, by name. */
async function exercise(context: Context, queries: Operation[]): Promise<Map<string, string>> {
  const results = new Map<string, string>();
  for (const [index, [type, payload]] of specExamples.entries())
    results.set(`event ${index} ${type}`, String(await sendEvent(context, payload)));
  for (const query of queries) results.set(`query ${query.name}`, await sendQuery(context, query));
  for (const path of ["/", "/api/ready", "/sign-in"])
    results.set(`page ${path}`, String((await fetch(context.url + path)).status));
  return results;
}

/** Sends webhooks without a pause until `stop` aborts. Resolves to the number of answers by status. */
async function sendUntil(context: Context, stop: AbortSignal): Promise<Map<number, number>> {
  const answers = new Map<number, number>();
  while (!stop.aborted) {
    const status = await sendEvent(
      context,
      event("user.created", userJson({ id: clerkId("user") })),
    );
    answers.set(status, (answers.get(status) ?? 0) + 1);
  }
  return answers;
}

function compare(before: Map<string, string>, after: Map<string, string>): string[] {
  return [...before].flatMap(([name, result]) =>
    after.get(name) === result
      ? []
      : [`${name}: ${result}, and after the migration ${after.get(name)}`],
  );
}

/** Returns the deliveries that the app could not apply, with their errors. */
function failedDeliveries(databaseUrl: string): Promise<string[]> {
  return withClient(databaseUrl, async (client) => {
    const { rows } = await client.query<{ line: string }>(
      "SELECT coalesce(type, 'an event') || ' is ' || outcome || ': ' || coalesce(error, '') AS line FROM deliveries WHERE outcome NOT IN ('applied', 'stale', 'ignored', 'duplicate')",
    );
    return rows.map(({ line }) => line);
  });
}

const schemaError = z.object({ databaseFault: z.literal("schema"), message: z.string() });

/** Returns the messages of the app's log that are about a fault of the schema. */
function schemaErrorsIn(output: string): string[] {
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  return lines.flatMap((line) => {
    const { data } = schemaError.safeParse(JSON.parse(line));
    return data ? [`logged: ${data.message}`] : [];
  });
}

/** Returns each line once, with how often it occurred. */
function counted(lines: string[]): string[] {
  const counts = new Map<string, number>();
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1);
  return [...counts].map(([line, count]) => (count === 1 ? line : `${line} (${count} times)`));
}

async function proveUpgrade(commit: string): Promise<void> {
  const parent = mkdtempSync(join(tmpdir(), "rollcall-upgrade-"));
  const folder = join(parent, "release");
  const postgres = await startPostgres({ dataDir: join(parent, "postgres") });
  let app: NextServer | undefined;
  try {
    console.log(`builds ${commit.slice(0, 8)}`);
    buildRelease(commit, folder);
    // The folder of the release has its own migrations; this version's runner applies them, as each version's does.
    cpSync(join(folder, "prisma/migrations"), join(parent, "migrations"), { recursive: true });
    await migrate(postgres.url, { directory: join(parent, "migrations") });
    const keys = makeKeys();
    const environment = testEnvironment(keys, postgres.url);
    app = await startNextIn(folder, environment, await findFreePort());
    const admin = clerkId("user");
    const context: Context = {
      url: app.url,
      secret: environment.CLERK_WEBHOOK_SIGNING_SECRET,
      privateKey: keys.privateKey,
      admin,
    };
    const person = userJson({ id: admin, public_metadata: { role: "admin" } });
    await sendEvent(context, event("user.created", person));
    const queries = queriesOf(folder, admin);
    await exercise(context, queries);
    const before = await exercise(context, queries);

    const stop = new AbortController();
    const sending = sendUntil(context, stop.signal);
    const { applied } = await migrate(postgres.url);
    await sleep(500);
    stop.abort();
    const answers = await sending;
    const after = await exercise(context, queries);

    const faults = [
      ...compare(before, after),
      ...[...answers].flatMap(([status, count]) =>
        status === 200 ? [] : [`${count} webhooks were answered with ${status} meanwhile`],
      ),
      ...(await failedDeliveries(postgres.url)),
      ...schemaErrorsIn(app.output()),
    ];
    console.log(
      `${applied.length} migrations since; ${specExamples.length} events, ${queries.length} queries and 3 pages before and after, ${answers.get(200) ?? 0} webhooks meanwhile`,
    );
    if (faults.length > 0) throw new UserError(counted(faults).join("\n"));
    console.log(`The release ${commit.slice(0, 8)} works on this version's schema.`);
  } finally {
    await app?.stop();
    await postgres.stop();
    execFileSync("git", ["worktree", "remove", "--force", folder], { stdio: "ignore" });
    rmSync(parent, { recursive: true, force: true });
  }
}

void runMain(() => {
  const commit = process.argv[2] ?? readReleases().at(-1)?.commit;
  if (!commit) throw new UserError("Usage: npm run prove:upgrade [-- COMMIT]");
  return proveUpgrade(commit);
});
