/**
 * Trusted documents: the operations of this build's own pages and components, which a client may send by their hash
 * alone. With GRAPHQL_TRUSTED_DOCUMENTS_ONLY nothing else is accepted. The file is written by `npm run graphql:documents`.
 */
import { z } from "zod";
import { env } from "../env";
import documents from "./trusted-documents.json";

const texts = new Map(Object.entries(documents));

const persisted = z.object({ persistedQuery: z.object({ sha256Hash: z.string() }) });

export type Operation = { query?: unknown; extensions?: unknown };

/** `unknown`: ask again with the whole text. `untrusted`: do not. */
export type Resolved<O> = { operation: O } | { refusal: "unknown" | "untrusted" };

/** Puts the text in the place of a known hash. */
export function resolveDocument<O extends Operation>(operation: O): Resolved<O> {
  const isStrict = env().trustedDocumentsOnly;
  const hash = persisted.safeParse(operation.extensions).data?.persistedQuery.sha256Hash;
  const text = hash === undefined ? undefined : texts.get(hash);
  if (text !== undefined)
    return { operation: { ...operation, query: text, extensions: undefined } };
  if (isStrict) return { refusal: "untrusted" };
  if (hash === undefined) return { operation };
  if (operation.query === undefined) return { refusal: "unknown" };
  return { operation: { ...operation, extensions: undefined } };
}
