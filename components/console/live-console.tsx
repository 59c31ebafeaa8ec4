"use client";

/** Renders the console's page again when its data has changed. */
import { useSubscription } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useCallback, useEffect, useRef, useState, useTransition } from "react";
import { graphql } from "@/lib/document";

const mirrorChanged = graphql(`
  subscription ConsoleMirrorChanged {
    mirrorChanged {
      refetch
    }
  }
`);

/** The first change refreshes at once; later ones at most this often. */
const REFRESH_INTERVAL_MS = 500;

/** Refreshes the page, one refresh at a time. Calls during a refresh cause one more after it. */
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
 * Subscribes to all changes of the mirror and of the sync's state, over one stream: over HTTP/1.1 a browser allows six connections
 * to a host across all windows. `dataReadAt` is when (ms) the server began to read the page's data: no change since is missed.
 */
export function LiveConsole({ dataReadAt }: { dataReadAt: number }) {
  const refresh = useThrottledRefresh();
  const latest = useRef(dataReadAt);
  useEffect(() => {
    latest.current = dataReadAt;
  }, [dataReadAt]);
  useSubscription(mirrorChanged, {
    context: { dataReadAt: () => latest.current },
    fetchPolicy: "no-cache",
    ignoreResults: true,
    onData: refresh,
    // The server refused the stream. Rendering the page again shows the reason or redirects to sign in.
    onError: refresh,
  });
  return null;
}
