/** Computes the hash of a GraphQL document, by which the server finds the text among the trusted documents of its build. */
import type { DocumentNode } from "graphql";
import { canonicalText } from "@/lib/document-id";

/** True if this browser can compute a hash: `crypto.subtle` exists in secure contexts only. */
export function canHash(): boolean {
  return typeof crypto !== "undefined" && crypto.subtle !== undefined;
}

export async function sha256(document: DocumentNode): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalText(document));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
