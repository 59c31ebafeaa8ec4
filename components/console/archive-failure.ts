import { CombinedGraphQLErrors } from "@apollo/client/errors";

/** The text to show when an act on the archive was refused, or when its response was lost. */
export function archiveFailure(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) {
    const [first] = error.errors;
    if (first && first.extensions?.code !== "UNAVAILABLE") return first.message;
  }
  return "Rollcall did not answer, so this may not have been done. Look the entry up again.";
}
