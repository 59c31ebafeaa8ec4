/** How a document is named by its content: the same on the server, at build and in a browser. */
import { type DocumentNode, print } from "graphql";

/** The text that is hashed: definitions in one order, because a client's cache and a build may list fragments in two. */
export function canonicalText({ definitions }: Pick<DocumentNode, "definitions">): string {
  return definitions
    .map((definition) => print(definition))
    .sort()
    .join("\n\n");
}
