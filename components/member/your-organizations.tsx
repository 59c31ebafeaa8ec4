"use client";

import { useAuth, useClerk } from "@clerk/nextjs";
import dynamic from "next/dynamic";
import { useState } from "react";
import { Avatar } from "@/components/ui/avatar";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";
import { Icon } from "@/components/ui/icon";
import { Link } from "@/components/ui/link";
import { formatCount, roleName, visibleText } from "@/lib/format";
import { paths } from "@/lib/paths";
import type { Invited } from "./act-message";
import type { HomeViewer } from "./home-query";
import { useLeaveLostOrganization } from "./use-leave-lost-organization";

// Loaded only after an organization was created.
const PendingOrganization = dynamic(() =>
  import("./pending-organization").then((file) => file.PendingOrganization),
);
// Loaded only for admins of an organization.
const InviteButton = dynamic(() => import("./invite-button").then((file) => file.InviteButton));
// Loaded only after an invitation was sent.
const SentInvitation = dynamic(
  () => import("./sent-invitation").then((file) => file.SentInvitation),
  {
    ssr: false,
  },
);

type Props = {
  viewer: HomeViewer;
  /** Queries the viewer's data again. */
  refetch: () => void;
};

export function YourOrganizations({ viewer, refetch }: Props) {
  const { memberships } = viewer;
  const { isLoaded, orgId } = useAuth();
  const { organization } = useClerk();
  // After a switch of organization, Clerk's script knows the active organization at once. Until the script has loaded, uses the
  // organization of the session's token.
  const activeId = isLoaded ? (orgId ?? null) : viewer.organizationId;
  const isMirrored = memberships.some((membership) => membership.organization.id === activeId);
  const isLost = useLeaveLostOrganization(activeId, isMirrored);
  const pendingId = isLoaded && activeId !== null && !isMirrored && !isLost ? activeId : null;
  const isEmpty = memberships.length === 0 && pendingId === null;
  return (
    <section aria-labelledby="organizations" className="flex flex-col gap-4">
      <div className="flex items-center justify-between gap-4">
        <h2 id="organizations" className="text-lg">
          Your organizations{" "}
          {memberships.length > 5 && (
            <span className="text-ink-faint tabular-nums">{formatCount(memberships.length)}</span>
          )}
        </h2>
        <ButtonLink href={paths.newOrganization}>
          <Icon name="plus" className="-ml-1 size-3.5" />
          New organization
        </ButtonLink>
      </div>
      {isEmpty ? (
        <EmptyState>
          You are not in an organization yet. Create one, or ask a colleague to invite you to
          theirs.
        </EmptyState>
      ) : (
        <ul className="rounded-card border border-line bg-surface">
          {pendingId && (
            <PendingOrganization
              key={pendingId}
              name={visibleText(organization?.name) ?? "your organization"}
              refetch={refetch}
            />
          )}
          {memberships.map((membership) => (
            <OrganizationRow
              key={membership.id}
              membership={membership}
              isActive={membership.organization.id === activeId}
              readAt={viewer}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

function OrganizationRow(props: {
  membership: HomeViewer["memberships"][number];
  isActive: boolean;
  readAt: unknown;
}) {
  const { role, organization } = props.membership;
  const { id, name, imageUrl, membersCount, isViewerAdmin } = organization;
  const [invited, setInvited] = useState<Invited | null>(null);
  return (
    <li className="relative flex items-center gap-4 border-b border-line p-4 last:border-b-0">
      <Avatar name={name} imageUrl={imageUrl} shape="organization" size="medium" />
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-4 gap-y-1">
        <div className="min-w-0 flex-1 basis-40">
          <p className="font-strong wrap-anywhere">
            {/* The whole row opens the page. The buttons in it lie above this link. */}
            <Link
              href={paths.memberOrganization(id)}
              className="after:absolute after:inset-0 hover:underline"
            >
              <bdi>{name}</bdi>
            </Link>
          </p>
          <p className="text-md text-ink-soft">
            {roleName(role)} · {formatCount(membersCount)}{" "}
            {membersCount === 1 ? "member" : "members"}
          </p>
        </div>
        {props.isActive && <Badge tone="good">Active</Badge>}
        {invited && (
          <div className="basis-full">
            <SentInvitation
              key={invited.id}
              organizationId={id}
              invited={invited}
              readAt={props.readAt}
            />
          </div>
        )}
      </div>
      {isViewerAdmin && (
        <div className="relative shrink-0">
          <InviteButton organization={organization} onInvited={setInvited} />
        </div>
      )}
    </li>
  );
}
