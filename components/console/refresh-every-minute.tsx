"use client";

import { useRefreshEvery } from "@/components/use-refresh-every";

/** Refreshes a page every minute, for figures that change without a push update, such as the worker's heartbeat. */
export function RefreshEveryMinute() {
  useRefreshEvery(60_000);
  return null;
}
