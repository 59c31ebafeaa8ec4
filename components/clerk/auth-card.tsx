"use client";

import { SignOutButton, useAuth } from "@clerk/nextjs";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { Loading, Skeleton } from "@/components/ui/skeleton";
import { ClerkFallback } from "./fallback";

/**
 * Around Clerk's form. Clerk sends people who are signed in away from it; when this app refuses their session (banned,
 * deleted, a key that does not fit), that would go round in circles, so they are told instead.
 */
export function AuthCard({ isRefused, children }: { isRefused: boolean; children: ReactNode }) {
  const { isLoaded, isSignedIn } = useAuth();
  const [wasSignedIn, setWasSignedIn] = useState<boolean>();
  // Only what was so at first counts: who signs in here is on the way to where they wanted to be.
  if (isLoaded && wasSignedIn === undefined) setWasSignedIn(isSignedIn);
  if (!isRefused || !wasSignedIn || !isSignedIn) return children;
  return (
    <section className="flex flex-col items-start gap-4 rounded-card border border-line bg-surface p-8">
      <h1 className="text-lg">This account cannot be used here</h1>
      <p className="text-pretty text-ink-soft">
        You are signed in, but Rollcall does not accept the session: the account may have been
        suspended or removed. Sign out to go on with another one.
      </p>
      <SignOutButton redirectUrl="/sign-in">
        <Button variant="primary" size="large">
          Sign out
        </Button>
      </SignOutButton>
    </section>
  );
}

/** Clerk's form before it is there. */
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
