"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { browserOutages } from "./browser-outages";

const subscribe = (listener: () => void) => browserOutages.subscribe(listener);

/** Returns when the oldest outage of this page began (ms), or null when there is none. */
export function useOutageSince(): number | null {
  return useSyncExternalStore(
    subscribe,
    () => browserOutages.since,
    () => null,
  );
}

/** While `isOut`, the page shows that it is out of date, and `retry` is called whenever it may succeed. */
export function useOutage(isOut: boolean, retry: () => void): void {
  const [cause] = useState(() => ({}));
  useEffect(() => {
    if (isOut) browserOutages.report(cause, Date.now(), retry);
    else browserOutages.end(cause);
  }, [cause, isOut, retry]);
  useEffect(() => () => browserOutages.end(cause), [cause]);
}
