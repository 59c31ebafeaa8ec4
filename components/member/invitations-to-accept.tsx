"use client";

import { useUser } from "@clerk/nextjs";
import { useState } from "react";
import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { Time } from "@/components/ui/time";
import { roleName } from "@/lib/format";
import type { HomeViewer } from "./home-query";

type Invitation = HomeViewer["invitations"][number];
type Props = {
  viewer: HomeViewer;
  onJoined: (organizationId: string) => void;
  /** Queries the viewer's data again. */
  refetch: () => void;
};

/** Lists the viewer's pending invitations. An accepted invitation disappears once its webhook has arrived. */
export function InvitationsToAccept({ viewer, onJoined, refetch }: Props) {
  const { invitations } = viewer;
  return (
    <section aria-labelledby="invitations" className="flex flex-col gap-4">
      <h2 id="invitations" className="text-lg">
        {invitations.length === 1 ? "You are invited" : "You have invitations"}
      </h2>
      <ul className="rounded-card border border-line bg-surface">
        {invitations.map((invitation) => (
          <InvitationRow
            key={invitation.id}
            invitation={invitation}
            onJoined={onJoined}
            refetch={refetch}
          />
        ))}
      </ul>
    </section>
  );
}

const PAGE = 50;

/** Accepts an invitation through Clerk's script, as this user. Resolves to false when Clerk has no such pending invitation. */
async function accept(user: NonNullable<ReturnType<typeof useUser>["user"]>, id: string) {
  for (let page = 1; ; page += 1) {
    const { data } = await user.getOrganizationInvitations({
      status: "pending",
      initialPage: page,
      pageSize: PAGE,
    });
    const found = data.find((each) => each.id === id);
    if (found) {
      await found.accept();
      return true;
    }
    if (data.length < PAGE) return false;
  }
}

const failures = {
  gone: "This invitation is not open any more. Ask for a new one.",
  failed: "Clerk did not accept this. Check your connection, then try again.",
} as const;

function InvitationRow({
  invitation,
  onJoined,
  refetch,
}: { invitation: Invitation } & Omit<Props, "viewer">) {
  const { user } = useUser();
  const [state, setState] = useState<"open" | "joining" | "joined" | keyof typeof failures>("open");
  const { organizationId, organizationImageUrl, inviterName, email, expiresAt, role } = invitation;
  const name = invitation.organizationName ?? "an organization";
  const isBusy = state === "joining" || state === "joined";
  const join = async () => {
    if (!user || isBusy) return;
    setState("joining");
    try {
      if (await accept(user, invitation.id)) {
        setState("joined");
        if (organizationId) onJoined(organizationId);
        // Makes Clerk's switcher list the organization. A failure needs no handling: the next reload of the user lists it too.
        user.reload().catch(() => undefined);
      } else {
        setState("gone");
        refetch();
      }
    } catch {
      setState("failed");
    }
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 border-b border-line p-4 last:border-b-0">
      <Avatar name={name} imageUrl={organizationImageUrl} shape="organization" size="medium" />
      <div className="min-w-0 flex-1 basis-48">
        <p className="wrap-anywhere">
          {inviterName ? (
            <>
              <span className="font-strong">
                <bdi>{inviterName}</bdi>
              </span>{" "}
              invites you to{" "}
            </>
          ) : (
            "You are invited to "
          )}
          <span className="font-strong">
            <bdi>{name}</bdi>
          </span>
        </p>
        <p className="text-md wrap-anywhere text-ink-soft">
          As {roleName(role, invitation.roleName)} · {email}
          {expiresAt && (
            <>
              {" · until "}
              <Time value={expiresAt} as="day" />
            </>
          )}
        </p>
        <p role="alert" className="text-md text-bad empty:hidden">
          {(state === "gone" || state === "failed") && failures[state]}
        </p>
      </div>
      <Button
        variant="primary"
        aria-label={`Accept the invitation to ${name}`}
        disabled={!user || isBusy}
        onClick={join}
      >
        {isBusy ? "Joining" : "Accept"}
      </Button>
    </li>
  );
}
