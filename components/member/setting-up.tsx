"use client";

import { useApolloClient } from "@apollo/client/react";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { Skeleton } from "@/components/ui/skeleton";
import { homeQuery } from "./home-query";

const ASK_EVERY_MS = 1000;
const ASK_AT_MOST = 20;

/**
 * The row of an organization that is active in Clerk and not mirrored yet: its event arrives a moment later. Asks until
 * the list has it (then this row is gone), and says so honestly when that takes too long.
 */
export function SettingUp({ name }: { name: string }) {
  const client = useApolloClient();
  const [asked, setAsked] = useState(0);
  const isLate = asked >= ASK_AT_MOST;
  useEffect(() => {
    if (isLate) return;
    const timer = setInterval(() => {
      setAsked((times) => times + 1);
      // Into the cache, where the list reads it: refetch() of the list's own query would put its skeleton up.
      client.query({ query: homeQuery, fetchPolicy: "network-only" }).catch(() => undefined);
    }, ASK_EVERY_MS);
    return () => clearInterval(timer);
  }, [client, isLate]);
  return (
    <li role="status" className="flex items-center gap-4 border-b border-line p-4 last:border-b-0">
      {isLate ? (
        <span className="size-10 shrink-0 rounded-control bg-sunken" />
      ) : (
        <Skeleton className="size-10 shrink-0" />
      )}
      <p className="min-w-0 flex-1 text-ink-soft wrap-anywhere">
        {isLate
          ? `${name} exists in Clerk, but Rollcall has not heard of it after ${ASK_AT_MOST} seconds. It will appear here when it does.`
          : `Setting up ${name}…`}
      </p>
      {isLate && <Button onClick={() => setAsked(0)}>Check again</Button>}
    </li>
  );
}
