/**
 * Masks errors. A client gets our own errors and Apollo's in full. Of any other error, the client gets only the request id, by
 * which the log lines of the request can be found.
 */
import type { GraphQLRequestListener } from "@apollo/server";
import type { GraphQLError, GraphQLFormattedError } from "graphql";
import { isDatabaseUnavailable } from "../database-fault";
import { log } from "../log";
import type { Context } from "./context";
import { isPublicCode, makeUnavailable } from "./errors";
import { correctStatus } from "./http-status";

export function mask(
  requestId: string,
  errors: readonly GraphQLFormattedError[],
): GraphQLFormattedError[] {
  return errors.map((error) =>
    isPublicCode(error.extensions?.code)
      ? error
      : {
          message: `Something failed on the server. Quote this request id when you report it: ${requestId}`,
          path: error.path,
          extensions: { code: "INTERNAL_SERVER_ERROR", requestId },
        },
  );
}

/**
 * Logs the errors that a client may not see. Changes errors of an unavailable database to UNAVAILABLE, on which the client
 * retries.
 */
export function logMaskedErrors(requestId: string, errors: readonly GraphQLError[]): void {
  for (const error of errors) {
    if (isPublicCode(error.extensions.code)) continue;
    const path = error.path?.join(".");
    log.error("graphql field failed", { requestId, path }, error.originalError ?? error);
    if (isDatabaseUnavailable(error.originalError)) makeUnavailable(error, requestId);
  }
}

export const maskErrors = {
  async didEncounterErrors({ errors, contextValue }) {
    logMaskedErrors(contextValue.requestId, errors);
  },
  async willSendResponse({ request, response, contextValue }) {
    const { body } = response;
    if (body.kind !== "single" || !body.singleResult.errors) return;
    body.singleResult.errors = mask(contextValue.requestId, body.singleResult.errors);
    const accept = request.http?.headers.get("accept");
    correctStatus(response, { accept, hasViewer: contextValue.authentication.viewer !== null });
  },
} satisfies GraphQLRequestListener<Context>;
