/** What every resolver is given: the verdict on who is asking, and the id that ties an answer to its log lines. */
import { randomUUID } from "node:crypto";
import { findViewer, type ViewerResult } from "../identity/viewer";

export type Context = { asking: ViewerResult; requestId: string };

export async function contextOf(headers: Headers): Promise<Context> {
  return { asking: await findViewer(headers), requestId: randomUUID() };
}
