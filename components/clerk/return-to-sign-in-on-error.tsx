"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { paths } from "@/lib/paths";

/**
 * On the landing page. When an account is locked, Clerk's form goes a folder up, which is here, to say why where it is
 * drawn next: so it is drawn next.
 */
export function ReturnToSignInOnError() {
  const router = useRouter();
  useEffect(() => {
    if (hasUnshownClerkError()) router.replace(paths.signIn);
  }, [router]);
  return null;
}

/** Looked at where it is kept: asked for by its name, it would be gone. */
function hasUnshownClerkError(): boolean {
  const clerk: unknown = Reflect.get(window, "Clerk");
  if (typeof clerk !== "object" || clerk === null || !("internal_last_error" in clerk))
    return false;
  return clerk.internal_last_error !== null && clerk.internal_last_error !== undefined;
}
