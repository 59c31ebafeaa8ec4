/**
 * HTTP to Apollo Server. Refuses what is no operation before the integration sees it: that answers 400 to
 * "application/json; charset=utf-8", throws on malformed JSON, and has no size cap. Follows
 * https://graphql.github.io/graphql-over-http/draft/.
 */
import { randomUUID } from "node:crypto";
import { startServerAndCreateNextHandler } from "@as-integrations/next";
import { readBody } from "../../body";
import { env } from "../../env";
import { type Context, contextOf } from "../context";
import { type Operation, resolveDocument } from "../limits/trusted-documents";
import { apolloServer } from "../server";

const MAX_BODY_BYTES = 128 * 1024;

function refuse(status: number, code: string, message: string): Response {
  return Response.json(
    { errors: [{ message, extensions: { code } }] },
    { status, headers: { "cache-control": "no-store" } },
  );
}

const badRequest = (status: number, message: string) => refuse(status, "BAD_REQUEST", message);

const refusals = {
  unknown: () => refuse(200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"),
  untrusted: () => badRequest(400, "Only this application's own operations are answered here."),
};

function parseOperation(text: string): Operation | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** What a form on anybody's page can send here without being asked first (CSRF): no other media type, no operation. */
const formTypes = new Set([
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "text/plain",
]);

async function readOperation(request: Request): Promise<Operation | Response> {
  const contentType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (contentType !== "application/json") {
    const status = !contentType || formTypes.has(contentType) ? 400 : 415;
    return badRequest(status, "Send the operation as application/json.");
  }
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!body) return badRequest(413, `An operation is at most ${MAX_BODY_BYTES} bytes.`);
  return (
    parseOperation(body.toString("utf8")) ??
    badRequest(400, "The body is not one operation as a JSON object.")
  );
}

type Handler = (request: Request) => Promise<Response>;

let handler: Handler | undefined;

/** Under which id each request is answered and logged. */
const requestIds = new WeakMap<Request, string>();

function apolloHandler(): Handler {
  handler ??= startServerAndCreateNextHandler<Request, Context>(apolloServer(), {
    context: (request) => contextOf(request.headers, requestIds.get(request) ?? randomUUID()),
  });
  return handler;
}

async function execute(request: Request): Promise<Response> {
  const requestId = randomUUID();
  requestIds.set(request, requestId);
  const response = await apolloHandler()(request);
  response.headers.set("cache-control", "no-store");
  response.headers.set("x-request-id", requestId);
  return response;
}

/**
 * A request as far as the integration looks at one, with its body read. A new Request would carry the body through a
 * stream once more, which takes longer than all of GraphQL.
 */
function readRequest(method: string, url: string, headers: Headers, body: Operation): Request {
  return Object.create(Request.prototype, {
    method: { value: method },
    url: { value: url },
    headers: { value: headers },
    json: { value: () => Promise.resolve(body) },
    text: { value: () => Promise.resolve("") },
  });
}

/** With the very content type that the integration knows, and without a URL: its query is for GET, and takes time to read. */
function withOperation({ method, headers }: Request, operation: Operation): Request {
  const isKnown = headers.get("content-type") === "application/json";
  const known = isKnown ? headers : new Headers(headers);
  if (!isKnown) known.set("content-type", "application/json");
  return readRequest(method, "", known, operation);
}

/** A content type is one way to have a browser ask first, and no sign of a body. */
const withoutBody = ({ method, url, headers }: Request) => readRequest(method, url, headers, {});

function asksForPage({ headers, url }: Request): boolean {
  return (headers.get("accept") ?? "").includes("text/html") && !new URL(url).search;
}

/** A POST with a JSON body, or a GET of a query. */
export async function answerGraphQL(request: Request): Promise<Response> {
  if (request.method !== "POST") {
    if (!env().isProduction && asksForPage(request)) {
      return new Response(null, { status: 307, headers: { location: "/api/graphql/explorer" } });
    }
    if (env().trustedDocumentsOnly) return refusals.untrusted();
    return execute(withoutBody(request));
  }
  const operation = await readOperation(request);
  if (operation instanceof Response) return operation;
  const resolved = resolveDocument(operation);
  if ("refusal" in resolved) return refusals[resolved.refusal]();
  return execute(withOperation(request, resolved.operation));
}
