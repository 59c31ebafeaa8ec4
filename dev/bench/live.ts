/** Measures live updates: the memory of idle streams, and the delay until another client sees a change. */
import { readFileSync } from "node:fs";
import { Agent, type IncomingMessage, request } from "node:http";
import { event, userJson } from "../testing/clerk-payloads";
import { svixHeaders } from "../testing/sign";
import { quantile } from "./load";

const CHANGES = 100;

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

function openStream(
  agent: Agent,
  port: number,
  token: string,
  field: string,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/json",
      accept: "text/event-stream",
      authorization: `Bearer ${token}`,
    };
    const path = "/api/graphql/stream";
    const sent = request({ agent, host: "localhost", port, path, method: "POST", headers });
    sent.on("error", () => undefined);
    sent.on("response", (response) => {
      if (response.statusCode !== 200) reject(new Error(`a stream: ${response.statusCode}`));
      response.on("error", () => undefined);
      response.once("data", () => resolve(response));
    });
    sent.end(JSON.stringify({ query: `subscription { ${field} }` }));
  });
}

/** Opens `streams` streams, spread evenly over the tokens. Resolves to the memory in MB that these streams add to the process. */
export async function streamMegabytes(
  port: number,
  pid: number,
  tokens: string[],
  streams: number,
): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const before = residentMegabytes(pid);
  for (let opened = 0; opened < streams; opened += tokens.length) {
    await Promise.all(
      tokens.map((token) => openStream(agent, port, token, "viewerChanged { refetch }")),
    );
  }
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const after = residentMegabytes(pid);
  agent.destroy();
  return after - before;
}

/**
 * Resolves to the 95th percentile in ms of the time from the acknowledgement of a webhook until another client has read the
 * change.
 */
export async function updateDelay(
  port: number,
  person: { id: string; token: string },
  webhookSecret: string,
): Promise<number> {
  const agent = new Agent();
  const field = "viewerChanged { viewer { firstName } }";
  const stream = await openStream(agent, port, person.token, field);
  const delays: number[] = [];
  for (let change = 0; change < CHANGES; change += 1) {
    const firstName = `Change${change}.`;
    const pushed = new Promise<number>((resolve) => {
      stream.on("data", function look(chunk: Buffer) {
        if (!chunk.includes(firstName)) return;
        stream.off("data", look);
        resolve(performance.now());
      });
    });
    const fields = { id: person.id, first_name: firstName, updated_at: 1_800_000_000_000 + change };
    const body = JSON.stringify(event("user.updated", userJson(fields)));
    const answer = await fetch(`http://localhost:${port}/api/webhooks/clerk`, {
      method: "POST",
      headers: svixHeaders(body, webhookSecret),
      body,
    });
    if (!answer.ok) throw new Error(`the webhook was answered with ${answer.status}`);
    const acknowledgedAt = performance.now();
    delays.push((await pushed) - acknowledgedAt);
  }
  agent.destroy();
  return quantile(delays, 0.95);
}
