import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import { afterEach, beforeAll, expect, test } from "vitest";
import { drainRequests, watchRequests } from "./open-requests";

beforeAll(watchRequests);

const opened = new Set<() => void>();
afterEach(() => {
  for (const close of opened) close();
  opened.clear();
});

/** Starts a server whose responses the test sends. */
async function serve() {
  const responses: ServerResponse[] = [];
  const server = createServer((_, response) => {
    responses.push(response);
    server.emit("asked");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  opened.add(() => server.closeAllConnections());
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("no port");
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    async ask(path: string): Promise<[Promise<Response>, ServerResponse]> {
      const asked = once(server, "asked");
      const answer = fetch(`${url}${path}`);
      await asked;
      const response = responses.at(-1);
      if (!response) throw new Error("no request");
      return [answer, response];
    },
  };
}

test("drainRequests waits for open requests and refuses new connections", async () => {
  const { url, ask } = await serve();
  const [answer, response] = await ask("/api/webhooks/clerk");
  const drained = drainRequests(60_000);
  await expect(fetch(url)).rejects.toThrow();
  response.end("stored");
  expect(await (await answer).text()).toBe("stored");
  await drained;
});

test("drainRequests does not wait for an event stream", async () => {
  const { ask } = await serve();
  const [answer, response] = await ask("/api/graphql/stream");
  await drainRequests(60_000);
  response.end();
  await answer;
});

test("drainRequests waits no longer than its time limit", async () => {
  const { ask } = await serve();
  const [answer, response] = await ask("/api/graphql");
  await drainRequests(20);
  response.end();
  await answer;
});
