"use client";

import { useUser } from "@clerk/nextjs";
import type { ReactNode } from "react";

/**
 * Wraps Clerk's cards that need a signed-in user. A card that is mounted while Clerk changes sessions, such as just after
 * signing in, stays empty for good; this delays the mount until the change is over.
 */
export function WhenSignedIn({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const { isSignedIn } = useUser();
  return isSignedIn ? children : fallback;
}
