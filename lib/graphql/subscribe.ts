/**
 * Opens a subscription, whatever carries it (server-sent events, a socket): authorised now, and again at each event, as the
 * person is by then. Refuses more than {@link MAX_STREAMS} at once of one person in this process.
 */
import { randomUUID } from "node:crypto";
import {
  createSourceEventStream,
  type ExecutionArgs,
  execute,
  GraphQLError,
  type GraphQLFormattedError,
  getOperationAST,
  OperationTypeNode,
  parse,
  specifiedRules,
  validate,
} from "graphql";
import { z } from "zod";
import { env } from "../env";
import { type Viewer, type ViewerResult, viewerOfClaims } from "../identity/viewer";
import { listener } from "../live/listener";
import type { Context } from "./context";
import { graphQLError, refusal } from "./errors";
import { afterGap, LiveResults } from "./live-results";
import { logMasked, mask } from "./mask";
import { schema } from "./schema";
import { boundedShape, MAX_TOKENS } from "./shape";
import { resolveDocument } from "./trusted-documents";

/** Tabs and devices, not a flood. */
export const MAX_STREAMS = 20;

const request = z.object({
  query: z.string(),
  operationName: z.string().nullish(),
  variables: z.record(z.string(), z.unknown()).nullish(),
});

export type Opened =
  | { results: LiveResults }
  | { status: number; errors: readonly GraphQLFormattedError[] };

const streams = new Map<string, number>();

function countStream(userId: string): () => void {
  streams.set(userId, (streams.get(userId) ?? 0) + 1);
  return () => {
    const left = (streams.get(userId) ?? 1) - 1;
    if (left > 0) streams.set(userId, left);
    else streams.delete(userId);
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
  logMasked(requestId, errors);
  const status = statusOf.safeParse(errors[0]?.extensions).data?.http.status ?? 500;
  return { status, errors: mask(requestId, errors.map(format)) };
}

const badInput = (message: string) => graphQLError("BAD_USER_INPUT", message);

/** What is to be executed. @throws GraphQLError when it is not a subscription we serve. */
function parseSubscription(
  body: unknown,
): Pick<ExecutionArgs, "document" | "variableValues" | "operationName"> {
  const resolved = resolveDocument(z.looseObject({}).catch({}).parse(body));
  if ("refusal" in resolved) throw badInput("This operation is not one of this application's own.");
  const parsed = request.safeParse(resolved.operation);
  if (!parsed.success) throw badInput("Send { query, operationName, variables }.");
  const { query, operationName, variables: variableValues } = parsed.data;
  let document: ExecutionArgs["document"];
  try {
    document = parse(query, { maxTokens: MAX_TOKENS });
  } catch (error) {
    throw badInput(error instanceof Error ? error.message : "This is not GraphQL.");
  }
  if (getOperationAST(document, operationName)?.operation !== OperationTypeNode.SUBSCRIPTION) {
    throw badInput("Only subscriptions are streamed: POST this to /api/graphql.");
  }
  // A subscription cannot ask for the schema, by graphql's own rules; its mistakes could still be answered with names.
  const options = { maxErrors: 10, hideSuggestions: env().isProduction };
  const [fault] = validate(schema, document, [...specifiedRules, boundedShape], options);
  if (fault) throw badInput(fault.message);
  return { document, operationName, variableValues };
}

/** The events of a viewer's subscription, each answered by who they are when it comes. */
async function open(body: unknown, viewer: Viewer, knowsUntil: number | null, requestId: string) {
  const operation = parseSubscription(body);
  let current = viewer;
  const args = (asking: ViewerResult): ExecutionArgs & { contextValue: Context } => ({
    ...operation,
    schema,
    contextValue: { asking, requestId, latest: () => current },
  });
  const source = await createSourceEventStream(args({ viewer }));
  if (!(Symbol.asyncIterator in source)) return { errors: source.errors ?? [] };
  const events = source[Symbol.asyncIterator]();

  const answer = async (event: unknown) => {
    const asking = await viewerOfClaims(viewer.claims);
    if (!asking.viewer) return null;
    current = asking.viewer;
    const { data, errors } = await execute({ ...args(asking), rootValue: event });
    if (!errors) return { data };
    logMasked(requestId, errors);
    return { data, errors: mask(requestId, errors.map(format)) };
  };
  const { expiresAt, userId } = viewer.claims;
  const release = countStream(userId);
  // Asked now that the events are being gathered.
  const hasMissed = knowsUntil !== null && !listener().hasBeenQuietSince(knowsUntil);
  return {
    results: new LiveResults(hasMissed ? afterGap(events) : events, answer, expiresAt, release),
  };
}

/**
 * `knowsUntil`: as of when (ms) the reader knows what there is; what came since is told as a gap. Null for one who only wants
 * to hear what comes.
 */
export async function openSubscription(
  body: unknown,
  asking: ViewerResult,
  knowsUntil: number | null,
): Promise<Opened> {
  const requestId = randomUUID();
  if (!asking.viewer) return refuse(requestId, [refusal({ asking, requestId })]);
  if ((streams.get(asking.viewer.person.id) ?? 0) >= MAX_STREAMS) {
    return {
      ...refuse(requestId, [badInput(`At most ${MAX_STREAMS} streams at once.`)]),
      status: 429,
    };
  }
  try {
    const opened = await open(body, asking.viewer, knowsUntil, requestId);
    if (opened.errors) return refuse(requestId, opened.errors);
    return { results: opened.results };
  } catch (error) {
    if (error instanceof GraphQLError) return refuse(requestId, [error]);
    throw error;
  }
}
