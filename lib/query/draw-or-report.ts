import "server-only";
import { randomUUID } from "node:crypto";
import { unstable_rethrow } from "next/navigation";
import type { ReactNode } from "react";
import { log } from "../log";

/**
 * Renders a part of a page, or logs why it cannot. Returns the props of `KeepDrawn`. A thrown error would replace what the
 * browser shows; with this result it can be kept. Redirects and `notFound()` are thrown on.
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
