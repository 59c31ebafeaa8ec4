"use client";

import { useEffect } from "react";

const CHECK_MS = 3_000;

/**
 * Reloads an error page after an outage. Used outside the app's shell, where Clerk and Apollo are not loaded. If the app is not
 * ready at first, reloads the document once it is. If the app is ready at once, does not reload, because the error would come
 * again.
 */
export function useReloadAfterOutage(): void {
  useEffect(() => {
    let wasAway = false;
    const check = async () => {
      if (document.visibilityState !== "visible") return;
      const answer = await fetch("/api/ready", { cache: "no-store" }).catch(() => null);
      if (!answer?.ok) wasAway = true;
      else if (wasAway) window.location.reload();
      else clearInterval(timer);
    };
    const timer = setInterval(check, CHECK_MS);
    void check();
    return () => clearInterval(timer);
  }, []);
}
