/** Texts for failed mutations. */

function codeOf(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("errors" in error)) return null;
  const [first]: unknown[] = Array.isArray(error.errors) ? error.errors : [];
  if (typeof first !== "object" || first === null || !("extensions" in first)) return null;
  const { extensions } = first;
  return typeof extensions === "object" && extensions !== null && "code" in extensions
    ? String(extensions.code)
    : null;
}

/** Returns the text to show when a mutation was refused or its response was lost. */
export function messageOf(error: unknown): string {
  return codeOf(error) === "FORBIDDEN"
    ? "You are not an admin of this organization any more. Reload the page."
    : "Rollcall did not answer, so this may not have been done. Try again: nothing is done twice.";
}
