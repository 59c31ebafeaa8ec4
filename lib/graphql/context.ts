/** What every resolver is given: the verdict on who is asking, and the id that ties an answer to its log lines. */
import { randomUUID } from "node:crypto";
import { type Mirror, mirrorFor } from "../identity/mirror";
import { findViewer, type Viewer, type ViewerResult } from "../identity/viewer";

export type Context = {
  asking: ViewerResult;
  requestId: string;
  /** In a stream: who is asking as of the last event, for choosing the next. */
  latest?: () => Viewer | null;
};

/** The mirror as this viewer may see it. Resolvers read nothing but this. */
export function mirrorOf(context: Context): Mirror {
  return mirrorFor(context.asking.viewer);
}

export async function contextOf(headers: Headers): Promise<Context> {
  return { asking: await findViewer(headers), requestId: randomUUID() };
}
