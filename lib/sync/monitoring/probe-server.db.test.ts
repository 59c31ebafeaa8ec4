import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { startDraining } from "../../draining";
import { createProbeServer } from "./probe-server";

let isRunning = false;
const server = createProbeServer(() => isRunning);
let port = 0;

beforeAll(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = z.object({ port: z.number() }).parse(server.address()).port;
});
afterAll(() => server.close());

async function ask(path: string): Promise<[number, unknown]> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return [answer.status, await answer.json()];
}

test("a probe without a Host header, as HTTP/1.0 allows, is answered", async () => {
  const socket = connect(port, "127.0.0.1").end("GET /api/health HTTP/1.0\r\n\r\n");
  expect(await text(socket)).toMatch(/^HTTP\/1\.[01] 200 [\s\S]*"ok"/);
});

test("a process is ready once its work is running, and not any more when it drains, while it stays alive", async () => {
  expect(await ask("/api/ready")).toEqual([503, { status: "starting" }]);
  isRunning = true;
  expect(await ask("/api/ready")).toEqual([200, expect.objectContaining({ database: "ok" })]);
  startDraining();
  expect(await ask("/api/ready")).toEqual([503, { status: "draining" }]);
  expect(await ask("/api/health")).toEqual([200, { status: "ok" }]);
  expect((await ask("/api/webhooks/clerk"))[0]).toBe(404);
});
