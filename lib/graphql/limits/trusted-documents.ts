/**
 * Trusted documents: the operations of this build's pages and components. A client may send the hash of such an operation instead
 * of its text. With GRAPHQL_TRUSTED_DOCUMENTS_ONLY every other operation is refused. `npm run graphql:documents` writes
 * `trusted-documents.json`.
 */
import { z } from "zod";
import { env } from "../../env";
import documents from "../trusted-documents.json";

const freshness = z.object({ freshness: z.literal(true) });
const persisted = z.object({ persistedQuery: z.object({ sha256Hash: z.string() }) });

export type Operation = { query?: unknown; extensions?: unknown };

/**
 * `unknown`: no document has this hash, and the client may send the operation again with its text. `untrusted`: this server
 * accepts trusted documents only.
 */
type Resolved = { operation: Operation } | { refusal: "unknown" | "untrusted" };

/** Replaces a known hash with its operation's text. A text that is sent with a known hash is ignored. */
export function resolveDocumentFrom(
  texts: ReadonlyMap<string, string>,
  isStrict: boolean,
  operation: Operation,
): Resolved {
  const { extensions, ...known } = operation;
  // The only extension that a trusted document may have beside its hash: the client asks for the freshness of the response.
  const kept = freshness.safeParse(extensions).data;
  const rest = kept ? { ...known, extensions: kept } : known;
  const hash = persisted.safeParse(extensions).data?.persistedQuery.sha256Hash;
  const text = hash === undefined ? undefined : texts.get(hash);
  if (text !== undefined) return { operation: { ...rest, query: text } };
  if (isStrict) return { refusal: "untrusted" };
  if (hash === undefined) return { operation };
  return operation.query === undefined ? { refusal: "unknown" } : { operation: rest };
}

const trusted = new Map<string, string>(Object.entries(documents));

const trustedNames = new Set(
  [...trusted.values()].flatMap(
    (text) => /^(?:query|mutation|subscription) (\w+)/m.exec(text)?.[1] ?? [],
  ),
);

/**
 * Returns the name of an operation for metrics and spans. Operations of other clients are together `other`, because they may have
 * any name, and as many names as they like.
 */
export const trustedOperationName = (name: string | null | undefined): string =>
  name && trustedNames.has(name) ? name : "other";

export function resolveDocument(operation: Operation): Resolved {
  return resolveDocumentFrom(trusted, env().trustedDocumentsOnly, operation);
}
