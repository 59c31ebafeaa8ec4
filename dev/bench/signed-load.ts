/** A small load generator: sends webhooks that were signed in advance, over keep-alive connections. */
import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { event, userJson } from "../testing/clerk-payloads";
import { svixHeaders } from "../testing/sign";

export const CONNECTIONS = 20;

export type SignedRequest = { path: string; body?: string; headers?: Record<string, string> };

/**
 * Returns an id that sorts by its creation time, as the KSUIDs of Clerk and Svix do, so new ids are neighbours in an index
 * (https://github.com/segmentio/ksuid). Random ids would each touch another page of the index.
 */
export const ksuid = (prefix: string) =>
  `${prefix}_${Date.now().toString(36).padStart(9, "0")}${randomUUID().replaceAll("-", "").slice(0, 18)}`;

const newUser = () => event("user.created", userJson({ id: ksuid("user") }));

/** Returns webhooks about new users, or about what `payloadOf` returns for each. */
export function signed(
  count: number,
  secret: string,
  payloadOf: (index: number) => object = newUser,
): SignedRequest[] {
  return Array.from({ length: count }, (_, index) => {
    const body = JSON.stringify(payloadOf(index));
    const headers = {
      ...svixHeaders(body, secret, { id: ksuid("msg") }),
      "content-type": "application/json",
    };
    return { path: "/api/webhooks/clerk", body, headers };
  });
}

/** Sends one request. Resolves to the status of the response. */
export function fire(
  agent: Agent,
  url: URL,
  { path, body, headers }: SignedRequest,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const { hostname, port } = url;
    const sent = request({ agent, hostname, port, path, method, headers }, (response) => {
      response.resume().once("end", () => resolve(response.statusCode ?? 0));
    });
    sent.once("error", reject).end(body);
  });
}

/** Sends all requests and resolves to requests per second. @throws on a status other than 200. */
export async function rate(origin: string, shots: SignedRequest[]): Promise<number> {
  const url = new URL(origin);
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const waiting = shots.values();
  const startedAt = performance.now();
  const connection = async () => {
    for (const shot of waiting) {
      const status = await fire(agent, url, shot);
      if (status !== 200) throw new Error(`${shot.path} was answered with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  agent.destroy();
  return shots.length / ((performance.now() - startedAt) / 1_000);
}

type Latencies = { sorted: number[]; acknowledged: number };

/**
 * Sends a request every `everyMs`, even while earlier requests have no response yet. Resolves to the latency of each request in
 * ms.
 */
export async function latencies(
  origin: string,
  shots: SignedRequest[],
  everyMs: number,
): Promise<Latencies> {
  const url = new URL(origin);
  const agent = new Agent({ keepAlive: true });
  const startedAt = performance.now();
  let acknowledged = 0;
  const all = shots.map(async (shot, index) => {
    const due = startedAt + index * everyMs;
    await sleep(due - performance.now());
    if ((await fire(agent, url, shot)) === 200) acknowledged += 1;
    return performance.now() - due;
  });
  const sorted = (await Promise.all(all)).sort((a, b) => a - b);
  agent.destroy();
  return { sorted, acknowledged };
}
