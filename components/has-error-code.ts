import { CombinedGraphQLErrors } from "@apollo/client";

/** True if the API refused an operation with this code. */
export const hasErrorCode = (error: unknown, code: string): boolean =>
  CombinedGraphQLErrors.is(error) &&
  error.errors.some(({ extensions }) => extensions?.code === code);
