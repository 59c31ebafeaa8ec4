"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

const INTERVAL_MS = 5_000;

/** Refreshes the page every {@link INTERVAL_MS} until the server renders it with `isFinished`. */
export function RefreshUntil({ isFinished }: { isFinished: boolean }) {
  const { refresh } = useRouter();
  useEffect(() => {
    if (isFinished) return;
    const timer = setInterval(refresh, INTERVAL_MS);
    return () => clearInterval(timer);
  }, [isFinished, refresh]);
  return null;
}
