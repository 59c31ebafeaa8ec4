"use client";

import "./router-answers";
import { useOutageSince } from "./use-outage";

const clockTime = new Intl.DateTimeFormat("en-GB", { timeStyle: "short" });

/** Shows since when the page is not updating. Floats above the page, so that nothing moves when it appears. */
export function OutageBar() {
  const since = useOutageSince();
  // The element with `role="status"` is rendered even while it is empty, because screen readers announce only changes of an
  // existing element.
  return (
    <div
      role="status"
      className="pointer-events-none fixed inset-x-0 bottom-0 z-20 flex justify-center p-4"
    >
      {since !== null && (
        <p className="animate-arrive rounded-control border border-warn bg-warn-quiet px-3 py-2 text-sm text-warn tabular-nums shadow-float">
          {navigator.onLine ? "" : "You are offline. "}
          Not updating since {clockTime.format(since)}, retrying.
        </p>
      )}
    </div>
  );
}
