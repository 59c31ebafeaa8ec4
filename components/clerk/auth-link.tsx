"use client";

import { type ComponentProps, useState } from "react";
import { preload } from "react-dom";
import { ButtonLink } from "@/components/ui/button-link";
import type { ClerkScripts } from "./clerk-scripts";

/**
 * A link from a page without Clerk's scripts to a page with Clerk's form. It prefetches the scripts and the page when the pointer
 * is over it, it has the focus, or a finger touches it.
 */
export function AuthLink({
  scripts,
  ...link
}: ComponentProps<typeof ButtonLink> & { scripts: ClerkScripts }) {
  const [isIntended, setIsIntended] = useState(false);
  const intend = () => {
    if (isIntended) return;
    setIsIntended(true);
    for (const url of scripts.urls) {
      preload(url, { as: "script", crossOrigin: "anonymous", nonce: scripts.nonce });
    }
  };
  return (
    <ButtonLink
      {...link}
      isIntended={isIntended}
      onPointerEnter={intend}
      onFocus={intend}
      onTouchStart={intend}
    />
  );
}
