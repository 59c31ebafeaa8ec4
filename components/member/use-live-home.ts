"use client";

import { useApolloClient, useSubscription } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useState } from "react";
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

/**
 * Refetches the home page's query when the viewer, their organizations or the memberships of those change. `dataReadAt` is
 * when the server read the page's data (ms); changes since then are not missed.
 * One stream serves all of it: over HTTP/1.1 a browser allows six connections to a host across all windows, and each
 * visible stream holds one.
 */
export function useLiveHome(dataReadAt: number): void {
  const client = useApolloClient();
  const router = useRouter();
  const [refetch] = useState(() =>
    // Writes to the cache, from which the page re-renders. The query's own refetch() would suspend and show the skeleton.
    // Not deduplicated: a running query may have read the data before the change.
    coalesce(() =>
      client.query({
        query: homeQuery,
        fetchPolicy: "network-only",
        context: { queryDeduplication: false },
      }),
    ),
  );
  useSubscription(viewerChanged, {
    fetchPolicy: "no-cache",
    ignoreResults: true,
    context: { dataReadAt: () => dataReadAt },
    onData: refetch,
    // The server refused for good. Rendering the page again shows the reason or redirects to sign in.
    onError: () => router.refresh(),
  });
}
