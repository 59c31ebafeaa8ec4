// For the tests beside it: a local Clerk on a free port with its data in a folder of its own, and a
// receiver in the app's place that notes every webhook.

import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClerkClient } from "@clerk/backend";
import { vi } from "vitest";
import type { Clock } from "../clock";
import { ContractWatch } from "../contract/watch";
import { controlClient } from "../control/client";
import { type LocalClerk, startLocalClerk } from "../start";

// The first answer of each kind makes its validator, which takes a while on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "local-clerk-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export type Received = { headers: Record<string, string>; body: string };

export type Receiver = {
  url: string;
  received: Received[];
  /** Status to answer with, or a function of the request. */
  answer: (received: Received) => number | Promise<number>;
  close(): Promise<void>;
};

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const receiver: Receiver = {
    url: "",
    received,
    answer: () => 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const headers: Record<string, string> = {};
      for (const [name, value] of Object.entries(request.headers)) headers[name] = String(value);
      if (request.method !== "POST") {
        response.end();
        return;
      }
      const each = { headers, body: Buffer.concat(chunks).toString("utf8") };
      received.push(each);
      const status = await receiver.answer(each);
      response.writeHead(status, status >= 300 && status < 400 ? { location: "/elsewhere" } : {});
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port.");
  receiver.url = `http://127.0.0.1:${address.port}`;
  return receiver;
}

/** Closing it fails the test when an answer or an event was not as Clerk publishes it. */
export async function startClerkFor(
  receiver: Receiver,
  dataDir: string,
  clock?: Clock,
): Promise<{ clerk: LocalClerk; lines: string[]; told: string[]; watch: ContractWatch }> {
  /** What it logged, and the types of the events it told of. */
  const [lines, told]: [string[], string[]] = [[], []];
  const watch = new ContractWatch();
  const clerk = await startLocalClerk({
    port: 0,
    dataDir,
    appUrl: receiver.url,
    log: (line) => lines.push(line),
    onResponse: watch.onResponse,
    onEvent: (type, body) => {
      told.push(type);
      watch.onEvent(type, body);
    },
    ...(clock ? { clock } : {}),
  });
  const close = async () => {
    await clerk.close();
    for (const line of watch.missing()) process.stderr.write(`${line}\n`);
    watch.requireNoFaults();
  };
  return { clerk: { ...clerk, close }, lines, told, watch };
}

/** Until it holds, within five seconds. */
export async function eventually<T>(
  find: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  for (let tries = 0; tries < 500; tries += 1) {
    const found = await find();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("It did not come to pass within five seconds.");
}

/** The Frontend API as a browser has it: an origin, a cookie jar, forms. */
export class Browser {
  readonly #jar = new Map<string, string>();
  readonly #base: string;
  readonly #origin: string;

  constructor(clerk: LocalClerk, origin: string) {
    this.#base = `${clerk.url}/fapi/v1`;
    this.#origin = origin;
  }

  cookie(name: string): string | undefined {
    return this.#jar.get(name);
  }

  forget(name: string): void {
    this.#jar.delete(name);
  }

  async request(
    method: string,
    path: string,
    form?: Record<string, string>,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const isRead = method === "GET";
    const search = isRead || method === "POST" ? "" : `?_method=${method}`;
    const response = await fetch(`${this.#base}${path}${search}`, {
      method: isRead ? "GET" : "POST",
      redirect: "manual",
      headers: {
        cookie: [...this.#jar].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(isRead ? {} : { origin: this.#origin }),
        ...headers,
      },
      ...(isRead ? {} : { body: new URLSearchParams(form ?? {}) }),
    });
    for (const each of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      if (value === "") this.#jar.delete(name);
      else this.#jar.set(name, value);
    }
    return response;
  }

  /** What is answered as JSON; `code` is that of its first error. */
  async answer(...request: Parameters<Browser["request"]>) {
    const response = await this.request(...request);
    const body = await response.json();
    return { status: response.status, body, code: body.errors?.[0]?.code };
  }

  /** Off to Google: the attempt, and the address that the person is sent to. */
  async beginRound(path: "sign_ins" | "sign_ups", more: Record<string, string> = {}) {
    const urls = { redirect_url: "/sso-callback", action_complete_redirect_url: "/home" };
    const form = { strategy: "oauth_google", ...urls, ...more };
    const { response } = (await this.answer("POST", `/client/${path}`, form)).body;
    const verification =
      response.first_factor_verification ?? response.verifications.external_account;
    return { id: response.id, url: verification.external_verification_redirect_url };
  }

  /** Where the person is led who comes back from the provider with this address, or why not. */
  async comeBack(externalUrl: string, email: string): Promise<string> {
    const state = new URL(externalUrl).searchParams.get("state") ?? "";
    const query = new URLSearchParams({ state, email });
    const response = await this.request("GET", `/oauth_callback?${query}`);
    const location = response.headers.get("location");
    return location?.replace(this.#origin, "") ?? (await response.json()).errors[0].code;
  }
}

/** The Backend API, as a team's own server asks it. */
export function backendOf({ keys, env }: LocalClerk, secretKey = keys.secretKey) {
  const { publishableKey } = keys;
  return createClerkClient({ secretKey, publishableKey, apiUrl: env.CLERK_API_URL });
}

export type Backend = ReturnType<typeof backendOf>;

export type Site = Awaited<ReturnType<typeof openSite>>;

/** A local Clerk with data of its own, and the app that hears it. */
export async function openSite(clock?: Clock) {
  const folder = temporaryFolder();
  const receiver = await startReceiver();
  const { clerk, lines, told } = await startClerkFor(receiver, folder.path, clock);
  return {
    receiver,
    clerk,
    lines,
    told,
    control: controlClient(clerk.url),
    close: async () => {
      await clerk.close();
      await receiver.close();
      folder.remove();
    },
  };
}
