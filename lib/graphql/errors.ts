/** The closed set of errors a client can see. Whatever else is thrown is masked, and found in the log by its request id. */
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import type { Refusal } from "../identity/viewer";
import type { Context } from "./context";

const statuses = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_USER_INPUT: 400,
  UNAVAILABLE: 503,
} as const;

export type ErrorCode = keyof typeof statuses;

/** Codes that Apollo Server gives to a request it refuses: https://www.apollographql.com/docs/apollo-server/data/errors */
const apolloCodes = [
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_REQUEST",
];

const publicCodes = new Set<unknown>([...Object.keys(statuses), ...apolloCodes]);

/** Our fault, and perhaps over soon. */
export function isTransient({ extensions }: GraphQLFormattedError): boolean {
  return extensions?.code === "UNAVAILABLE" || !isPublicCode(extensions?.code);
}

export function isPublicCode(code: unknown): boolean {
  return publicCodes.has(code);
}

export function graphQLError(
  code: ErrorCode,
  message: string,
  { cause, reason }: { cause?: unknown; reason?: Refusal } = {},
): GraphQLError {
  const extensions = { code, ...(reason && { reason }), http: { status: statuses[code] } };
  return new GraphQLError(message, {
    extensions,
    ...(cause instanceof Error && { originalError: cause }),
  });
}

/** Why a field that needs a viewer, or a platform admin as themselves, was refused to this one. */
export function accessError({ authentication }: Context): GraphQLError {
  if (authentication.viewer?.isAdmin && authentication.viewer.impersonatorId) {
    return graphQLError("FORBIDDEN", "Not in an admin's name: sign in as yourself for this.");
  }
  if (authentication.viewer) return graphQLError("FORBIDDEN", "Only a platform admin may do this.");
  const { reason } = authentication;
  if (reason === "unavailable") {
    const message = "Rollcall cannot check who you are just now. Try again.";
    return graphQLError("UNAVAILABLE", message, { reason });
  }
  return graphQLError("UNAUTHENTICATED", "Sign in to see this.", { reason });
}
