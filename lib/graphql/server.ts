/** Apollo Server over our schema: one instance for the route handler and for pages in process. */
import { ApolloServer, type GraphQLRequestListener } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { type FragmentDefinitionNode, Kind, type OperationDefinitionNode } from "graphql";
import { env } from "../env";
import type { Context } from "./context";
import { graphQLError } from "./errors";
import { costOf, MAX_COST } from "./limits/query-cost";
import { MAX_TOKENS, queryShapeRule } from "./limits/query-shape";
import { maskErrors } from "./mask";
import { schema } from "./schema";

/** The same for every request of an operation without variables, which is what pages mostly send. */
const knownCosts = new WeakMap<OperationDefinitionNode, number>();

const limitCost = {
  async didResolveOperation({ document, operation, request }) {
    if (operation?.operation === "subscription") {
      throw graphQLError(
        "BAD_USER_INPUT",
        "Subscriptions are streams: POST this to /api/graphql/stream with Accept: text/event-stream.",
      );
    }
    if (!operation) return;
    const isFixed = !operation.variableDefinitions?.length;
    const known = isFixed ? knownCosts.get(operation) : undefined;
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const node of known === undefined ? document.definitions : []) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
    }
    const variables = request.variables ?? {};
    const cost = known ?? costOf({ schema, operation, fragments, variables });
    if (isFixed) knownCosts.set(operation, cost);
    if (cost <= MAX_COST) return;
    throw graphQLError(
      "BAD_USER_INPUT",
      `This could cost ${cost} to answer, and may cost ${MAX_COST}: ask for shorter pages or fewer fields.`,
    );
  },
} satisfies GraphQLRequestListener<Context>;

/** One for both: Apollo waits for each listener at each of its steps, in every request. */
const listener: GraphQLRequestListener<Context> = { ...limitCost, ...maskErrors };

function createServer() {
  const { isProduction } = env();
  const created = new ApolloServer<Context>({
    schema,
    introspection: !isProduction,
    hideSchemaDetailsFromClientErrors: isProduction,
    includeStacktraceInErrorResponses: false,
    // Ours are trusted documents (http.ts); a client may not store its own here.
    persistedQueries: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    validationRules: [queryShapeRule],
    maxRecursiveSelections: true,
    plugins: [
      ApolloServerPluginLandingPageDisabled(),
      // No answer may be kept (http.ts says so), and looking for a hint in every field takes time.
      ApolloServerPluginCacheControlDisabled(),
      { requestDidStart: async () => listener },
    ],
  });
  // Required before the first HTTP request, which then waits for the start.
  created.startInBackgroundHandlingStartupErrorsByLoggingAndFailingAllRequests();
  return created;
}

let server: ApolloServer<Context> | undefined;

export function apolloServer(): ApolloServer<Context> {
  server ??= createServer();
  return server;
}
