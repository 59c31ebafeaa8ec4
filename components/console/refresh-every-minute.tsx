"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { pageActivity } from "@/components/apollo/page-activity";
import { browserOutages } from "@/components/outage/browser-outages";

const INTERVAL_MS = 60_000;

/** Refreshes a page every minute, for figures that change without a push update, such as the worker's heartbeat. */
export function RefreshEveryMinute() {
  const { refresh } = useRouter();
  useEffect(() => {
    const timer = setInterval(() => {
      if (pageActivity.isActive() && browserOutages.since === null) refresh();
    }, INTERVAL_MS);
    return () => clearInterval(timer);
  }, [refresh]);
  return null;
}
