import { CombinedGraphQLErrors } from "@apollo/client";

/** True if the API refused an operation with this code. */
export const hasErrorCode = (error: unknown, code: string): boolean =>
  CombinedGraphQLErrors.is(error) &&
  error.errors.some(({ extensions }) => extensions?.code === code);

/** Returns the text to show if the API did nothing because Clerk did not confirm the admin's right; null for other failures. */
export const unconfirmedMessage = (error: unknown): string | null =>
  CombinedGraphQLErrors.is(error) &&
  error.errors.some(({ extensions }) => extensions?.reason === "unconfirmed")
    ? "Clerk did not confirm that you are still an admin, so nothing was done. Try again."
    : null;

/** Returns why the API refused an operation: its message about the input (BAD_USER_INPUT), or {@link unconfirmedMessage}; null for other failures. */
export const refusalMessage = (error: unknown): string | null =>
  hasErrorCode(error, "BAD_USER_INPUT") && CombinedGraphQLErrors.is(error)
    ? (error.errors[0]?.message ?? null)
    : unconfirmedMessage(error);
