"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { paths } from "@/lib/paths";

/**
 * Part of the landing page. When an account is locked, Clerk's form navigates one level up, to the landing page, and shows
 * the reason wherever the form is mounted next. Navigating back to the sign-in page mounts it at once.
 */
export function ReturnToSignInOnError() {
  const router = useRouter();
  useEffect(() => {
    if (hasUnshownClerkError()) router.replace(paths.signIn);
  }, [router]);
  return null;
}

/** Reads an internal field, because reading the error through Clerk's API would clear it. */
function hasUnshownClerkError(): boolean {
  const clerk: unknown = Reflect.get(window, "Clerk");
  if (typeof clerk !== "object" || clerk === null || !("internal_last_error" in clerk))
    return false;
  return clerk.internal_last_error !== null && clerk.internal_last_error !== undefined;
}
