"use client";

import type { MouseEvent } from "react";
import { useGuardedAction } from "@/components/intents/actions-provider";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { useShownValue } from "./use-shown-value";

export type FollowState = "NONE" | "REQUESTED" | "FOLLOWING";

const texts: Record<FollowState, { text: string; label: (name: string) => string }> = {
  NONE: { text: "Follow", label: (name) => `Follow ${name}` },
  REQUESTED: { text: "Requested", label: (name) => `Withdraw your request to follow ${name}` },
  FOLLOWING: { text: "Following", label: (name) => `Stop following ${name}` },
};

/** Follows or unfollows a person. Shows the new state at once, and the old state again if the action failed. */
export function FollowButton(props: {
  profileId: string;
  name: string;
  isPrivate: boolean;
  followState: FollowState;
  size?: "small" | "large";
}) {
  const { profileId, name, isPrivate, followState, size } = props;
  const follow = useGuardedAction("profile.follow");
  const unfollow = useGuardedAction("profile.unfollow");
  const [shown, setShown] = useShownValue(followState);
  const toggle = async ({ detail }: MouseEvent) => {
    // The second click of a double click would revert the first.
    if (detail > 1) return;
    const before = shown;
    const isStart = before === "NONE";
    setShown(!isStart ? "NONE" : isPrivate ? "REQUESTED" : "FOLLOWING");
    const perform = isStart ? follow : unfollow;
    const isDone = await perform({ profileId }, { onUndone: () => setShown(before) });
    if (!isDone) setShown(before);
  };
  const { text, label } = texts[shown];
  return (
    <Button
      variant={shown === "NONE" ? "primary" : "secondary"}
      size={size}
      aria-label={label(name)}
      onClick={toggle}
    >
      <Icon name={shown === "NONE" ? "plus" : "check"} className="-ml-1 size-3.5" />
      {text}
    </Button>
  );
}
