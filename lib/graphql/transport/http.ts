/**
 * GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/): checks the request, then hands it to Apollo Server's
 * own HTTP layer. `@as-integrations/next` is not used here: it responds with 400 to "application/json; charset=utf-8", throws on
 * malformed JSON and on a GET with a content type, and has no limit on the body.
 */
import { randomUUID } from "node:crypto";
import { HeaderMap } from "@apollo/server";
import { withAuditOrigin } from "../../audit";
import { readBody } from "../../body";
import { env } from "../../env";
import { withSpan } from "../../telemetry/tracing";
import { contextOf } from "../context";
import { type Operation, resolveDocument } from "../limits/trusted-documents";
import { apolloServer } from "../server";

const MAX_BODY_BYTES = 128 * 1024;

function refuse(status: number, code: string, message: string, headers = {}): Response {
  return Response.json(
    { errors: [{ message, extensions: { code } }] },
    { status, headers: { "cache-control": "no-store", ...headers } },
  );
}

const badRequest = (status: number, message: string, headers = {}) =>
  refuse(status, "BAD_REQUEST", message, headers);

const refusals = {
  unknown: () => refuse(200, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"),
  untrusted: () => badRequest(400, "This server accepts only the operations of its own pages."),
};

function parseOperation(text: string): Operation | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/**
 * Media types that a form on any site can send without a CORS preflight (CSRF). A POST with one of these types, or without a
 * type, is refused with 400. A POST with any other type that is not JSON is refused with 415.
 */
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
  if (!Buffer.isBuffer(body)) return badRequest(body.status, body.error, body.headers);
  return (
    parseOperation(body.toString("utf8")) ??
    badRequest(400, "The body must be one operation, as a JSON object.")
  );
}

function headersFor(headers: Headers): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of headers) map.set(name, value);
  return map;
}

async function execute(request: Request, search: string, body: Operation): Promise<Response> {
  const requestId = randomUUID();
  const response = await withSpan("graphql", {}, () =>
    withAuditOrigin(() =>
      apolloServer().executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: request.method,
          headers: headersFor(request.headers),
          search,
          body,
        },
        context: () => contextOf(request.headers, requestId),
      }),
    ),
  );
  if (response.body.kind !== "complete") throw new Error("This schema has no @defer or @stream.");
  const headers = new Headers([...response.headers]);
  headers.set("cache-control", "no-store");
  headers.set("x-request-id", requestId);
  return new Response(response.body.string, { status: response.status ?? 200, headers });
}

function isBrowserPage({ headers }: Request, search: string): boolean {
  return search === "" && (headers.get("accept") ?? "").includes("text/html");
}

/** Handles a POST request with a JSON body, or a GET request with a query. */
export async function answerGraphQL(request: Request): Promise<Response> {
  if (request.method !== "POST") {
    const { search } = new URL(request.url);
    if (!env().isProduction && isBrowserPage(request, search)) {
      return new Response(null, { status: 307, headers: { location: "/api/graphql/explorer" } });
    }
    if (env().trustedDocumentsOnly) return refusals.untrusted();
    return execute(request, search, {});
  }
  const operation = await readOperation(request);
  if (operation instanceof Response) return operation;
  const resolved = resolveDocument(operation);
  if ("refusal" in resolved) return refusals[resolved.refusal]();
  return execute(request, "", resolved.operation);
}
