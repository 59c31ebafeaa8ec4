/**
 * The error codes that a client can see. Any other error is logged with its request id, and the client sees
 * INTERNAL_SERVER_ERROR.
 */
import { HeaderMap } from "@apollo/server";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Refusal, Viewer } from "../identity/viewer";
import type { Context } from "./context";

const statuses = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  REVERIFICATION_REQUIRED: 403,
  BAD_USER_INPUT: 400,
  UNAVAILABLE: 503,
} as const;

type ErrorCode = keyof typeof statuses;

/** Codes of requests that Apollo Server refuses itself: https://www.apollographql.com/docs/apollo-server/data/errors */
const apolloCodes = [
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_REQUEST",
];

const publicCodes = new Set<unknown>([...Object.keys(statuses), ...apolloCodes]);

/** True for a failure of the server, after which a retry may succeed. */
export function isTransient({ extensions }: GraphQLFormattedError): boolean {
  return extensions?.code === "UNAVAILABLE" || !isPublicCode(extensions?.code);
}

export function isPublicCode(code: unknown): boolean {
  return publicCodes.has(code);
}

/** The value of the Retry-After header, in seconds. Long enough for the pool's queue to drain. */
export const RETRY_AFTER = "5";

/** Returns the HTTP status and headers of an error code, in the form that Apollo Server reads from an error. */
function httpOf(code: ErrorCode) {
  const headers = code === "UNAVAILABLE" ? [["retry-after", RETRY_AFTER] as const] : [];
  return { status: statuses[code], headers: new HeaderMap(headers) };
}

/**
 * Changes an error into UNAVAILABLE and hides its details. Changes the given object, because Apollo reads the HTTP status from
 * that object.
 */
export function makeUnavailable(error: GraphQLError, requestId: string): void {
  error.message = "The database is not available right now. Try again.";
  Object.assign(error.extensions, {
    code: "UNAVAILABLE",
    requestId,
    http: httpOf("UNAVAILABLE"),
  });
}

export function graphQLError(
  code: ErrorCode,
  message: string,
  { cause, reason }: { cause?: unknown; reason?: Refusal | "unconfirmed" } = {},
): GraphQLError {
  const extensions = { code, ...(reason && { reason }), http: httpOf(code) };
  return new GraphQLError(message, {
    extensions,
    ...(cause instanceof Error && { originalError: cause }),
  });
}

/** Returns the error for a viewer who may not read a field, or for a request without a viewer. */
export function accessError({ authentication }: Context): GraphQLError {
  if (authentication.viewer?.isAdmin && authentication.viewer.impersonatorId) {
    return graphQLError(
      "FORBIDDEN",
      "This is not possible while impersonating an admin. Sign in as yourself.",
    );
  }
  if (authentication.viewer) return graphQLError("FORBIDDEN", "Only a platform admin may do this.");
  const { reason } = authentication;
  if (reason === "unavailable") {
    const message = "Rollcall cannot check your session right now. Try again.";
    return graphQLError("UNAVAILABLE", message, { reason });
  }
  return graphQLError("UNAUTHENTICATED", "Sign in to see this.", { reason });
}

/** Returns the viewer's id. @throws {@link accessError} if the request has no viewer. */
export function requireViewerId(context: Context): string {
  const { viewer } = context.authentication;
  if (!viewer) throw accessError(context);
  return viewer.user.id;
}

/**
 * Returns the viewer. @throws {@link accessError} if the request has no viewer, and FORBIDDEN in a session that impersonates the
 * viewer.
 */
export function requireSelf(context: Context): Viewer {
  const { viewer } = context.authentication;
  if (!viewer) throw accessError(context);
  if (viewer.impersonatorId === null) return viewer;
  throw graphQLError("FORBIDDEN", "This is not possible while impersonating. Sign in as yourself.");
}
