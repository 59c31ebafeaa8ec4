/** The context of every resolver: the authenticated viewer, and the id that links a response to its log lines. */

import { noteAuditSession } from "../audit";
import { findViewer, type Viewer, type ViewerResult } from "../identity/viewer";
import { type SearchDb, searchDbFor, type ViewerDb, viewerDbFor } from "../identity/viewer-db";
import type { ListReader } from "./types/list-reader";

export type Context = {
  authentication: ViewerResult;
  requestId: string;
  /**
   * Only in a stream: returns the viewer as of the last event. This viewer's access determines which changes the stream receives.
   */
  latestViewer?: () => Viewer | null;
  /** Only in an export: the resolver of the exported list calls it with a reader of the list. */
  takeList?: (reader: ListReader) => void;
};

/**
 * Returns the database client with row level security for this viewer. Resolvers that read tables themselves use this client.
 * Exceptions: a platform admin's searches ({@link searchDbOf}, `search.ts`) and effect jobs (`about.ts`).
 */
export function viewerDbOf(context: Context): ViewerDb {
  return viewerDbFor(context.authentication.viewer);
}

/** Returns the client without row level security, for searches by platform admins only. */
export function searchDbOf(context: Context): SearchDb {
  return searchDbFor(context.authentication.viewer);
}

export async function contextOf(headers: Headers, requestId: string): Promise<Context> {
  const authentication = await findViewer(headers);
  if (authentication.viewer) noteAuditSession(authentication.viewer.claims.sessionId);
  return { authentication, requestId };
}
