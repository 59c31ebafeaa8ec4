/**
 * Starts a separate app with its own local Clerk and database, for tests that stop the app, Clerk or the database. The app
 * reaches Postgres through a proxy. A test stops the database by making the proxy refuse connections, so other tests keep their
 * database.
 */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClerkClient, createClerkClient } from "@clerk/backend";
import type { Page } from "@playwright/test";
import { controlClient } from "../dev/local-clerk/control/client";
import { startLocalClerk } from "../dev/local-clerk/start";
import { findFreePort } from "../dev/ports";
import { createDatabase } from "../dev/postgres/server";
import { type FaultProxy, startFaultProxy } from "../dev/testing/fault-proxy";
import { startNext } from "../dev/testing/servers";
import { migrate } from "../prisma/migrate";
import { test as base, databaseUrl as sharedDatabaseUrl, signInWithTicket } from "./fixtures";

export type OwnStack = {
  appUrl: string;
  clerk: ReturnType<typeof controlClient>;
  backend: ClerkClient;
  /** The proxy between the app and its database. */
  database: FaultProxy;
  /** Ends the app with SIGKILL. */
  killApp(): Promise<void>;
  /** Starts the app again at the same address. */
  startApp(): Promise<void>;
  /** Creates a user, waits until the app has mirrored them, and signs them in on `page` at `path`. */
  signIn(
    page: Page,
    path: string,
    given: { firstName: string; role?: "admin" },
  ): Promise<{ id: string }>;
  rename(userId: string, firstName: string): Promise<void>;
  stop(): Promise<void>;
};

export async function startOwnStack(serverUrl: string): Promise<OwnStack> {
  const folder = mkdtempSync(join(tmpdir(), "rollcall-e2e-own-"));
  const databaseUrl = await createDatabase(serverUrl, `own_${randomUUID()}`);
  await migrate(databaseUrl);
  const database = await startFaultProxy(databaseUrl);
  const port = await findFreePort();
  const appUrl = `http://localhost:${port}`;
  const clerk = await startLocalClerk({ port: 0, dataDir: folder, appUrl });
  const backend = createClerkClient({
    secretKey: clerk.keys.secretKey,
    apiUrl: `${clerk.url}/bapi`,
    telemetry: { disabled: true },
  });
  const environment = {
    ...clerk.env,
    DATABASE_URL: database.url,
    APP_URL: appUrl,
    ERASURE_BRAKE_PERCENT: "100",
  };
  const start = () => startNext(environment, port);
  let app = await start();
  return {
    appUrl,
    clerk: controlClient(clerk.url),
    backend,
    database,
    killApp: () => app.stop(),
    startApp: async () => {
      app = await start();
    },
    async signIn(page, path, { firstName, role }) {
      const { id } = await backend.users.createUser({
        emailAddress: [`${randomUUID().slice(0, 8)}@example.com`],
        firstName,
        lastName: "Amsel",
        skipPasswordRequirement: true,
        publicMetadata: role ? { role } : {},
      });
      const { url } = await backend.signInTokens.createSignInToken({
        userId: id,
        expiresInSeconds: 600,
      });
      await signInWithTicket(page, url, appUrl, path);
      return { id };
    },
    rename: async (userId, firstName) => {
      await backend.users.updateUser(userId, { firstName });
    },
    async stop() {
      await app.stop();
      await clerk.close();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A `test` with the fixture `own`, a separate stack. Each Playwright worker starts its own, and only tests that ask for `own` use
 * it.
 */
export const testWithOwnStack = base.extend<Record<never, never>, { own: OwnStack }>({
  own: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of a fixture's needs from here
    async ({}, use) => {
      const own = await startOwnStack(sharedDatabaseUrl);
      await use(own);
      await own.stop();
    },
    { scope: "worker", timeout: 120_000 },
  ],
});
