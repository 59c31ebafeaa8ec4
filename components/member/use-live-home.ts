"use client";

import { useApolloClient, useSubscription } from "@apollo/client/react";
import { useAuth } from "@clerk/nextjs";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { useOutage } from "@/components/outage/use-outage";
import { coalesce } from "@/lib/coalesce";
import { graphql } from "@/lib/document";
import { type HomeViewer, homeQuery } from "./home-query";

const viewerChanged = graphql(`
  subscription HomeViewerChanged {
    viewerChanged {
      refetch
    }
  }
`);

/**
 * Knows when the page's data was last read (`latest`), and estimates the present time (`now()`). Both are in ms, by the server's
 * clock.
 */
class ReadTime {
  latest: number;
  readonly #offset: number;

  constructor(dataReadAt: number) {
    this.latest = dataReadAt;
    // The page took time to load, so `Date.now()` is later than the read. The offset is thus too small and `now()` too early.
    // That is the safe side: no change is missed.
    this.#offset = dataReadAt - Date.now();
  }

  now(): number {
    return Date.now() + this.#offset;
  }
}

/**
 * Returns the viewer as the server rendered it (`drawn`) or as last queried. After a switch of user, returns null until the new
 * user's data is loaded. Queries again when the viewer, their organizations or the memberships of these organizations change.
 * `dataReadAt` is when (ms) the server read `drawn`: later changes are reported even if they came before the subscription.
 */
export function useLiveHome({ drawn, dataReadAt }: { drawn: HomeViewer; dataReadAt: number }) {
  const client = useApolloClient();
  const router = useRouter();
  const { userId } = useAuth();
  const [queried, setQueried] = useState<HomeViewer | null>(null);
  const [hasFailed, setHasFailed] = useState(false);
  const [readAt] = useState(() => new ReadTime(dataReadAt));
  const [refetch] = useState(() =>
    coalesce(async () => {
      const begun = readAt.now();
      try {
        // Not deduplicated: a running query may have read the data before the change.
        const { data } = await client.query({
          query: homeQuery,
          fetchPolicy: "no-cache",
          context: { queryDeduplication: false },
        });
        readAt.latest = begun;
        setQueried(data?.viewer ?? null);
        setHasFailed(false);
      } catch {
        setHasFailed(true);
      }
    }),
  );
  // A later `drawn` only causes a refetch. It must not replace the result of the last query, because it may be older than that
  // result.
  const firstDrawn = useRef(drawn);
  useEffect(() => {
    if (drawn !== firstDrawn.current) refetch();
  }, [drawn, refetch]);
  useOutage(hasFailed, refetch);
  // One stream carries all changes, because over HTTP/1.1 a browser opens at most six connections to a host, shared by all its
  // windows.
  useSubscription(viewerChanged, {
    fetchPolicy: "no-cache",
    ignoreResults: true,
    context: { dataReadAt: () => readAt.latest },
    onData: refetch,
    // The server refused the stream. Rendering the page again shows the reason or redirects to sign in.
    onError: () => router.refresh(),
  });
  const isOwn = (viewer: HomeViewer | null) => viewer !== null && (!userId || viewer.id === userId);
  return { viewer: [queried, drawn].find(isOwn) ?? null, refetch };
}
