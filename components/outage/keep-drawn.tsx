"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { useOutage } from "./use-outage";

/** The page as the server rendered it, or the id of the failure in the server's log. See `drawOrReport`. */
export type Drawing = { children?: ReactNode; failureId?: string };

type Props = Drawing & {
  /** Renders the failure when there is no earlier page to keep. Default: renders nothing. */
  failure?: (failureId: string, retry: () => void) => ReactNode;
};

/**
 * Shows what the server rendered. If a later refresh fails, keeps the shown page with all its state, and refreshes again later.
 */
export function KeepDrawn({ children, failureId, failure }: Props) {
  const { refresh } = useRouter();
  const [kept, setKept] = useState(children);
  if (failureId === undefined && kept !== children) setKept(children);
  useOutage(failureId !== undefined, refresh);
  if (failureId === undefined) return children;
  return kept ?? failure?.(failureId, refresh);
}
