"use client";

import { useRefreshOnChange } from "@/components/refresh-on-change";
import { graphql } from "@/lib/document";

const mirrorChanged = graphql(`
  subscription ConsoleMirrorChanged {
    mirrorChanged {
      refetch
    }
  }
`);

/**
 * Renders the console's page again when the mirror or the sync's state has changed. All changes arrive over one stream, because
 * over HTTP/1.1 a browser opens at most six connections to a host, shared by all its windows.
 */
export function LiveConsole({ dataReadAt }: { dataReadAt: number }) {
  useRefreshOnChange(mirrorChanged, dataReadAt);
  return null;
}
