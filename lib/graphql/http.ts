/**
 * HTTP to Apollo Server. In front of the integration, because it answers 400 to "application/json; charset=utf-8", throws
 * on malformed JSON and has no size cap.
 */
import { startServerAndCreateNextHandler } from "@as-integrations/next";
import { readBody } from "../body";
import { type Context, contextOf } from "./context";
import { apolloServer } from "./server";

const MAX_BODY_BYTES = 128 * 1024;

type Handler = (request: Request) => Promise<Response>;

let handler: Handler | undefined;

function apolloHandler(): Handler {
  handler ??= startServerAndCreateNextHandler<Request, Context>(apolloServer(), {
    context: (request) => contextOf(request.headers),
  });
  return handler;
}

function refuse(status: number, message: string): Response {
  return Response.json(
    { errors: [{ message, extensions: { code: "BAD_REQUEST" } }] },
    { status, headers: { "cache-control": "no-store" } },
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** GraphQL over HTTP: a POST with a JSON body, or a GET of a query. */
export async function answerGraphQL(request: Request): Promise<Response> {
  if (request.method !== "POST") return apolloHandler()(request);
  const contentType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (contentType !== "application/json")
    return refuse(415, "Send the operation as application/json.");
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!body) return refuse(413, `An operation is at most ${MAX_BODY_BYTES} bytes.`);
  const text = body.toString("utf8");
  if (!isJson(text)) return refuse(400, "The body is not JSON.");
  const headers = new Headers(request.headers);
  headers.set("content-type", "application/json");
  return apolloHandler()(new Request(request.url, { method: "POST", headers, body: text }));
}
