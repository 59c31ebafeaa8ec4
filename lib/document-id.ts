/**
 * Computes the text of a GraphQL document. The hash of this text is the document's id, so the text must be equal on the server,
 * in the build and in a browser.
 */
import { type DocumentNode, print } from "graphql";

/**
 * Returns the document's text with sorted definitions, because a client's cache and the build may list fragments in different
 * orders.
 */
export function canonicalText({ definitions }: Pick<DocumentNode, "definitions">): string {
  return definitions
    .map((definition) => print(definition))
    .sort()
    .join("\n\n");
}
