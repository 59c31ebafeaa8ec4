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
 * Keeps what the home page shows as it is: asks again when the viewer, their organizations or who belongs to them changed
 * since it was drawn. One stream for all of it: over HTTP/1.1 a browser opens six connections to a host, all its windows
 * together, and a stream that is seen holds one.
 */
export function useLiveHome(drawnAt: number): void {
  const client = useApolloClient();
  const router = useRouter();
  const [ask] = useState(() =>
    // Into the cache, where the page reads it: refetch() of the page's own query would put its skeleton up. Not joined to
    // a query under way, which may have read what was before.
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
    context: { dataReadAt: () => drawnAt },
    onData: ask,
    // Refused for good: the page says why, or leads to where one can sign in.
    onError: () => router.refresh(),
  });
}
