// Starts the local Clerk: a stand-in for Clerk on this machine, for development and tests, so genuine
// that Clerk's own components and server client cannot tell. It refuses production unless asked by name,
// and it never listens anywhere but on loopback.

import { type Clock, MovableClock } from "./clock";
import type { World } from "./context";
import { type Keys, loadKeys } from "./instance/keys";
import { plantRoles } from "./instance/roles";
import { startClock } from "./instance/stored-clock";
import { loadSettings } from "./instance/stored-settings";
import { currentScope } from "./request-context";
import { type Answer, listen, localClerkApp } from "./server";
import { Handshakes } from "./sessions/handshakes";
import { OauthRounds } from "./sessions/oauth-rounds";
import { Faults } from "./simulation/faults";
import { readSeed, sow } from "./simulation/seed";
import { lockData } from "./store/data-lock";
import { makeFolder } from "./store/make-folder";
import { State } from "./store/state";
import { UserError } from "./user-error";
import { untilAnswering } from "./wait-for-app";
import { WebhookSender } from "./webhooks/sender";

export type LocalClerkKeys = {
  publishableKey: string;
  secretKey: string;
  /** PEM of the public key that verifies session tokens. */
  jwtKey: string;
  webhookSigningSecret: string;
};

export type LocalClerk = {
  url: string;
  keys: LocalClerkKeys;
  /** Variables for the app's process. */
  env: Record<string, string>;
  people: { email: string; name: string; note: string }[];
  password: string;
  /** What it answers to, as its router has it. */
  routes: { method: string; path: string }[];
  close(): Promise<void>;
};

export type LocalClerkOptions = {
  /** 0 for any. */
  port: number;
  dataDir: string;
  /** The app's origin, e.g. http://localhost:3000: the only one that is answered. */
  appUrl: string;
  log?: (line: string) => void;
  /** Path of another seed file. */
  seed?: string;
  clock?: Clock;
  /** Told of every answer and every event, for tests. */
  onAnswer?: (answer: Answer) => void;
  onEvent?: (type: string, body: string) => void;
};

const appMayTakeMs = 180_000;

export async function startLocalClerk(options: LocalClerkOptions): Promise<LocalClerk> {
  refuseProduction();
  const { dataDir, clock = new MovableClock(), log = () => {} } = options;
  const appOrigin = new URL(options.appUrl).origin;
  const seed = readSeed(options.seed);
  makeFolder(dataDir, 0o700);
  const unlock = lockData(dataDir);
  try {
    const keys = loadKeys(dataDir, clock.now());
    const state = new State(dataDir, clock.now());
    startClock(state, clock);
    plantRoles(state);
    const webhookUrl = `${appOrigin}/api/webhooks/clerk`;
    const webhooks = new WebhookSender({
      state,
      clock,
      log,
      url: webhookUrl,
      secret: keys.webhookSigningSecret,
    });
    const world: World = {
      state,
      keys,
      clock,
      webhooks,
      log,
      appOrigin,
      instanceSettings: loadSettings(state),
      get settings() {
        const own = currentScope()?.settings;
        return own ? { ...this.instanceSettings, ...own } : this.instanceSettings;
      },
      rounds: new OauthRounds(clock),
      faults: new Faults(clock),
      handshakes: new Handshakes(clock),
      proxyUrl: `${appOrigin}/__clerk`,
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
    };
    await sow(world, seed);
    const app = localClerkApp(world, seed, options.onAnswer);
    const server = await listen(app, options.port);
    let isClosed = false;
    const isCancelled = () => isClosed;
    void untilAnswering(webhookUrl, { forMs: appMayTakeMs, isCancelled }).then(() => {
      if (!isClosed) webhooks.start();
    });
    const url = `http://127.0.0.1:${server.port}`;
    return {
      url,
      keys: publicKeys(keys),
      env: appEnvironment(keys, url),
      people: seed.people.map(({ email, firstName, lastName, note }) => ({
        email,
        name: `${firstName} ${lastName}`,
        note,
      })),
      password: seed.password,
      routes: app.routes.map(({ method, path }) => ({ method, path })),
      close: async () => {
        isClosed = true;
        world.faults.release();
        webhooks.close();
        await server.close();
        state.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
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

function appEnvironment(keys: Keys, url: string): Record<string, string> {
  return {
    NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: keys.publishableKey,
    CLERK_SECRET_KEY: keys.secretKey,
    CLERK_JWT_KEY: keys.jwtKey,
    CLERK_WEBHOOK_SIGNING_SECRET: keys.webhookSigningSecret,
    CLERK_API_URL: `${url}/bapi`,
    CLERK_FAPI_URL: `${url}/fapi`,
    NEXT_PUBLIC_CLERK_PROXY_URL: "/__clerk",
    NEXT_PUBLIC_CLERK_SIGN_IN_URL: "/sign-in",
    NEXT_PUBLIC_CLERK_SIGN_UP_URL: "/sign-up",
    NEXT_PUBLIC_CLERK_TELEMETRY_DISABLED: "1",
    NEXT_PUBLIC_CLERK_KEYLESS_DISABLED: "1",
  };
}
