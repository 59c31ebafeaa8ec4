"use client";

import { useApolloClient, useSubscription } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useOutage } from "@/components/outage/use-outage";
import { coalesce } from "@/lib/coalesce";
import { graphql } from "@/lib/document";
import { homeQuery } from "./home-query";

const viewerChanged = graphql(`
  subscription HomeViewerChanged {
    viewerChanged {
      refetch
    }
  }
`);

/** When the page's data was read, by the server's clock. */
class ReadTime {
  latest: number;
  readonly #offset: number;

  constructor(dataReadAt: number) {
    this.latest = dataReadAt;
    // The load time of the page makes this offset too small, so times are too early and no change is missed.
    this.#offset = dataReadAt - Date.now();
  }

  now(): number {
    return Date.now() + this.#offset;
  }
}

/**
 * Refetches the home page's query when the viewer, their organizations or the memberships of those change. `dataReadAt` is
 * when the server read the page's data (ms); changes since then are not missed.
 * One stream serves all of it: over HTTP/1.1 a browser allows six connections to a host across all windows, and each
 * visible stream holds one.
 */
export function useLiveHome(dataReadAt: number): void {
  const client = useApolloClient();
  const router = useRouter();
  const [hasFailed, setHasFailed] = useState(false);
  const [readAt] = useState(() => new ReadTime(dataReadAt));
  const [refetch] = useState(() =>
    coalesce(async () => {
      const begun = readAt.now();
      try {
        // Writes to the cache, from which the page re-renders. The query's own refetch() would suspend and show the skeleton.
        // Not deduplicated: a running query may have read the data before the change.
        await client.query({
          query: homeQuery,
          fetchPolicy: "network-only",
          context: { queryDeduplication: false },
        });
        readAt.latest = begun;
        setHasFailed(false);
      } catch {
        setHasFailed(true);
      }
    }),
  );
  useOutage(hasFailed, refetch);
  useSubscription(viewerChanged, {
    fetchPolicy: "no-cache",
    ignoreResults: true,
    context: { dataReadAt: () => readAt.latest },
    onData: refetch,
    // The server refused for good. Rendering the page again shows the reason or redirects to sign in.
    onError: () => router.refresh(),
  });
}
