"use client";

import { useMutation } from "@apollo/client/react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Badge } from "@/components/ui/badge";
import { Button } from "@/components/ui/button";
import { graphql } from "@/lib/document";
import { messageOf } from "./act-message";

const ConfirmDialog = dynamic(() =>
  import("@/components/ui/confirm-dialog").then((module) => module.ConfirmDialog),
);

const roleMutation = graphql(`
  mutation ChangeMemberRole($organizationId: ID!, $membershipId: ID!, $role: String!) {
    changeMemberRole(organizationId: $organizationId, membershipId: $membershipId, role: $role) {
      state
      error
    }
  }
`);

const removeMutation = graphql(`
  mutation RemoveMember($organizationId: ID!, $membershipId: ID!) {
    removeMember(organizationId: $organizationId, membershipId: $membershipId) {
      state
      error
    }
  }
`);

type Props = {
  organizationId: string;
  membershipId: string;
  memberName: string;
  role: string;
  roles: { key: string; name: string }[];
};

/** Changes a member's role or removes the member, for an admin of the organization. The list changes when Clerk's webhook arrives. */
export function MemberActs({ organizationId, membershipId, memberName, role, roles }: Props) {
  const router = useRouter();
  const [change, { loading }] = useMutation(roleMutation);
  const [remove] = useMutation(removeMutation);
  const [wanted, setWanted] = useState<string | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const [isRemoved, setIsRemoved] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const ids = { organizationId, membershipId };
  // Once the mirror has the requested role, the change is no longer pending.
  if (wanted === role) setWanted(null);

  const choose = async (chosen: string) => {
    setFailure(null);
    setWanted(chosen);
    try {
      const { data } = await change({ variables: { ...ids, role: chosen } });
      const error = data?.changeMemberRole.error;
      if (!error) return router.refresh();
      setFailure(error);
    } catch (error) {
      setFailure(messageOf(error));
    }
    setWanted(null);
  };

  if (isRemoved) return <Badge tone="wait">Removed, pending at Clerk</Badge>;
  const choices = roles.some(({ key }) => key === role)
    ? roles
    : [{ key: role, name: role }, ...roles];
  return (
    <div className="flex shrink-0 flex-col items-end gap-1">
      <div className="flex items-center gap-2">
        <select
          aria-label={`Role of ${memberName}`}
          value={wanted ?? role}
          disabled={loading}
          onChange={(event) => void choose(event.target.value)}
          className="h-8 max-w-36 rounded-control border border-line-strong bg-surface px-2 text-sm"
        >
          {choices.map(({ key, name }) => (
            <option key={key} value={key}>
              {name}
            </option>
          ))}
        </select>
        <Button
          variant="quiet"
          aria-label={`Remove ${memberName}`}
          onClick={() => setIsAsking(true)}
        >
          Remove
        </Button>
      </div>
      {wanted && <Badge tone="wait">Pending at Clerk</Badge>}
      <p role="alert" className="max-w-60 text-right text-sm text-bad empty:hidden">
        {failure}
      </p>
      {isAsking && (
        <ConfirmDialog
          title={`Remove \u2068${memberName}\u2069?`}
          text="They lose access to this organization at once. You can invite them again."
          confirm={{ label: "Remove", busyLabel: "Removing" }}
          isDestructive
          onCancel={() => setIsAsking(false)}
          onConfirm={async () => {
            try {
              const { data } = await remove({ variables: ids });
              const error = data?.removeMember.error;
              if (error) return error;
            } catch (error) {
              return messageOf(error);
            }
            setIsAsking(false);
            setIsRemoved(true);
            router.refresh();
            return null;
          }}
        />
      )}
    </div>
  );
}
