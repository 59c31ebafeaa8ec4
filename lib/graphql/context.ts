/** The context of every resolver: the authenticated viewer, and the id that links a response to its log lines. */

import { findViewer, type Viewer, type ViewerResult } from "../identity/viewer";
import { type SearchDb, searchDbFor, type ViewerDb, viewerDbFor } from "../identity/viewer-db";

export type Context = {
  authentication: ViewerResult;
  requestId: string;
  /** In a stream: the viewer as of the last event. It decides which changes concern this stream. */
  latestViewer?: () => Viewer | null;
};

/** The database as this viewer may read it. Resolvers read through this client only, except for {@link searchDbOf}. */
export function viewerDbOf(context: Context): ViewerDb {
  return viewerDbFor(context.authentication.viewer);
}

/** All users and organizations, for the searches of platform admins only. */
export function searchDbOf(context: Context): SearchDb {
  return searchDbFor(context.authentication.viewer);
}

export async function contextOf(headers: Headers, requestId: string): Promise<Context> {
  return { authentication: await findViewer(headers), requestId };
}
