/**
 * The webhook route on node:http, without Next, for teams with much traffic: mounts the very function that the route
 * exports, at the same path, and nothing else.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { MAX_BODY_BYTES, receiveDelivery } from "./receive";

const PATH = "/api/webhooks/clerk";

/** Stops one byte above the cap: the handler refuses that. */
async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BODY_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES + 1);
}

function headersOf({ rawHeaders }: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    pairs.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return pairs;
}

async function answer(request: IncomingMessage): Promise<Response> {
  const { pathname } = new URL(request.url ?? "/", "http://ingest");
  if (pathname === "/api/health") return Response.json({ status: "ok" });
  if (pathname !== PATH) return Response.json({ error: "Not found." }, { status: 404 });
  if (request.method !== "POST") {
    return Response.json({ error: "Only POST." }, { status: 405, headers: { allow: "POST" } });
  }
  const body = new Uint8Array(await read(request));
  return receiveDelivery(
    new Request(`http://ingest${PATH}`, { method: "POST", headers: headersOf(request), body }),
  );
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answered = await answer(request);
  const body = Buffer.from(await answered.arrayBuffer());
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(body);
}

export function createIngest(): Server {
  return createServer((request, response) => {
    serve(request, response).catch(() => {
      // A request that is not one, or a client that went away: nothing of it was stored.
      if (!response.headersSent) response.writeHead(400);
      response.end();
    });
  });
}
