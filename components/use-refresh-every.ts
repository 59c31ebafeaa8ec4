"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { pageActivity } from "@/components/apollo/page-activity";
import { browserOutages } from "@/components/outage/browser-outages";
import { repeat } from "@/components/repeat";

const canRefresh = () => pageActivity.isActive() && browserOutages.since === null;

/**
 * Refreshes the page every `firstMs`, for figures that change without a push update; null switches it off. With `longestMs`, the
 * interval grows up to it. Skips refreshes while the tab is hidden or offline, and during an outage.
 */
export function useRefreshEvery(firstMs: number | null, longestMs = firstMs ?? 0): void {
  const { refresh } = useRouter();
  useEffect(() => {
    if (firstMs === null) return;
    return repeat(() => canRefresh() && refresh(), { firstMs, longestMs });
  }, [firstMs, longestMs, refresh]);
}
