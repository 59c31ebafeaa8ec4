"use client";

import { useMutation } from "@apollo/client/react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount, roleName } from "@/lib/format";
import { type Invited, invitedMessage, messageOf } from "./act-message";
import { InviteButton } from "./invite-button";
import { PendingInvitationFields } from "./pending-invitation-fields";

const revokeMutation = graphql(`
  mutation Revoke($organizationId: ID!, $invitationId: ID!) {
    revokeInvitation(organizationId: $organizationId, invitationId: $invitationId) {
      invitationId
      error
    }
  }
`);

const resendMutation = graphql(`
  mutation Resend($organizationId: ID!, $invitationId: ID!) {
    resendInvitation(organizationId: $organizationId, invitationId: $invitationId) {
      invitationId
      error
    }
  }
`);

/**
 * An organization's pending invitations, for its admins. Mutations change the invitations at Clerk. The list changes when Clerk's
 * webhook arrives.
 */
export function OrganizationInvitations(props: {
  organization: { id: string; name: string };
  invitations: FragmentOf<typeof PendingInvitationFields>[];
  totalCount: number;
}) {
  const { organization, totalCount } = props;
  const invitations = readFragment(PendingInvitationFields, props.invitations);
  const [sent, setSent] = useState<Invited[]>([]);
  const [said, setSaid] = useState("");
  const pending = sent.filter(({ id }) => !invitations.some((each) => each.id === id));
  // Drops a sent invitation once the mirrored list contains it. If it stayed in `sent`, it would reappear after it is revoked or
  // accepted.
  if (pending.length < sent.length) setSent(pending);
  const add = (invited: Invited) => {
    setSaid(invitedMessage(invited));
    setSent((before) => [invited, ...before.filter(({ id }) => id !== invited.id)]);
  };
  return (
    <section aria-labelledby="invitations" className="flex flex-col gap-4">
      <div className="flex items-center justify-between gap-4">
        <h2 id="invitations" className="text-lg">
          Pending invitations{" "}
          {totalCount > 0 && (
            <span className="text-ink-faint tabular-nums">{formatCount(totalCount)}</span>
          )}
        </h2>
        <InviteButton organization={organization} variant="primary" onInvited={add} />
      </div>
      <p role="status" className="text-md text-ink-soft wrap-anywhere empty:hidden">
        {said}
      </p>
      {pending.length + invitations.length > 0 ? (
        <ul className="rounded-card border border-line bg-surface">
          {pending.map(({ id, email, role }) => (
            <li
              key={id}
              className="flex items-center gap-4 border-b border-line p-4 last:border-b-0"
            >
              <div className="min-w-0 flex-1">
                <p className="font-strong wrap-anywhere">{email}</p>
                <p className="text-md text-ink-soft">{roleName(role)}</p>
              </div>
              <Badge tone="wait">Pending at Clerk</Badge>
            </li>
          ))}
          {invitations.map((invitation) => (
            <Row
              key={invitation.id}
              organizationId={organization.id}
              invitation={invitation}
              onRevoked={() => setSaid(`Revoked the invitation of ${invitation.email}.`)}
              onResent={() =>
                setSaid(
                  `Invited ${invitation.email} again. The link of the earlier e-mail has stopped working.`,
                )
              }
            />
          ))}
        </ul>
      ) : (
        <EmptyState>No invitation is pending. People whom you invite appear here.</EmptyState>
      )}
      {totalCount > invitations.length && (
        <p className="text-md text-ink-soft">
          The newest {formatCount(invitations.length)} of {formatCount(totalCount)}.
        </p>
      )}
    </section>
  );
}

function Row(props: {
  organizationId: string;
  invitation: ResultOf<typeof PendingInvitationFields>;
  onRevoked: () => void;
  onResent: () => void;
}) {
  const { organizationId, invitation, onRevoked, onResent } = props;
  const { id, email, role, inviterName, expiresAt } = invitation;
  const router = useRouter();
  const [revoke, revoking] = useMutation(revokeMutation);
  const [resend, resending] = useMutation(resendMutation);
  const [ended, setEnded] = useState<"Revoked" | "Sent again" | null>(null);
  const [failure, setFailure] = useState<string | null>(null);
  const isBusy = revoking.loading || resending.loading;
  const variables = { organizationId, invitationId: id };
  /** `act` resolves to why it was refused, or to null. */
  const press = async (act: () => Promise<string | null | undefined>, onDone: () => void) => {
    if (isBusy) return;
    setFailure(null);
    try {
      const error = await act();
      if (error) return setFailure(error);
      onDone();
      // Refreshes at once, because the invitation may have been accepted or revoked before, and the mirror may know that already.
      router.refresh();
    } catch (error) {
      setFailure(messageOf(error));
    }
  };
  return (
    <li className="flex items-center gap-4 border-b border-line p-4 last:border-b-0">
      <div className="min-w-0 flex-1">
        <p className="font-strong wrap-anywhere">{email}</p>
        <p className="text-md text-ink-soft wrap-anywhere">
          {roleName(role, invitation.roleName)}
          {inviterName && (
            <>
              {" · invited by "}
              <bdi>{inviterName}</bdi>
            </>
          )}
          {expiresAt && (
            <>
              {" · until "}
              <Time value={expiresAt} as="day" />
            </>
          )}
        </p>
        <p role="alert" className="text-md text-bad empty:hidden">
          {failure}
        </p>
      </div>
      {ended ? (
        <Badge tone="wait">{ended}, pending at Clerk</Badge>
      ) : (
        <div className="flex shrink-0 flex-wrap justify-end gap-2">
          <Button
            variant="quiet"
            aria-label={`Send the invitation of ${email} again`}
            disabled={isBusy}
            onClick={() =>
              void press(
                async () => (await resend({ variables })).data?.resendInvitation.error,
                () => {
                  setEnded("Sent again");
                  onResent();
                },
              )
            }
          >
            Send again
          </Button>
          <Button
            aria-label={`Revoke the invitation of ${email}`}
            disabled={isBusy}
            onClick={() =>
              void press(
                async () => (await revoke({ variables })).data?.revokeInvitation.error,
                () => {
                  setEnded("Revoked");
                  onRevoked();
                },
              )
            }
          >
            Revoke
          </Button>
        </div>
      )}
    </li>
  );
}
