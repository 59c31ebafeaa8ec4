"use client";

import { useClerk } from "@clerk/nextjs";
import { useEffect, useState } from "react";

/**
 * Clerk in this browser does not hear that somebody took the person out of their active organization, or deleted it; the
 * mirror does. What was here and is gone was left: the session steps out of it. (What was never here is awaited.)
 */
export function useLeaveLostOrganization(activeId: string | null, isMirrored: boolean): boolean {
  const { setActive } = useClerk();
  const [seenId, setSeenId] = useState<string | null>(null);
  if (isMirrored && seenId !== activeId) setSeenId(activeId);
  const isLeft = !isMirrored && activeId !== null && seenId === activeId;
  useEffect(() => {
    // When Clerk does not answer, the next token it gives says the same.
    if (isLeft) setActive({ organization: null }).catch(() => undefined);
  }, [isLeft, setActive]);
  return isLeft;
}
