"use client";

import { Button } from "@/components/ui/button";
import { useCopy } from "@/components/ui/use-copy";

/** A button that copies the address of a page of this app, with its origin. */
export function CopyLink({ href }: { href: string }) {
  const [state, copy] = useCopy(() => new URL(href, window.location.origin).href);
  return (
    // The text of a status is no part of a button's name.
    <Button onClick={copy} aria-label="Copy the link">
      <span role="status">
        {{ idle: "Copy the link", copied: "Copied", failed: "Not copied" }[state]}
      </span>
    </Button>
  );
}
