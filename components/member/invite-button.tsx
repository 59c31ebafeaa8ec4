"use client";

import dynamic from "next/dynamic";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import type { Invited } from "./act-message";

// Loaded when it is opened: few members invite, and the home page should load little JavaScript.
const InviteDialog = dynamic(() => import("./invite-dialog").then((file) => file.InviteDialog), {
  ssr: false,
});

/** Opens the form with which an admin of an organization invites a person. */
export function InviteButton(props: {
  organization: { id: string; name: string };
  variant?: "primary" | "secondary";
  onInvited: (invited: Invited) => void;
}) {
  const { organization, variant, onInvited } = props;
  const [isOpen, setIsOpen] = useState(false);
  return (
    <>
      <Button
        variant={variant}
        aria-haspopup="dialog"
        aria-label={`Invite someone to ${organization.name}`}
        onClick={() => setIsOpen(true)}
      >
        Invite
      </Button>
      {isOpen && (
        <InviteDialog
          organization={organization}
          onClose={() => setIsOpen(false)}
          onInvited={(invited) => {
            setIsOpen(false);
            onInvited(invited);
          }}
        />
      )}
    </>
  );
}
