"use client";

import { type ReactNode, useEffect, useState } from "react";

const names = ["sign_in", "sign_up"].flatMap((flow) => [
  `${flow}_force_redirect_url`,
  `${flow}_fallback_redirect_url`,
]);

/**
 * Wraps Clerk's form and removes Clerk's redirect parameters from the URL before the form mounts. After an OAuth round trip
 * Clerk would copy them into the fragment and restart the form, which would lose the provider's error message. The page
 * passes the destination as a prop instead.
 */
export function StripRedirectParams({
  fallback,
  children,
}: {
  fallback: ReactNode;
  children: ReactNode;
}) {
  const [isStripped, setIsStripped] = useState(false);
  useEffect(() => {
    const url = new URL(window.location.href);
    for (const name of names) url.searchParams.delete(name);
    if (url.href !== window.location.href) window.history.replaceState(null, "", url);
    setIsStripped(true);
  }, []);
  return isStripped ? children : fallback;
}
