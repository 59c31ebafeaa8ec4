/**
 * HTTP to Apollo Server, in one step: a Request is parsed once, and its answer is a Response. Refuses what is no
 * operation before the server sees it. Follows https://graphql.github.io/graphql-over-http/draft/.
 */
import { HeaderMap, type HTTPGraphQLRequest } from "@apollo/server";
import { readBody } from "../body";
import { env } from "../env";
import { contextOf } from "./context";
import { apolloServer } from "./server";
import { type Operation, resolveDocument } from "./trusted-documents";

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

async function readOperation(request: Request): Promise<Operation | Response> {
  const contentType = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (contentType !== "application/json") {
    return badRequest(415, "Send the operation as application/json.");
  }
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!body) return badRequest(413, `An operation is at most ${MAX_BODY_BYTES} bytes.`);
  return (
    parseOperation(body.toString("utf8")) ??
    badRequest(400, "The body is not one operation as a JSON object.")
  );
}

let isStarted = false;

async function execute(request: Request, operation: Operation | undefined): Promise<Response> {
  const server = apolloServer();
  if (!isStarted) server.startInBackgroundHandlingStartupErrorsByLoggingAndFailingAllRequests();
  isStarted = true;
  const headers = new HeaderMap();
  for (const [name, value] of request.headers) headers.set(name, value);
  const { method } = request;
  const search = method === "GET" ? new URL(request.url).search : "";
  const httpGraphQLRequest: HTTPGraphQLRequest = { method, headers, search, body: operation };
  const contextValue = await contextOf(request.headers);
  const {
    body,
    status,
    headers: answered,
  } = await server.executeHTTPGraphQLRequest({
    httpGraphQLRequest,
    context: async () => contextValue,
  });
  if (body.kind !== "complete") throw new Error("Only @defer and @stream answer in pieces.");
  answered.set("x-request-id", contextValue.requestId);
  return new Response(body.string, { status: status ?? 200, headers: [...answered] });
}

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
    return execute(request, undefined);
  }
  const operation = await readOperation(request);
  if (operation instanceof Response) return operation;
  const resolved = resolveDocument(operation);
  if ("refusal" in resolved) return refusals[resolved.refusal]();
  return execute(request, resolved.operation);
}
