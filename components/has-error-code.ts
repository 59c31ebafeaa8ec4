import { CombinedGraphQLErrors } from "@apollo/client";

/** True if the API refused an operation with this code. */
export const hasErrorCode = (error: unknown, code: string): boolean =>
  CombinedGraphQLErrors.is(error) &&
  error.errors.some(({ extensions }) => extensions?.code === code);

/** Returns the API's message if the API refused the operation's input (BAD_USER_INPUT); null for any other failure. */
export const refusalMessage = (error: unknown): string | null =>
  hasErrorCode(error, "BAD_USER_INPUT") && CombinedGraphQLErrors.is(error)
    ? (error.errors[0]?.message ?? null)
    : null;

/** True if the API did nothing, because Clerk did not confirm that the viewer still has the right. */
export const isUnconfirmed = (error: unknown): boolean =>
  CombinedGraphQLErrors.is(error) &&
  error.errors.some(({ extensions }) => extensions?.reason === "unconfirmed");
