"use client";

import { useApolloClient } from "@apollo/client/react";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { homeQuery } from "./home-query";

const PATIENCE_MS = 20_000;

/**
 * The row of an organization that is active in Clerk and not mirrored yet: its event arrives a moment later, and the page
 * hears of it (then this row is gone). Says so honestly when that takes too long.
 */
export function PendingOrganization({ name }: { name: string }) {
  const client = useApolloClient();
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    if (isLate) return;
    const timer = setTimeout(() => setIsLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isLate]);
  const ask = () => {
    setIsLate(false);
    client.query({ query: homeQuery, fetchPolicy: "network-only" }).catch(() => undefined);
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
          ? `${name} exists in Clerk, but Rollcall has not heard of it after ${PATIENCE_MS / 1000} seconds. It will appear here when it does.`
          : `Setting up ${name}…`}
      </p>
      {isLate && <Button onClick={ask}>Check again</Button>}
    </li>
  );
}
