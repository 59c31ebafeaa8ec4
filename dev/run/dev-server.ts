/**
 * `npm run dev`: starts the database, the local Clerk and the app in order, and stops them together.
 *
 * Clerk keys and DATABASE_URL, where set, replace the local stand-ins. Checks the settings, the lock and the port before it
 * starts anything. Never runs in production.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError, UserError } from "../../lib/errors";
import { migrate } from "../../prisma/migrate";
import { makeFolder } from "../local-clerk/store/make-folder";
import { findFreePort, isPortFree } from "../ports";
import { startPostgres } from "../postgres/server";
import { readArchiveKey } from "./archive-key";
import { checkFolder } from "./check-folder";
import { takeLock } from "./lock";
import { createLog, type Log } from "./log";
import { type NextApp, startNext, stopLeftBehind } from "./next-app";
import { prepareNextCache } from "./next-cache";
import { generateClient } from "./prisma-generate";
import { passwordsOf, readSettings, type Settings } from "./settings";
import { awaitEnding, type Ending, type Reason } from "./shutdown";
import { writeStackFile } from "./stack-file";
import { awaitFirstPage, warmUp } from "./warm-up";

const ROOT = process.cwd();
const STATE = join(ROOT, ".rollcall");
const FIRST_ANSWER_TIMEOUT_MS = 180_000;

type Clerk = Awaited<ReturnType<typeof import("../local-clerk/start").startLocalClerk>>;

/** The state of a run. `stops` has a function for each started part, which stops it. */
type Run = { log: Log; ending: Ending; stops: (() => Promise<void> | void)[] };

export async function main(): Promise<void> {
  // Writing to a closed terminal fails. This error must not end the process, because the servers must still be stopped.
  process.stdout.on("error", () => {});
  const log = createLog((text) => process.stdout.write(text));
  const ending = awaitEnding(() => process.exit(1));
  const run: Run = { log, ending, stops: [] };
  const reason = await runUntilEnd(run).catch((error: unknown) =>
    // If the end of the run was already requested, a later error is not reported as a failure.
    ending.signal.aborted ? ending.reason : { failure: describeError(error) },
  );
  log.plain("failure" in reason ? reason.failure : "Stopping.");
  for (const stop of run.stops.reverse()) {
    await Promise.resolve(stop()).catch((error: unknown) => log.plain(describeError(error)));
  }
  if ("failure" in reason) process.exit(1);
  // Ends this process by the same signal, so that shells and npm see the signal as the reason.
  process.removeAllListeners(reason.signal);
  process.kill(process.pid, reason.signal);
}

async function runUntilEnd(run: Run): Promise<Reason> {
  const startedAt = performance.now();
  checkFolder(ROOT);
  const settings = readSettings(ROOT);
  run.log.hide(...settings.secrets);
  const started = await start(settings, run);
  if (started !== undefined) {
    const { app, clerk, firstStatus, sendWebhooks } = started;
    summarize(settings, clerk, firstStatus, run.log, startedAt);
    void warmUp({
      app: settings,
      signal: run.ending.signal,
      sessionToken: async () => clerk?.signTokenOf(clerk.users[0]?.email ?? ""),
      // The local Clerk sends the webhooks of its seed only after the sign-in page is compiled. Otherwise Next would compile the
      // webhook route at the same time.
      onSignInCompiled: sendWebhooks,
      silence: app.silence,
    });
  }
  return run.ending.reason;
}

type Started = {
  app: NextApp;
  clerk: Clerk | undefined;
  firstStatus: number;
  /** Lets the local Clerk send the webhooks of its seed. */
  sendWebhooks: () => void;
};

/** Starts all parts. Resolves to undefined if the end of the run was requested meanwhile. */
async function start(settings: Settings, run: Run): Promise<Started | undefined> {
  const { log, ending, stops } = run;
  const { port } = settings;
  const lock = await takeLock(join(STATE, "dev.lock"), `http://localhost:${port}`);
  stops.push(lock.release);
  if (lock.leftBehind !== undefined) {
    const pids = await stopLeftBehind(lock.leftBehind);
    if (pids.length > 0)
      log.say("app", `stopped what a killed run left behind (${pids.join(", ")})`);
  }
  if (!(await isPortFree(port))) {
    throw new UserError(
      `Port ${port} is taken by another program: stop it, or start on another port with PORT=${port + 1} npm run dev.`,
    );
  }

  const appReady = makeSignal();
  // Awaits all parts even if one fails, so that none is still starting while the others are stopped.
  const parts = await Promise.allSettled([
    startDatabase(settings, run),
    settings.usesLocalClerk ? startClerk(settings, run, appReady.promise) : undefined,
    generateClient(ROOT),
  ] as const);
  for (const part of parts) if (part.status === "rejected") throw part.reason;
  const [database, clerk] = parts;
  if (database.status === "rejected" || clerk.status === "rejected" || ending.signal.aborted) {
    return undefined;
  }

  const archiveKey = settings.archiveKey ?? readArchiveKey(join(STATE, "archive-key"));
  log.hide(archiveKey);
  const env: NodeJS.ProcessEnv = {
    ...settings.inherited,
    ...settings.masked,
    ...clerk.value?.env,
    DATABASE_URL: database.value,
    APP_URL: settings.appUrl,
    ARCHIVE_KEY: archiveKey,
    PORT: String(port),
    NODE_ENV: "development",
  };
  const stack = {
    ...clerk.value?.env,
    DATABASE_URL: database.value,
    APP_URL: settings.appUrl,
    ARCHIVE_KEY: archiveKey,
  };
  stops.push(writeStackFile(join(STATE, "dev-stack.json"), `http://localhost:${port}`, stack));
  const cache = prepareNextCache({ root: ROOT, recordFile: join(STATE, "next-cache.json"), env });
  const app = startNext({
    root: ROOT,
    port,
    runId: lock.runId,
    env,
    log: (line) => log.say("app", line),
  });
  stops.push(async () => {
    if (await app.stop()) cache.markClean();
  });
  process.once("exit", app.kill);
  if (app.process.pid !== undefined) lock.recordApp(app.process.pid);
  app.process.once("exit", (code, signal) => ending.fail(`The app has ended (${signal ?? code}).`));

  const timeout = AbortSignal.timeout(FIRST_ANSWER_TIMEOUT_MS);
  const firstStatus = await awaitFirstPage(settings, AbortSignal.any([ending.signal, timeout]));
  if (firstStatus === undefined)
    ending.fail(`The app does not answer at http://localhost:${port}/; its log above says why.`);
  if (firstStatus === undefined) return undefined;
  return { app, clerk: clerk.value, firstStatus, sendWebhooks: appReady.resolve };
}

function makeSignal(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function startDatabase(settings: Settings, run: Run): Promise<string> {
  const { databaseUrl, directDatabaseUrl } = settings;
  const log = (line: string) => run.log.say("database", line);
  if (databaseUrl !== undefined && directDatabaseUrl !== undefined) {
    const variable = directDatabaseUrl === databaseUrl ? "DATABASE_URL" : "DIRECT_DATABASE_URL";
    await migrate(directDatabaseUrl, { log, variable });
    log("ready (DATABASE_URL)");
    return databaseUrl;
  }
  const postgres = await startPostgres({ dataDir: join(STATE, "postgres"), log });
  run.stops.push(postgres.stop);
  run.log.hide(...passwordsOf(postgres.url));
  postgres.process.once("exit", () => run.ending.fail("The local Postgres has ended."));
  await migrate(postgres.url, { log });
  log(`ready (embedded, port ${postgres.port})`);
  return postgres.url;
}

async function startClerk({ appUrl }: Settings, run: Run, appReady: Promise<void>): Promise<Clerk> {
  const log = (line: string) => run.log.say("clerk", line);
  const { startLocalClerk } = await import("../local-clerk/start");
  const port = await findClerkPort();
  const dataDir = join(STATE, "clerk");
  const clerk = await startLocalClerk({ port, dataDir, appUrl, appReady, log });
  run.stops.push(clerk.close);
  for (const [name, value] of Object.entries(clerk.env))
    if (/SECRET/.test(name)) run.log.hide(value);
  log(`ready (local, port ${port})`);
  return clerk;
}

/**
 * Resolves to the port of the local Clerk. The port is part of the Clerk keys, and so of every session. So it stays the same
 * across restarts when possible.
 */
async function findClerkPort(): Promise<number> {
  const file = join(STATE, "clerk-port");
  const remembered = existsSync(file) ? Number(readFileSync(file, "utf8")) : Number.NaN;
  const isUsable = Number.isInteger(remembered) && remembered > 1023 && remembered < 65_536;
  const port = await findFreePort(...(isUsable ? [remembered] : []), 4010);
  makeFolder(STATE);
  writeFileSync(file, String(port));
  return port;
}

function summarize(
  { port }: Settings,
  clerk: Clerk | undefined,
  firstStatus: number,
  log: Log,
  startedAt: number,
): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  const headline =
    firstStatus < 400
      ? `Ready in ${seconds} s.`
      : `The app runs, but its first page answers ${firstStatus}. The lines above say why; it reloads when that is corrected.`;
  const lines = ["", headline, ""];
  if (clerk !== undefined) {
    const width = Math.max(...clerk.users.map(({ email }) => email.length));
    lines.push("Sign in as");
    for (const { email, name, note } of clerk.users) {
      lines.push(`  ${email.padEnd(width)}  ${name}, ${note}`);
    }
    lines.push(`  password: ${clerk.password}`, "", `Control page  ${clerk.url}/__clerk/dev`);
  }
  lines.push(`Open          http://localhost:${port}`, "");
  log.plain(lines.join("\n"));
}
