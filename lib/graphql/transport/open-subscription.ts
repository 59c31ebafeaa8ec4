/**
 * Opens a subscription for any transport (server-sent events, WebSocket). Checks access when the subscription opens, and again
 * for each event. A user may have at most {@link MAX_STREAMS} open streams: in this process, and with REDIS_URL on all instances.
 */
import { randomUUID } from "node:crypto";
import {
  createSourceEventStream,
  type DocumentNode,
  type ExecutionArgs,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  getVariableValues,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { z } from "zod";
import { env } from "../../env";
import { findViewerByClaims, type Viewer, type ViewerResult } from "../../identity/viewer";
import { listener } from "../../live/listener";
import { slots } from "../../live/slots";
import { metrics } from "../../telemetry/metrics";
import { withSpan } from "../../telemetry/tracing";
import type { Context } from "../context";
import { accessError, graphQLError } from "../errors";
import { MAX_TOKENS, queryShapeRule } from "../limits/query-shape";
import { resolveDocument, trustedOperationName } from "../limits/trusted-documents";
import { logMaskedErrors, mask } from "../mask";
import { schema } from "../schema";
import { LiveResults, prependGap } from "./live-results";

/** The maximum number of open streams of one user. Enough for many tabs and devices. */
export const MAX_STREAMS = 20;

const request = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

type Operation = { document: DocumentNode; operationName: string | null | undefined };

type Opened =
  | { results: LiveResults; operation: Operation }
  | { status: number; errors: readonly GraphQLFormattedError[] };

/** Reserves one of the user's {@link MAX_STREAMS} slots. Resolves to a function that releases it; null if all are in use. */
async function reserveSlot(userId: string): Promise<(() => void) | null> {
  const release = await slots("streams", MAX_STREAMS).take(userId);
  if (!release) return null;
  metrics()?.streams.inc();
  return () => {
    release();
    metrics()?.streams.dec();
  };
}

function format({
  message,
  locations,
  path,
  extensions: { http: _, ...extensions },
}: GraphQLError) {
  return { message, extensions, ...(locations && { locations }), ...(path && { path }) };
}

const statusOf = z.object({ http: z.object({ status: z.number() }) });

function refuse(requestId: string, errors: readonly GraphQLError[]): Opened {
  logMaskedErrors(requestId, errors);
  const status = statusOf.safeParse(errors[0]?.extensions).data?.http.status ?? 500;
  return { status, errors: mask(requestId, errors.map(format)) };
}

const badInput = (message: string) => graphQLError("BAD_USER_INPUT", message);

/** Parses and validates the request. @throws GraphQLError when it is not a valid subscription. */
function parseSubscription(body: unknown): Operation & Pick<ExecutionArgs, "variableValues"> {
  const resolved = resolveDocument(z.looseObject({}).catch({}).parse(body));
  if ("refusal" in resolved)
    throw badInput("This server accepts only the operations of its own pages.");
  const parsed = request.safeParse(resolved.operation);
  if (!parsed.success) throw badInput("Send { query, operationName, variables }.");
  const { query, operationName, variables: variableValues } = parsed.data;
  let document: DocumentNode;
  try {
    document = parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    throw badInput(error instanceof Error ? error.message : "The query cannot be parsed.");
  }
  const operation = getOperationAST(document, operationName);
  if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
    throw badInput("POST a query or mutation to /api/graphql; this endpoint serves subscriptions.");
  }
  // graphql-js itself forbids introspection in a subscription. In production, the suggestions in its errors are hidden too,
  // because they would reveal names of the schema.
  const options = { maxErrors: 10, hideSuggestions: env().isProduction };
  const [fault] = validate(schema, document, [...specifiedRules, queryShapeRule], options);
  if (fault) throw badInput(fault.message);
  const definitions = operation.variableDefinitions ?? [];
  const { errors } = getVariableValues(schema, definitions, variableValues ?? {}, {
    maxErrors: 10,
  });
  if (errors?.[0]) throw badInput(errors[0].message);
  return { document, operationName, variableValues };
}

type Reader = { viewer: Viewer; dataReadAt: number | null; requestId: string };

/** Opens the event stream. Each event is executed with the viewer's access at that time. */
async function open(
  body: unknown,
  { viewer, dataReadAt, requestId }: Reader,
  release: () => void,
): Promise<Extract<Opened, { results: LiveResults }> | { errors: readonly GraphQLError[] }> {
  const operation = parseSubscription(body);
  let current = viewer;
  const args = (authentication: ViewerResult): ExecutionArgs & { contextValue: Context } => ({
    ...operation,
    schema,
    contextValue: { authentication, requestId, latestViewer: () => current },
  });
  const created = await createSourceEventStream(args({ viewer }));
  if (!(Symbol.asyncIterator in created)) return { errors: created.errors ?? [] };
  const events = created[Symbol.asyncIterator]();

  const answer = async (event: unknown) => {
    const authentication = await findViewerByClaims(viewer.claims);
    if (!authentication.viewer) {
      if (authentication.reason !== "unavailable") return null;
      return { data: null, errors: [format(accessError({ authentication, requestId }))] };
    }
    current = authentication.viewer;
    const { data, errors } = await withSpan(
      `graphql event ${trustedOperationName(operation.operationName)}`,
      { root: true },
      async () => execute({ ...args(authentication), rootValue: event }),
    );
    if (!errors) return { data };
    logMaskedErrors(requestId, errors);
    return { data, errors: mask(requestId, errors.map(format)) };
  };
  const { expiresAt } = viewer.claims;
  // Checked after subscribing: a change between an earlier check and the subscription would be missed.
  const hasMissed = dataReadAt !== null && !listener().hasNoChangesSince(dataReadAt);
  const source = hasMissed ? prependGap(events) : events;
  return { results: new LiveResults(source, answer, expiresAt, release), operation };
}

/**
 * Opens a subscription. `dataReadAt` is the time in ms at which the client last read its data. If anything changed since then, a
 * gap event is sent first. `dataReadAt` is null if the client needs only future changes.
 */
export async function openSubscription(
  body: unknown,
  authentication: ViewerResult,
  dataReadAt: number | null,
): Promise<Opened> {
  const requestId = randomUUID();
  if (!authentication.viewer)
    return refuse(requestId, [accessError({ authentication, requestId })]);
  const { viewer } = authentication;
  const release = await reserveSlot(viewer.user.id);
  if (!release) {
    return {
      ...refuse(requestId, [badInput(`A user may have at most ${MAX_STREAMS} open streams.`)]),
      status: 429,
    };
  }
  try {
    const opened = await withSpan("graphql subscribe", {}, () =>
      open(body, { viewer, dataReadAt, requestId }, release),
    );
    if ("results" in opened) return opened;
    release();
    return refuse(requestId, opened.errors);
  } catch (error) {
    release();
    if (error instanceof GraphQLError) return refuse(requestId, [error]);
    throw error;
  }
}
