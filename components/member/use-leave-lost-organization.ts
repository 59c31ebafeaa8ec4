"use client";

import { useClerk } from "@clerk/nextjs";
import { useEffect, useState } from "react";

/**
 * Deactivates the active organization when the viewer was removed from it or it was deleted. Clerk's script in this
 * browser does not learn of that, but the mirror does. Returns whether the organization is lost: it was mirrored before
 * and is not now. One that was never mirrored is new, and its event is still to come.
 */
export function useLeaveLostOrganization(activeId: string | null, isMirrored: boolean): boolean {
  const { setActive } = useClerk();
  const [seenId, setSeenId] = useState<string | null>(null);
  if (isMirrored && seenId !== activeId) setSeenId(activeId);
  const isLost = !isMirrored && activeId !== null && seenId === activeId;
  useEffect(() => {
    // A failure needs no handling: Clerk's next token has no lost organization either.
    if (isLost) setActive({ organization: null }).catch(() => undefined);
  }, [isLost, setActive]);
  return isLost;
}
