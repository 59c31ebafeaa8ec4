import { hasErrorCode, refusalMessage } from "@/components/has-error-code";

/** Returns the text to show when an act on the archive was refused, or when the response to the act was lost. */
export function archiveFailure(error: unknown): string {
  const refusal = refusalMessage(error);
  if (refusal !== null) return refusal;
  return hasErrorCode(error, "FORBIDDEN")
    ? "You may not do this. If you are impersonating an admin, sign in as yourself."
    : "Rollcall did not answer, so this may not have been done. Look the entry up again.";
}
