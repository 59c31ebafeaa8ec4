"use client";

import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";

const LATE_AFTER_MS = 20_000;

/**
 * The row of an organization that is active in Clerk and not mirrored yet. Its event normally arrives within a second, and
 * a push update of the page then replaces this row. After {@link LATE_AFTER_MS} the row says that the event is late.
 */
export function PendingOrganization({ name, refetch }: { name: string; refetch: () => void }) {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    if (isLate) return;
    const timer = setTimeout(() => setIsLate(true), LATE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isLate]);
  const checkAgain = () => {
    setIsLate(false);
    refetch();
  };
  return (
    <li role="status" className="flex items-center gap-4 border-b border-line p-4 last:border-b-0">
      {isLate ? (
        <span className="size-10 shrink-0 rounded-control bg-sunken" />
      ) : (
        <Skeleton className="size-10 shrink-0" />
      )}
      <p className="min-w-0 flex-1 text-ink-soft wrap-anywhere">
        {isLate
          ? `${name} exists in Clerk, but its webhook has not arrived after ${LATE_AFTER_MS / 1000} s. It appears here once it does.`
          : `Setting up ${name}…`}
      </p>
      {isLate && <Button onClick={checkAgain}>Check again</Button>}
    </li>
  );
}
