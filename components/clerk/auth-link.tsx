"use client";

import { type ComponentProps, useState } from "react";
import { preload } from "react-dom";
import { ButtonLink } from "@/components/ui/button-link";
import type { ClerkScripts } from "./clerk-scripts";

/**
 * A link to a page with Clerk's form, on a page that loads nothing of Clerk. It fetches Clerk's scripts and the page
 * just before it is followed: when the pointer is over it, it has the focus, or a finger is on it.
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
