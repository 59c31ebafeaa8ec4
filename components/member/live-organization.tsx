"use client";

import { useSubscription } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { coalesce } from "@/lib/coalesce";
import { graphql } from "@/lib/document";

const viewerChanged = graphql(`
  subscription OrganizationViewerChanged {
    viewerChanged {
      refetch
    }
  }
`);

const REFRESH_MS = 500;

/**
 * Renders the page again when a membership, an invitation or the organization changed. `dataReadAt` is when the server began to
 * read the page's data (ms); changes since then are not missed.
 */
export function LiveOrganization({ dataReadAt }: { dataReadAt: number }) {
  const router = useRouter();
  const latest = useRef(dataReadAt);
  useEffect(() => {
    latest.current = dataReadAt;
  }, [dataReadAt]);
  const [refresh] = useState(() =>
    coalesce(async () => {
      router.refresh();
      await new Promise((resolve) => setTimeout(resolve, REFRESH_MS));
    }),
  );
  useSubscription(viewerChanged, {
    context: { dataReadAt: () => latest.current },
    fetchPolicy: "no-cache",
    ignoreResults: true,
    onData: refresh,
    // The server refused the stream. Rendering the page again shows the reason or redirects to sign in.
    onError: refresh,
  });
  return null;
}
