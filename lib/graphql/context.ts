/** What every resolver is given: the verdict on who is asking, and the id that ties an answer to its log lines. */

import { findViewer, type Viewer, type ViewerResult } from "../identity/viewer";
import { type ViewerDb, viewerDbFor } from "../identity/viewer-db";

export type Context = {
  authentication: ViewerResult;
  requestId: string;
  /** In a stream: who is asking as of the last event, for choosing the next. */
  latestViewer?: () => Viewer | null;
};

/** The mirror as this viewer may see it. Resolvers read nothing but this. */
export function viewerDbOf(context: Context): ViewerDb {
  return viewerDbFor(context.authentication.viewer);
}

export async function contextOf(headers: Headers, requestId: string): Promise<Context> {
  return { authentication: await findViewer(headers), requestId };
}
