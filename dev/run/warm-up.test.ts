import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { afterEach, describe, expect, test } from "vitest";
import { findFreePort } from "../ports";
import { awaitFirstPage, warmUp } from "./warm-up";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ port: number; appUrl: string }> {
  const port = await findFreePort();
  const server = createServer(answer).listen(port, "localhost");
  servers.push(server);
  await once(server, "listening");
  return { port, appUrl: `http://app.test:${port}` };
}

const never = new AbortController().signal;

describe("the first page of npm run dev", () => {
  test("awaitFirstPage resolves only when the whole body of the first page has arrived", async () => {
    const responses: ServerResponse[] = [];
    const app = await serve((request, response) => {
      if (request.method === "HEAD") return response.end();
      response.write("<html>");
      responses.push(response);
    });
    let status: number | undefined;
    const answered = awaitFirstPage(app, never).then((value) => {
      status = value;
    });
    await expect.poll(() => responses.length).toBe(1);
    // Waits for another response of the same server. By then, the first half of the body has arrived.
    await fetch(`http://localhost:${app.port}`, { method: "HEAD" });
    expect(status).toBeUndefined();
    for (const response of responses) response.end("</html>");
    await answered;
    expect(status).toBe(200);
  });

  test("awaitFirstPage requests the first page again while the server does not listen or drops the connection", async () => {
    let requests = 0;
    const app = await serve((request, response) => {
      requests += 1;
      if (requests < 3) request.socket.destroy();
      else response.end("page");
    });
    expect(await awaitFirstPage(app, never)).toBe(200);
    expect(requests).toBe(3);
  });

  test("awaitFirstPage resolves to the status of an error page", async () => {
    const app = await serve((_, response) => response.writeHead(500).end("error"));
    expect(await awaitFirstPage(app, never)).toBe(500);
  });

  test("awaitFirstPage stops requesting the first page when the run ends", async () => {
    const ending = new AbortController();
    const app = await serve(() => ending.abort());
    expect(await awaitFirstPage(app, ending.signal)).toBeUndefined();
  });
});

test("awaitFirstPage sends the Host header of APP_URL, which may be the URL of a tunnel", async () => {
  const hosts: (string | undefined)[] = [];
  const app = await serve((request, response) => {
    hosts.push(request.headers.host);
    response.end();
  });
  await awaitFirstPage({ ...app, appUrl: "https://tunnel.test" }, never);
  expect(hosts).toEqual(["tunnel.test"]);
});

describe("the warm-up of npm run dev", () => {
  const silence = () => () => {};

  test("the warm-up requests the pages one after another, with a token where a viewer is needed, and webhooks start after the first", async () => {
    const seen: string[] = [];
    let open = 0;
    const app = await serve(async (request, response) => {
      open += 1;
      expect(open).toBe(1);
      const hasToken = request.headers.cookie?.startsWith("__session=token;") ?? false;
      seen.push(`${request.method} ${request.url}${hasToken ? " with a token" : ""}`);
      open -= 1;
      response.end();
    });
    await warmUp({
      app,
      signal: never,
      silence,
      onSignInCompiled: () => seen.push("webhooks start"),
      sessionToken: async () => "token",
    });
    expect(seen).toEqual([
      "GET /sign-in",
      "webhooks start",
      "GET /home with a token",
      "POST /api/graphql",
      "GET /admin/users with a token",
      "POST /api/graphql/stream",
    ]);
  });

  test("the warm-up skips pages that need a viewer when there is no token, and continues after a failure", async () => {
    const seen: string[] = [];
    const app = await serve((request) => {
      seen.push(request.url ?? "");
      request.socket.destroy();
    });
    await warmUp({
      app,
      signal: never,
      silence,
      onSignInCompiled: () => seen.push("webhooks start"),
      sessionToken: async () => undefined,
    });
    expect(seen).toEqual(["/sign-in", "webhooks start", "/api/graphql", "/api/graphql/stream"]);
  });

  test("the warm-up silences only the log line of the page that it requests", async () => {
    const patterns: RegExp[] = [];
    const app = await serve((_, response) => response.end());
    await warmUp({
      app,
      signal: never,
      sessionToken: async () => "token",
      onSignInCompiled: () => {},
      silence: (pattern) => {
        patterns.push(pattern);
        return () => {};
      },
    });
    const isSilenced = (line: string) => patterns.some((pattern) => pattern.test(line));
    expect(isSilenced(" GET /home 200 in 2.1s (next.js: 1s)")).toBe(true);
    expect(isSilenced(" POST /api/graphql 200 in 900ms")).toBe(true);
    expect(isSilenced(" GET / 200 in 3s")).toBe(false);
    expect(isSilenced(" GET /homepage 200 in 3s")).toBe(false);
  });
});
