"use client";

import { useClerk } from "@clerk/nextjs";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";

/** What stands where a Clerk component will: its skeleton, or the news that Clerk's script did not come. */
export function ClerkFallback({ children }: { children: ReactNode }) {
  const { status } = useClerk();
  if (status !== "error") return children;
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-4 rounded-card border border-line bg-surface p-6"
    >
      <p className="text-pretty">
        This part comes from Clerk, which does not answer just now. Check your connection, then try
        again.
      </p>
      <Button variant="primary" onClick={() => window.location.reload()}>
        Try again
      </Button>
    </div>
  );
}
