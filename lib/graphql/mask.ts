/** Masks errors: a client sees our own and Apollo's in full, and of every other error only the request id in the log. */
import type { GraphQLRequestListener } from "@apollo/server";
import type { GraphQLFormattedError } from "graphql";
import { log } from "../log";
import type { Context } from "./context";
import { isPublicCode } from "./errors";
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

type Failure = {
  path?: readonly (string | number)[];
  originalError?: unknown;
  extensions: Record<string, unknown>;
};

export function logMaskedErrors(requestId: string, errors: readonly Failure[]): void {
  for (const error of errors) {
    if (isPublicCode(error.extensions.code)) continue;
    const path = error.path?.join(".");
    log.error("graphql field failed", { requestId, path }, error.originalError ?? error);
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
