/**
 * The servers for the browser tests: the production build with the local Clerk and the embedded Postgres. A second copy of
 * the app runs on the same database with the middleware removed from its build.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ContractWatch } from "../dev/local-clerk/contract/watch";
import { startLocalClerk } from "../dev/local-clerk/start";
import { findFreePort } from "../dev/ports";
import { startPostgres } from "../dev/postgres/server";
import { readArchiveKey } from "../dev/run/archive-key";
import { migrate } from "../prisma/migrate";
import { LogWatch } from "./log-watch";

const ROOT = process.cwd();
const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;

/**
 * What tests need to reach the stack. Playwright's workers get it in ROLLCALL_STACK, because they inherit this process's
 * environment.
 */
export type Stack = {
  appUrl: string;
  bareAppUrl: string;
  clerkUrl: string;
  secretKey: string;
  databaseUrl: string;
};

type Undo = () => Promise<unknown> | unknown;

function startApp(cwd: string, port: number, variables: Record<string, string>): ChildProcess {
  const bin = join(ROOT, "node_modules/next/dist/bin/next");
  // Binds the server to the host name that the browser uses. If it is bound to an IP address, requests that pass through the
  // middleware hang.
  return spawn(process.execPath, [bin, "start", "-p", String(port), "-H", "localhost"], {
    cwd,
    env: { ...process.env, NODE_ENV: "production", PORT: String(port), ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Waits until the app has exited and flushed its output, so that its dependencies can be stopped. */
async function stopApp(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) return;
  const closed = once(app, "close");
  app.kill();
  const force = setTimeout(() => app.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await closed;
  clearTimeout(force);
}

async function waitUntilReady(url: string, app: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < giveUpAt && app.exitCode === null) {
    const answer = await fetch(`${url}/api/ready`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(100);
  }
  throw new Error(`the app did not become ready at ${url}; is there a build (npm run build)?`);
}

/** Copies the build and removes the middleware from its manifests, to test that pages and API guard themselves. */
function buildWithoutMiddleware(folder: string): string {
  mkdirSync(folder);
  for (const name of ["node_modules", "package.json", "next.config.ts", "tsconfig.json"]) {
    symlinkSync(join(ROOT, name), join(folder, name));
  }
  cpSync(join(ROOT, ".next"), join(folder, ".next"), {
    recursive: true,
    filter: (path) => !/\.next\/(cache|dev|standalone|commands)(\/|$)/.test(path),
  });
  const manifest = join(folder, ".next/server/functions-config-manifest.json");
  const { functions, ...rest } = JSON.parse(readFileSync(manifest, "utf8"));
  if (!("/_middleware" in functions)) throw new Error("the build has no middleware to remove");
  delete functions["/_middleware"];
  writeFileSync(manifest, JSON.stringify({ ...rest, functions }));
  return folder;
}

async function start(undo: Undo[]): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-e2e-"));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));

  const postgres = await startPostgres({ dataDir: join(folder, "postgres") });
  undo.push(() => postgres.stop());
  await migrate(postgres.url);

  const port = await findFreePort(3100);
  const appUrl = `http://localhost:${port}`;
  const watch = new ContractWatch();
  const { onResponse, onEvent } = watch;
  const dataDir = join(folder, "clerk");
  const clerk = await startLocalClerk({ port: 0, dataDir, appUrl, onResponse, onEvent });
  undo.push(async () => {
    await clerk.close();
    for (const line of watch.missing()) process.stderr.write(`${line}\n`);
    watch.requireNoFaults();
  });

  // Turns the erasure brake off, because these tests delete many of their few users.
  const variables = {
    ...clerk.env,
    DATABASE_URL: postgres.url,
    APP_URL: appUrl,
    ERASURE_BRAKE_PERCENT: "100",
    ARCHIVE_KEY: readArchiveKey(join(folder, "archive-key")),
  };
  const log = new LogWatch();
  const { secretKey, webhookSigningSecret } = clerk.keys;
  undo.push(() => log.requireNothingPrivate([secretKey, webhookSigningSecret, postgres.url]));
  const app = startApp(ROOT, port, variables);
  log.follow(app);
  undo.push(() => stopApp(app));

  const barePort = await findFreePort(3101);
  const bareAppUrl = `http://localhost:${barePort}`;
  const bareApp = startApp(buildWithoutMiddleware(join(folder, "bare")), barePort, variables);
  log.follow(bareApp);
  undo.push(() => stopApp(bareApp));

  await Promise.all([waitUntilReady(appUrl, app), waitUntilReady(bareAppUrl, bareApp)]);
  return { appUrl, bareAppUrl, clerkUrl: clerk.url, secretKey, databaseUrl: postgres.url };
}

export default async function setup(): Promise<() => Promise<void>> {
  const undo: Undo[] = [];
  /** Runs every step of `undo` even when one step throws, so that no server is left running. */
  const teardown = async () => {
    const faults: unknown[] = [];
    for (const step of undo.reverse()) {
      try {
        await step();
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw faults[0];
  };
  try {
    process.env.ROLLCALL_STACK = JSON.stringify(await start(undo));
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}
