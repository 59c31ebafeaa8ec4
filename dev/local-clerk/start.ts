// Starts the local Clerk: a replacement for Clerk on this machine, for development and tests. Clerk's own components and server
// client work with it unmodified. It refuses NODE_ENV=production unless LOCAL_CLERK allows it, and it listens on the loopback
// address only.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ownerOfAddress } from "./accounts/identifier-owners";
import { hashPassword } from "./authentication/passwords";
import { type Clock, MovableClock } from "./clock";
import type { ClerkContext } from "./context";
import { developmentKeys } from "./instance/development-keys";
import { type Keys, loadKeys } from "./instance/keys";
import { seedSystemRoles } from "./instance/roles";
import { restoreClock } from "./instance/stored-clock";
import { loadSettings } from "./instance/stored-settings";
import { lockRecord, newLockRecord, takeProcessLock } from "./process-lock";
import { currentRequest } from "./request-context";
import { writeRunningUrl } from "./running-url";
import { listen, localClerkApp, loopbackHosts, type RecordedResponse } from "./server";
import { Handshakes } from "./sessions/handshakes";
import { OauthRounds } from "./sessions/oauth-rounds";
import { tokenWithoutSession } from "./sessions/tokens";
import { Faults } from "./simulation/faults";
import { applySeed, isSeeded, type NewSeed, readSeed, type Seed } from "./simulation/seed";
import { makeFolder } from "./store/make-folder";
import { State } from "./store/state";
import { exportState, importState } from "./store/state-file";
import { UserError } from "./user-error";
import { waitForApp } from "./wait-for-app";
import { WebhookSender } from "./webhooks/sender";

export type LocalClerkKeys = {
  publishableKey: string;
  secretKey: string;
  /** PEM of the public key that verifies session tokens. */
  jwtKey: string;
  webhookSigningSecret: string;
};

export type LocalClerk = {
  /** The local Clerk's origin, such as http://127.0.0.1:4010. Pass it to `controlClient` to control the local Clerk. */
  url: string;
  keys: LocalClerkKeys;
  /** The environment variables that the app's process needs. */
  env: Record<string, string>;
  users: { email: string; name: string; note: string }[];
  /** The password of every user of the seed. */
  password: string;
  /** All implemented routes. */
  routes: { method: string; path: string }[];
  /**
   * Signs a session token for the user with this address. The token's session is not stored, and the token is valid for a minute.
   * Resolves to undefined if no user has the address.
   */
  signTokenOf(email: string): Promise<string | undefined>;
  /** Writes the keys and all records to a file, which `importFrom` reads. The file contains secret keys and sessions. */
  exportState(path: string): void;
  close(): Promise<void>;
};

export type LocalClerkOptions = {
  /** The kind of instance: `production` (default) has keys `pk_live_…`; `development` has `pk_test_…` and a dev browser. */
  instance?: "production" | "development";
  /** TCP port on 127.0.0.1. Default: any free port. */
  port?: number;
  /** Folder of the keys and the data. Default: a temporary folder, which `close()` deletes. */
  dataDir?: string;
  /** The app's origin. Frontend API requests of any other origin are refused. Default: http://localhost:3000 */
  appUrl?: string;
  /** Path of the app's webhook route. Default: /api/webhooks/clerk */
  webhookPath?: string;
  /**
   * How the app's pages reach the Frontend API. `proxied`: under `/__clerk` of the app. `direct`: at the local Clerk's own port,
   * for an app without a proxy, such as a React app with Vite. Default: proxied.
   */
  frontendApi?: FrontendApi;
  /** First users and organizations: an object, or the path of a JSON file. Default: the built-in seed. */
  seed?: string | NewSeed;
  /**
   * A file that `exportState` or `local-clerk export` wrote. Its keys and records fill an empty data folder, and the seed is not
   * applied.
   */
  importFrom?: string;
  /**
   * Webhooks are sent only after this promise has resolved. They also wait, for at most three minutes, until the app's webhook
   * route responds. Without the promise, that wait would make a starting dev server compile the webhook route first.
   */
  appReady?: Promise<void>;
  log?: (line: string) => void;
  /** Replaces the system clock, for tests that advance the time. */
  clock?: Clock;
  /** Called with every response of the Frontend API, the Backend API and the control API. */
  onResponse?: (answer: RecordedResponse) => void;
  /** Called with the type and the body of every webhook event, before it is sent. */
  onEvent?: (type: string, body: string) => void;
};

type FrontendApi = "proxied" | "direct";

const appStartTimeoutMs = 180_000;
const appWarningMs = 30_000;

/** Starts a local Clerk. Several can run in one process: each has its own port, data folder, keys and state. */
export async function startLocalClerk(options: LocalClerkOptions = {}): Promise<LocalClerk> {
  refuseProduction();
  const seed = readSeed(options.seed);
  const cleanUps: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  };
  try {
    return { ...(await start(options, seed, cleanUps)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  options: LocalClerkOptions,
  seed: Seed,
  cleanUps: (() => Promise<void> | void)[],
): Promise<Omit<LocalClerk, "close">> {
  const { clock = new MovableClock(), log = () => {} } = options;
  const appOrigin = new URL(options.appUrl ?? "http://localhost:3000").origin;
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "local-clerk-"));
  if (options.dataDir === undefined) {
    cleanUps.push(() => rmSync(dataDir, { recursive: true, force: true }));
  }
  makeFolder(dataDir, 0o700);
  cleanUps.push(await lockData(dataDir));
  const server = await listen(options.port ?? 0);
  cleanUps.push(() => server.close());
  if (options.importFrom !== undefined) importState(dataDir, options.importFrom);
  const isDevelopment = options.instance === "development";
  const state = new State(dataDir, clock.now());
  cleanUps.push(() => state.close());
  // Runs in another thread while the keys are generated. Each takes up to 200 ms.
  const hashing = isSeeded(state) ? undefined : hashPassword(seed.password);
  const storedKeys = await loadKeys(dataDir, appOrigin, clock.now());
  const keys = isDevelopment ? developmentKeys(storedKeys) : storedKeys;
  restoreClock(state, clock);
  seedSystemRoles(state);
  const proxyUrl = frontendApiUrl(appOrigin, server.port, options.frontendApi);
  const webhookUrl = new URL(options.webhookPath ?? "/api/webhooks/clerk", appOrigin).href;
  const webhooks = new WebhookSender({
    state,
    clock,
    log,
    url: webhookUrl,
    secret: keys.webhookSigningSecret,
  });
  const context: ClerkContext = {
    state,
    keys,
    isDevelopment,
    clock,
    webhooks,
    log,
    appOrigin,
    instanceSettings: loadSettings(state),
    get settings() {
      const own = currentRequest()?.settings;
      return own ? { ...this.instanceSettings, ...own } : this.instanceSettings;
    },
    rounds: new OauthRounds(clock),
    faults: new Faults(clock),
    handshakes: new Handshakes(clock),
    proxyUrl,
    ...(options.onEvent ? { onEvent: options.onEvent } : {}),
  };
  await applySeed(context, seed, hashing);
  const app = localClerkApp(context, seed, options.onResponse);
  server.serve(app);
  const abort = new AbortController();
  cleanUps.push(() => {
    abort.abort();
    context.faults.release();
    webhooks.close();
  });
  const isCancelled = () => abort.signal.aborted;
  const startWebhooks = async () => {
    await options.appReady;
    await waitForApp(webhookUrl, {
      forMs: appStartTimeoutMs,
      warnAfterMs: appWarningMs,
      isCancelled,
      log,
    });
    if (!isCancelled()) webhooks.start();
  };
  void startWebhooks();
  const url = `http://127.0.0.1:${server.port}`;
  cleanUps.push(writeRunningUrl(dataDir, url));
  return {
    url,
    keys: publicKeys(keys),
    env: {
      ...appEnvironment(keys, url),
      ...(options.frontendApi === "direct" ? directEnvironment(keys, proxyUrl) : {}),
    },
    users: seed.users.map(({ email, firstName, lastName, note }) => ({
      email,
      name: `${firstName} ${lastName}`,
      note,
    })),
    password: seed.password,
    routes: app.routes.map(({ method, path }) => ({ method, path })),
    signTokenOf: async (email) => {
      const user = ownerOfAddress(context, email);
      return user && tokenWithoutSession(context, user.id, appOrigin);
    },
    exportState: (path) => exportState(dataDir, path),
  };
}

/**
 * Locks the data folder, because two processes would overwrite each other's journal. Returns the function that releases the lock.
 */
async function lockData(dataDir: string): Promise<() => void> {
  const file = join(dataDir, "lock");
  const { release } = await takeProcessLock({
    file,
    shape: lockRecord,
    record: newLockRecord(),
    refusal: ({ holder: { pid } }) =>
      new UserError(
        `Local Clerk: ${dataDir} is in use by process ${pid}. Stop it, or delete ${file} if that process is not a local Clerk.`,
      ),
  });
  return release;
}

function refuseProduction(): void {
  if (process.env.NODE_ENV !== "production") return;
  if (process.env.LOCAL_CLERK === "allow-in-production") return;
  throw new UserError(
    "Local Clerk refuses to start with NODE_ENV=production. Use real Clerk keys, or set LOCAL_CLERK=allow-in-production for a test on this machine.",
  );
}

function publicKeys({ publishableKey, secretKey, jwtKey, webhookSigningSecret }: Keys) {
  return { publishableKey, secretKey, jwtKey, webhookSigningSecret };
}

/**
 * Returns the Frontend API's URL for the app's pages. With `direct`, the URL has the app's host name: a browser sends the cookies
 * of a host to every port of that host, but not to another host.
 */
function frontendApiUrl(appOrigin: string, port: number, kind: FrontendApi = "proxied"): string {
  if (kind === "proxied") return `${appOrigin}/__clerk`;
  const { hostname } = new URL(appOrigin);
  if (loopbackHosts.has(hostname)) return `http://${hostname}:${port}/fapi`;
  throw new UserError(
    `Local Clerk: a direct Frontend API needs an app on localhost or 127.0.0.1, and ${appOrigin} is neither. Open the app there, or let it proxy the Frontend API.`,
  );
}

/** Returns the app's environment variables, under the names that Vite and Clerk's Express SDK read. */
function directEnvironment({ publishableKey }: Keys, proxyUrl: string): Record<string, string> {
  return {
    NEXT_PUBLIC_CLERK_PROXY_URL: proxyUrl,
    VITE_CLERK_PUBLISHABLE_KEY: publishableKey,
    VITE_CLERK_PROXY_URL: proxyUrl,
    // Without these two URLs, Clerk's SDK would load its scripts by https from the host of the proxy's URL.
    VITE_CLERK_JS_URL: `${proxyUrl}/npm/@clerk/clerk-js@6/dist/clerk.browser.js`,
    VITE_CLERK_UI_URL: `${proxyUrl}/npm/@clerk/ui@1/dist/ui.browser.js`,
    CLERK_PUBLISHABLE_KEY: publishableKey,
    CLERK_PROXY_URL: proxyUrl,
  };
}

function appEnvironment(keys: Keys, url: string): Record<string, string> {
  return {
    NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: keys.publishableKey,
    CLERK_SECRET_KEY: keys.secretKey,
    CLERK_JWT_KEY: keys.jwtKey,
    CLERK_WEBHOOK_SIGNING_SECRET: keys.webhookSigningSecret,
    CLERK_API_URL: `${url}/bapi`,
    CLERK_FAPI_URL: `${url}/fapi`,
    LOCAL_CLERK_URL: url,
    NEXT_PUBLIC_CLERK_PROXY_URL: "/__clerk",
    NEXT_PUBLIC_CLERK_SIGN_IN_URL: "/sign-in",
    NEXT_PUBLIC_CLERK_SIGN_UP_URL: "/sign-up",
    NEXT_PUBLIC_CLERK_TELEMETRY_DISABLED: "1",
    NEXT_PUBLIC_CLERK_KEYLESS_DISABLED: "1",
  };
}
