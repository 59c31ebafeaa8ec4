"use client";

/** Renders a server-rendered page again when its data has changed. */
import type { TypedDocumentNode } from "@apollo/client";
import { useSubscription } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState, useTransition } from "react";

/** The minimum time between two refreshes. The first change refreshes at once. */
const REFRESH_INTERVAL_MS = 500;

/**
 * Returns a function that refreshes the page. Only one refresh runs at a time. Calls during a refresh cause one more refresh
 * after it.
 */
function useThrottledRefresh(): () => void {
  const router = useRouter();
  const [isRefreshing, startRefresh] = useTransition();
  const [requested, setRequested] = useState(0);
  const [done, setDone] = useState(0);
  const nextAt = useRef(0);
  useEffect(() => {
    if (isRefreshing || done === requested) return;
    const timer = setTimeout(() => {
      nextAt.current = Date.now() + REFRESH_INTERVAL_MS;
      startRefresh(() => {
        setDone(requested);
        router.refresh();
      });
    }, nextAt.current - Date.now());
    return () => clearTimeout(timer);
  }, [isRefreshing, done, requested, router]);
  return useCallback(() => setRequested((times) => times + 1), []);
}

/**
 * Subscribes to changes, and refreshes the page for each. `dataReadAt` is when (ms) the server began to read the page's data:
 * later changes are reported even if they came before the subscription.
 */
export function useRefreshOnChange<Data>(
  subscription: TypedDocumentNode<Data, Record<string, never>>,
  dataReadAt: number,
): void {
  const refresh = useThrottledRefresh();
  const latest = useRef(dataReadAt);
  useEffect(() => {
    latest.current = dataReadAt;
  }, [dataReadAt]);
  useSubscription(subscription, {
    context: { dataReadAt: () => latest.current },
    fetchPolicy: "no-cache",
    ignoreResults: true,
    onData: refresh,
    // The server refused the stream. Rendering the page again shows the reason or redirects to sign in.
    onError: refresh,
  });
}
