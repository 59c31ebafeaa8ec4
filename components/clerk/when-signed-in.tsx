"use client";

import { useUser } from "@clerk/nextjs";
import type { ReactNode } from "react";

/**
 * Around Clerk's cards for signed-in people. Asked for one while it changes from one session to the next, Clerk draws
 * nothing, for good: just after signing in, for one.
 */
export function WhenSignedIn({ fallback, children }: { fallback: ReactNode; children: ReactNode }) {
  const { isSignedIn } = useUser();
  return isSignedIn ? children : fallback;
}
