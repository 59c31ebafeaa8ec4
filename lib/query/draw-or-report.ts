import "server-only";
import { randomUUID } from "node:crypto";
import { unstable_rethrow } from "next/navigation";
import type { ReactNode } from "react";
import { log } from "../log";

/**
 * Draws a part of a page, or logs why it cannot: the props of `KeepDrawn`. An error that is thrown would replace what the
 * browser shows; this one lets it keep that. Redirects and `notFound()` pass.
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

/** The title of a page, or `otherwise` when its data cannot be read: the page itself reports that. */
export async function titleOr(otherwise: string, title: () => Promise<string>): Promise<string> {
  try {
    return await title();
  } catch (error) {
    unstable_rethrow(error);
    return otherwise;
  }
}
