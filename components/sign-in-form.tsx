"use client";

import { SignIn } from "@clerk/nextjs";
import { useSearchParams } from "next/navigation";
import { paths } from "@/lib/paths";
import { AuthCardSkeleton } from "./auth-card";
import { destinationOf } from "./auth-destination";

/** For a layout: drawn by the page it would begin anew with each step in the URL, and lose what it was about to say. */
export function SignInForm({ origin }: { origin: string }) {
  const given = Object.fromEntries(useSearchParams());
  const { after, sister } = destinationOf(given, origin, paths.signUp);
  return (
    <SignIn
      path={paths.signIn}
      signUpUrl={sister}
      forceRedirectUrl={after}
      signUpForceRedirectUrl={after}
      fallback={<AuthCardSkeleton fields={1} />}
    />
  );
}
