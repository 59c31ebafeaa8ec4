"use client";

import { type ReactNode, useEffect, useState } from "react";

const names = ["sign_in", "sign_up"].flatMap((flow) => [
  `${flow}_force_redirect_url`,
  `${flow}_fallback_redirect_url`,
]);

/**
 * Around Clerk's form. Back from a provider, its address says where to go; Clerk would hand that on in a fragment, and
 * begin the form anew wherever it finds one: a refusal, shown at first, would be gone. The form has been told where to
 * go by its page, so the address need not say it.
 */
export function StripRedirectParams({
  fallback,
  children,
}: {
  fallback: ReactNode;
  children: ReactNode;
}) {
  const [isPlain, setIsPlain] = useState(false);
  useEffect(() => {
    const url = new URL(window.location.href);
    for (const name of names) url.searchParams.delete(name);
    if (url.href !== window.location.href) window.history.replaceState(null, "", url);
    setIsPlain(true);
  }, []);
  return isPlain ? children : fallback;
}
