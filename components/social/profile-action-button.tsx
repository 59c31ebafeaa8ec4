"use client";

import { useState } from "react";
import { useGuardedAction } from "@/components/intents/actions-provider";
import { Button } from "@/components/ui/button";

/** For each action on a profile, the text of its button and the button's name for assistive technology. */
const actions = {
  "profile.block": { text: "Block", label: (name: string) => `Block ${name}` },
  "profile.unblock": { text: "Unblock", label: (name: string) => `Unblock ${name}` },
  "follower.accept": { text: "Accept", label: (name: string) => `Accept ${name}` },
  "follower.remove": { text: "Remove", label: (name: string) => `Remove ${name}` },
} as const;

/** A button for an action on a profile. Refreshes the page after the action. */
export function ProfileActionButton(props: {
  action: keyof typeof actions;
  profileId: string;
  name: string;
  text?: string;
  variant?: "primary" | "secondary" | "quiet";
  size?: "small" | "large";
}) {
  const { action, profileId, name, variant, size } = props;
  const { text, label } = actions[action];
  const perform = useGuardedAction(action);
  const [isPending, setIsPending] = useState(false);
  const press = async () => {
    setIsPending(true);
    await perform({ profileId });
    setIsPending(false);
  };
  const shown = props.text ?? text;
  return (
    <Button
      variant={variant}
      size={size}
      disabled={isPending}
      aria-label={props.text ? `${props.text} ${name}` : label(name)}
      onClick={press}
    >
      {shown}
    </Button>
  );
}
