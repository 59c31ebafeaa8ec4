"use client";

import { useAuth, useClerk } from "@clerk/nextjs";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { paths } from "@/lib/paths";
import { ClerkFallback } from "./fallback";

/**
 * Wraps Clerk's form. Clerk redirects signed-in users away from its form. When this app refuses their session (banned,
 * deleted, wrong key), that would be a redirect loop, so this card explains the refusal instead.
 */
export function AuthCard({ isRefused, children }: { isRefused: boolean; children: ReactNode }) {
  const { isLoaded, isSignedIn } = useAuth();
  const { signOut } = useClerk();
  const [wasSignedIn, setWasSignedIn] = useState<boolean>();
  // Only the state at first load counts: a user who signs in on this page is about to be redirected.
  if (isLoaded && wasSignedIn === undefined) setWasSignedIn(isSignedIn);
  if (!isRefused || !wasSignedIn || !isSignedIn) return children;
  return (
    <section className="flex flex-col items-start gap-4 rounded-card border border-line bg-surface p-8">
      <h1 className="text-lg">You can’t use this account here</h1>
      <p className="text-pretty text-ink-soft">
        You are signed in with Clerk, but Rollcall refused your session. The account may have been
        banned or deleted. Sign out, then sign in with another account.
      </p>
      <Button variant="primary" size="large" onClick={() => signOut({ redirectUrl: paths.signIn })}>
        Sign out
      </Button>
    </section>
  );
}

/** Placeholder for Clerk's form while its script loads. */
export function AuthCardSkeleton({ fields }: { fields: number }) {
  return (
    <ClerkFallback>
      <Loading what="the form">
        <div className="flex flex-col gap-8 rounded-card border border-line bg-surface px-10 py-8">
          <div className="flex flex-col items-center gap-2">
            <Skeleton className="h-6 w-48" />
            <Skeleton className="h-4 w-60" />
          </div>
          {Array.from({ length: fields }, (_, field) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: bars without identity, never reordered
            <div key={field} className="flex flex-col gap-2">
              <Skeleton className="h-4 w-24" />
              <Skeleton className="h-9 w-full" />
            </div>
          ))}
          <Skeleton className="h-9 w-full" />
        </div>
      </Loading>
    </ClerkFallback>
  );
}
