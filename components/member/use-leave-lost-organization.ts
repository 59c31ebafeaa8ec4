"use client";

import { useClerk } from "@clerk/nextjs";
import { useEffect, useState } from "react";

/**
 * Deactivates the active organization when the viewer was removed from it or it was deleted. Clerk's script in this browser is not
 * notified of that, but the mirror is. Returns whether the organization is lost: it was mirrored before and no longer is. An
 * organization that was never mirrored is new: its event has not arrived yet.
 */
export function useLeaveLostOrganization(activeId: string | null, isMirrored: boolean): boolean {
  const { setActive } = useClerk();
  const [seenId, setSeenId] = useState<string | null>(null);
  if (isMirrored && seenId !== activeId) setSeenId(activeId);
  const isLost = !isMirrored && activeId !== null && seenId === activeId;
  useEffect(() => {
    // A failure needs no handling: Clerk's next token does not contain the lost organization.
    if (isLost) setActive({ organization: null }).catch(() => undefined);
  }, [isLost, setActive]);
  return isLost;
}
