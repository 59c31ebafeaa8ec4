"use client";

import { useEffect } from "react";

const CHECK_MS = 3_000;

/**
 * For an error outside the app's shell, where Clerk and Apollo are not loaded: loads the document again once the app is ready,
 * if it was not at first. An error of a ready app is not repeated.
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
