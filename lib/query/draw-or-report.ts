import "server-only";
import { randomUUID } from "node:crypto";
import { unstable_rethrow } from "next/navigation";
import type { ReactNode } from "react";
import { log } from "../log";

/**
 * Renders a part of a page, and returns the props of `KeepDrawn`. Logs an error and returns a failure id instead of the content,
 * so that `KeepDrawn` can keep the last content. A thrown error would replace that content. Redirects and `notFound()` are
 * rethrown.
 */
export async function drawOrReport(
  draw: () => Promise<ReactNode>,
): Promise<{ children: ReactNode } | { failureId: string }> {
  try {
    return { children: await draw() };
  } catch (error) {
    unstable_rethrow(error);
    const failureId = randomUUID();
    log.error("a page was not drawn", { failureId }, error);
    return { failureId };
  }
}

/**
 * Resolves to the title of a page, or to `otherwise` if its data cannot be read. The error is not logged here: the page itself
 * logs it.
 */
export async function titleOr(otherwise: string, title: () => Promise<string>): Promise<string> {
  try {
    return await title();
  } catch (error) {
    unstable_rethrow(error);
    return otherwise;
  }
}
