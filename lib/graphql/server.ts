/** Apollo Server: one instance serves the route handler and the pages, which execute operations in process. */
import { ApolloServer, type GraphQLRequestListener } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode } from "graphql";
import { z } from "zod";
import { env } from "../env";
import { isKnownCurrent, requireCurrentDatabase } from "../erasure/restore";
import { log } from "../log";
import { type Freshness, findFreshness } from "../sync/monitoring/freshness";
import { metrics, secondsSince } from "../telemetry/metrics";
import { annotate, nameSpan } from "../telemetry/tracing";
import { type Context, headersAfterWrite } from "./context";
import { graphQLError } from "./errors";
import { costOf, MAX_COST } from "./limits/query-cost";
import { MAX_TOKENS, queryShapeRule } from "./limits/query-shape";
import { trustedOperationName } from "./limits/trusted-documents";
import { maskErrors } from "./mask";
import { schema } from "./schema";

/**
 * Caches the cost of operations without variables, which is constant. Apollo caches parsed documents, so equal operations share
 * the node that is the key.
 */
const fixedCosts = new WeakMap<OperationDefinitionNode, number>();

/** @throws UNAVAILABLE while a restored database still has persons who were erased after its backup was made */
async function refuseOlderDatabase(): Promise<void> {
  try {
    await requireCurrentDatabase();
  } catch (cause) {
    log.error("no data is served", {}, cause);
    throw graphQLError(
      "UNAVAILABLE",
      "This database was restored from a backup, and its erasures are not repeated yet. Try again in a minute.",
      { cause },
    );
  }
}

const limitCost = {
  async didResolveOperation({ document, operation, request }) {
    if (!isKnownCurrent()) await refuseOlderDatabase();
    if (operation?.operation === "subscription") {
      throw graphQLError(
        "BAD_USER_INPUT",
        "POST a subscription to /api/graphql/stream with Accept: text/event-stream.",
      );
    }
    if (!operation) return;
    const isFixed = !operation.variableDefinitions?.length;
    const fixedCost = isFixed ? fixedCosts.get(operation) : undefined;
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const node of fixedCost === undefined ? document.definitions : []) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
    }
    const variables = request.variables ?? {};
    const cost = fixedCost ?? costOf({ schema, operation, fragments, variables });
    if (isFixed) fixedCosts.set(operation, cost);
    if (cost <= MAX_COST) return;
    throw graphQLError(
      "BAD_USER_INPUT",
      `This operation costs up to ${cost}, and the limit is ${MAX_COST}. Request shorter pages or fewer fields.`,
    );
  },
} satisfies GraphQLRequestListener<Context>;

const wanted = z.object({ freshness: z.literal(true) });

/** The freshness of the responses whose requests ask for it with `extensions: { freshness: true }`. */
const freshness = new WeakMap<Context, Freshness>();

/** Data that was read from a standby is older than the mirror by the standby's lag. */
const madeOlder = ({ asOf, lagMs }: Freshness, byMs: number): Freshness => ({
  asOf: asOf && new Date(asOf.getTime() - byMs),
  lagMs: lagMs === null ? null : Math.round(lagMs + byMs),
});

const sayFreshness = {
  /** Read before any resolver runs, so that the data is at least as new as it says. For signed-in viewers, like the field. */
  async executionDidStart({ request, contextValue }) {
    if (!wanted.safeParse(request.extensions).success || !contextValue.authentication.viewer)
      return;
    freshness.set(contextValue, await findFreshness());
  },
  async willSendResponse(requestContext) {
    const { response, contextValue } = requestContext;
    const said = freshness.get(contextValue);
    if (said && response.body.kind === "single")
      response.body.singleResult.extensions = {
        ...response.body.singleResult.extensions,
        freshness: madeOlder(said, contextValue.behindMs ?? 0),
      };
    await maskErrors.willSendResponse(requestContext);
  },
} satisfies GraphQLRequestListener<Context>;

/**
 * Merges the cost limit, the masking and the measurement into one listener, because Apollo awaits each listener at each step of
 * every request.
 */
function listenToRequest(startedAt = performance.now()): GraphQLRequestListener<Context> {
  return {
    ...limitCost,
    ...maskErrors,
    ...sayFreshness,
    async willSendResponse(given) {
      const { operationName, operation, response } = given;
      const name = trustedOperationName(operationName);
      const type = operation?.operation ?? "none";
      const hasErrors = response.body.kind === "single" && response.body.singleResult.errors;
      const result = hasErrors ? "error" : "ok";
      metrics()?.operations.observe({ operation: name, type, result }, secondsSince(startedAt));
      nameSpan(`graphql ${type} ${name}`);
      annotate({ "graphql.operation.name": name, "graphql.operation.type": type });
      annotate({ "rollcall.graphql.result": result });
      if (type === "mutation") {
        // Without the position, the writer's next read may come from a standby that lacks the write.
        for (const [name, value] of await headersAfterWrite().catch(() => []))
          response.http.headers.set(name, value);
      }
      await sayFreshness.willSendResponse(given);
    },
  };
}

function createServer() {
  const { isProduction } = env();
  const created = new ApolloServer<Context>({
    schema,
    introspection: !isProduction,
    hideSchemaDetailsFromClientErrors: isProduction,
    includeStacktraceInErrorResponses: false,
    // Trusted documents (http.ts) replace Apollo's persisted queries, which would let clients store documents on the server.
    persistedQueries: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [queryShapeRule],
    maxRecursiveSelections: true,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // Responses are `no-store` (http.ts), so computing cache hints for every field would be wasted time.
      ApolloServerPluginCacheControlDisabled(),
      { requestDidStart: async ({ contextValue }) => listenToRequest(contextValue.startedAt) },
    ],
  });
  // Must be called before the first HTTP request. A request waits until the start has ended.
  created.startInBackgroundHandlingStartupErrorsByLoggingAndFailingAllRequests();
  return created;
}

let server: ApolloServer<Context> | undefined;

export function apolloServer(): ApolloServer<Context> {
  server ??= createServer();
  return server;
}
