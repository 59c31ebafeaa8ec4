// The fixture of most tests: a local Clerk on a free port with its own data, and a webhook receiver in the app's place. Every
// response and event is checked against Clerk's published descriptions.

import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createClerkClient } from "@clerk/backend";
import { expect } from "vitest";
import { MovableClock } from "../clock";
import type { TestReference } from "../contract/ledger";
import { ContractWatch } from "../contract/watch";
import { controlClient } from "../control/client";
import type { Settings } from "../instance/settings";
import { type LocalClerk, startLocalClerk } from "../start";
import { Browser } from "./browser";
import { type Receiver, startReceiver } from "./receiver";
import { seededEvents } from "./seeded";
import { temporaryFolder } from "./temporary-folder";
import { waitUntil } from "./wait-until";

/** Creates Clerk's server SDK for the Backend API, as an app's server does. */
export function backendClient({ keys, env }: LocalClerk, secretKey = keys.secretKey) {
  const { publishableKey } = keys;
  const apiUrl = env.CLERK_API_URL;
  return createClerkClient({ secretKey, publishableKey, apiUrl, telemetry: { disabled: true } });
}

export type Backend = ReturnType<typeof backendClient>;

/** Returns the ticket in the link of an invitation or a sign-in token. */
export function ticketIn(link: string | URL | null | undefined): string {
  return new URL(link ?? "").searchParams.get("ticket") ?? "";
}

const packageFolder = fileURLToPath(new URL("..", import.meta.url));

/** Returns the Vitest test that is running now, for the coverage table. */
function currentTest(): TestReference | undefined {
  const { testPath, currentTestName } = expect.getState();
  if (!testPath || !currentTestName) return undefined;
  return { file: relative(packageFolder, testPath), name: currentTestName };
}

type SiteOptions = {
  clock?: MovableClock;
  settings?: Partial<Settings>;
  instance?: "production" | "development";
};

/**
 * The content of the first instance's key file. Generating an RSA key takes up to 200 ms, so all instances of a test process
 * share the keys.
 */
let sharedKeys: string | undefined;

export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const folder = temporaryFolder();
  const receiver = await startReceiver();
  const site = new Site(folder, receiver, options.instance);
  const keyFile = join(folder.path, "keys.json");
  if (sharedKeys) writeFileSync(keyFile, sharedKeys, { mode: 0o600 });
  await site.start(options.clock);
  sharedKeys ??= readFileSync(keyFile, "utf8");
  if (options.settings) await site.control.settings.set(options.settings);
  return site;
}

export class Site {
  readonly receiver: Receiver;
  readonly dataDir: string;
  /** The types of all emitted events, in order, whether or not their webhooks have been delivered. */
  readonly eventTypes: string[] = [];
  readonly logLines: string[] = [];
  readonly #folder: ReturnType<typeof temporaryFolder>;
  readonly #instance: "production" | "development";
  readonly watch = new ContractWatch(currentTest);
  #running: Running | undefined;

  constructor(
    folder: ReturnType<typeof temporaryFolder>,
    receiver: Receiver,
    instance: "production" | "development" = "production",
  ) {
    this.#folder = folder;
    this.#instance = instance;
    this.dataDir = folder.path;
    this.receiver = receiver;
  }

  async start(clock = new MovableClock()): Promise<void> {
    const clerk = await startLocalClerk({
      port: 0,
      instance: this.#instance,
      dataDir: this.dataDir,
      appUrl: this.receiver.url,
      clock,
      log: (line) => this.logLines.push(line),
      onResponse: this.watch.onResponse,
      onEvent: (type, body) => {
        this.eventTypes.push(type);
        this.watch.onEvent(type, body);
      },
    });
    this.#running = {
      clerk,
      clock,
      control: controlClient(clerk.url),
      backend: backendClient(clerk),
    };
  }

  /** Stops the local Clerk and starts another local Clerk on the same data, with a new clock. */
  async restart(): Promise<void> {
    await this.clerk.close();
    await this.start();
  }

  get clerk(): LocalClerk {
    return this.#current.clerk;
  }

  get clock(): MovableClock {
    return this.#current.clock;
  }

  get control(): ReturnType<typeof controlClient> {
    return this.#current.control;
  }

  get backend(): Backend {
    return this.#current.backend;
  }

  get appUrl(): string {
    return this.receiver.url;
  }

  newBrowser(): Browser {
    return new Browser(this.clerk, this.appUrl);
  }

  /** Opens a new browser and signs the user in. The default password is the password of the seeded users. */
  async signedIn(identifier: string, password?: string): Promise<Browser> {
    const browser = this.newBrowser();
    const { status, code } = await browser.signIn(identifier, password);
    if (status !== 200) throw new Error(`${identifier} could not sign in: ${status} ${code}`);
    return browser;
  }

  /**
   * Sends a raw request to the Backend API, for input that Clerk's SDK cannot send and response fields that it does not return.
   * `path` is without `/v1`; `code` is the code of the response's first error.
   */
  async callBackend(method: string, path: string, body?: object | string) {
    const response = await fetch(`${this.clerk.env.CLERK_API_URL}/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.clerk.keys.secretKey}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined
        ? {}
        : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const answer = await response.json();
    return { status: response.status, body: answer, code: answer.errors?.[0]?.code };
  }

  /** Resolves to the code in the newest mail or text message to `to`; empty if there is no code. */
  async newestCode(to: string): Promise<string> {
    return (await this.control.outbox.latest(to))?.code ?? "";
  }

  /** Resolves to the link in the newest mail to `to`. Throws if there is no link. */
  async newestLink(to: string): Promise<URL> {
    return new URL((await this.control.outbox.latest(to))?.link ?? "");
  }

  /** Runs `run` and resolves to the types of the events that were emitted meanwhile. */
  async eventsDuring(run: () => Promise<unknown>): Promise<string[]> {
    const before = this.eventTypes.length;
    await run();
    return this.eventTypes.slice(before);
  }

  /** Waits until the receiver has the webhooks of the seed, then deletes them from its list. */
  async skipSeededWebhooks(): Promise<void> {
    await waitUntil(() => this.receiver.received.length === seededEvents);
    this.receiver.received.length = 0;
  }

  /** Stops the local Clerk. Throws if a response or an event differed from what Clerk publishes. */
  async close(): Promise<void> {
    await this.clerk.close();
    await this.receiver.close();
    this.#folder.remove();
    for (const line of this.watch.missing()) process.stderr.write(`${line}\n`);
    this.watch.requireNoFaults();
  }

  get #current(): Running {
    if (!this.#running) throw new Error("The local Clerk of this site is not started.");
    return this.#running;
  }
}

type Running = {
  clerk: LocalClerk;
  clock: MovableClock;
  control: ReturnType<typeof controlClient>;
  backend: Backend;
};
