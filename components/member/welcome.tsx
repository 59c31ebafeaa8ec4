"use client";

import { useEffect } from "react";
import { ButtonLink } from "@/components/ui/button-link";
import { Icon } from "@/components/ui/icon";
import { paths } from "@/lib/paths";
import type { HomeViewer } from "./home-query";

const PARAMETER = "joined";

/** Welcomes a new member of an organization, once the mirror has the membership. */
export function Welcome({ viewer, joinedId }: { viewer: HomeViewer; joinedId: string }) {
  useEffect(() => {
    // Removes the parameter, so that a bookmark or the Back button does not welcome again.
    const url = new URL(window.location.href);
    if (!url.searchParams.has(PARAMETER)) return;
    url.searchParams.delete(PARAMETER);
    window.history.replaceState(null, "", url);
  }, []);
  const found = viewer.memberships.find(({ organization }) => organization.id === joinedId);
  return (
    <div role="status" className="empty:hidden">
      {found && (
        <div className="flex flex-wrap items-center gap-x-4 gap-y-3 rounded-card border border-line bg-good-quiet p-4">
          <Icon name="check" className="size-5 text-good" />
          <p className="min-w-0 flex-1 basis-40 font-strong wrap-anywhere">
            Welcome to <bdi>{found.organization.name}</bdi>
          </p>
          <ButtonLink href={paths.memberOrganization(found.organization.id)}>
            Open the organization
          </ButtonLink>
        </div>
      )}
    </div>
  );
}
