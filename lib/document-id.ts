/**
 * Computes the text of a GraphQL document whose hash is its id. The text must be equal on the server, at build time and in a
 * browser.
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
