"use client";

import { useClerk } from "@clerk/nextjs";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";

/** The fallback of a Clerk component. Shows the component's skeleton, or an error if Clerk's script did not load. */
export function ClerkFallback({ children }: { children: ReactNode }) {
  const { status } = useClerk();
  if (status !== "error") return children;
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-4 rounded-card border border-line bg-surface p-6"
    >
      <p className="text-pretty">
        Clerk didn’t load, and this part of the page needs it. Check your connection, then try
        again.
      </p>
      <Button variant="primary" onClick={() => window.location.reload()}>
        Try again
      </Button>
    </div>
  );
}
