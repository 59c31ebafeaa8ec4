"use client";

import type { MouseEvent } from "react";
import { useGuardedAction } from "@/components/intents/actions-provider";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { useShownValue } from "./use-shown-value";

/** Adds a country to the wishlist or removes it. Shows the new state at once, and the old state again if the action failed. */
export function WishButton(props: {
  countryId: string;
  name: string;
  isWished: boolean;
  size?: "small" | "large";
}) {
  const { countryId, name, isWished, size } = props;
  const add = useGuardedAction("wishlist.add");
  const remove = useGuardedAction("wishlist.remove");
  const [shown, setShown] = useShownValue(isWished);
  const toggle = async ({ detail }: MouseEvent) => {
    // The second click of a double click would revert the first.
    if (detail > 1) return;
    const before = shown;
    setShown(!before);
    const perform = before ? remove : add;
    const isDone = await perform({ countryId }, { onUndone: () => setShown(before) });
    if (!isDone) setShown(before);
  };
  return (
    <Button
      variant={shown ? "secondary" : "primary"}
      size={size}
      aria-label={shown ? `Remove ${name} from your wishlist` : `Add ${name} to your wishlist`}
      onClick={toggle}
    >
      <Icon name={shown ? "check" : "plus"} className="-ml-1 size-3.5" />
      {shown ? "On your wishlist" : "Add to wishlist"}
    </Button>
  );
}
