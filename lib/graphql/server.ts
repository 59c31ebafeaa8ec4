/** Apollo Server over our schema: one instance for the route handler and for pages in process. */
import { ApolloServer, type GraphQLRequestContext } from "@apollo/server";
import { ApolloServerPluginLandingPageDisabled } from "@apollo/server/plugin/disabled";
import type { GraphQLFormattedError } from "graphql";
import { env } from "../env";
import { log } from "../log";
import type { Context } from "./context";
import { isPublicCode } from "./errors";
import { schema } from "./schema";

/** Errors that Apollo itself makes of a bad request, and ours; their messages were written for the client. */
function isForClient(error: GraphQLFormattedError): boolean {
  return isPublicCode(error.extensions?.code);
}

function mask(
  requestId: string,
  errors: readonly GraphQLFormattedError[],
): GraphQLFormattedError[] {
  return errors.map((error) =>
    isForClient(error)
      ? error
      : {
          message: `Something failed on our side. Name this request when you ask about it: ${requestId}`,
          path: error.path,
          extensions: { code: "INTERNAL_SERVER_ERROR", requestId },
        },
  );
}

const maskErrors = {
  async requestDidStart() {
    return {
      async didEncounterErrors({ errors, contextValue }: GraphQLRequestContext<Context>) {
        for (const error of errors ?? []) {
          if (isPublicCode(error.extensions.code)) continue;
          const { requestId } = contextValue;
          const path = error.path?.join(".");
          log.error("graphql field failed", { requestId, path }, error.originalError ?? error);
        }
      },
      async willSendResponse({ response, contextValue }: GraphQLRequestContext<Context>) {
        const body = response.body;
        if (body?.kind !== "single" || !body.singleResult.errors) return;
        body.singleResult.errors = mask(contextValue.requestId, body.singleResult.errors);
      },
    };
  },
};

function createServer() {
  return new ApolloServer<Context>({
    schema,
    introspection: !env().isProduction,
    hideSchemaDetailsFromClientErrors: env().isProduction,
    includeStacktraceInErrorResponses: false,
    plugins: [ApolloServerPluginLandingPageDisabled(), maskErrors],
  });
}

let server: ApolloServer<Context> | undefined;

export function apolloServer(): ApolloServer<Context> {
  server ??= createServer();
  return server;
}
