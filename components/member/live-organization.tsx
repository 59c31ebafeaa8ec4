"use client";

import { useRefreshOnChange } from "@/components/refresh-on-change";
import { graphql } from "@/lib/document";

const viewerChanged = graphql(`
  subscription OrganizationViewerChanged {
    viewerChanged {
      refetch
    }
  }
`);

/** Renders the page again when a membership, an invitation or the organization changed. */
export function LiveOrganization({ dataReadAt }: { dataReadAt: number }) {
  useRefreshOnChange(viewerChanged, dataReadAt);
  return null;
}
