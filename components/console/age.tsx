"use client";

import { useSyncExternalStore } from "react";
import { formatAge } from "@/lib/format";

const STEP_MS = 5_000;

function everyStep(notify: () => void): () => void {
  const timer = setInterval(notify, STEP_MS);
  return () => clearInterval(timer);
}

const step = () => Math.floor(Date.now() / STEP_MS);

const exact = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "medium",
  timeZone: "UTC",
});

/**
 * Shows the age of a time. Below a minute, the age is in seconds: "3 s ago". For sentences about the sync; the component `Time`
 * updates less often.
 */
export function Age({ value }: { value: string }) {
  useSyncExternalStore(everyStep, step, step);
  const then = Date.parse(value);
  return (
    <time
      dateTime={value}
      title={`${exact.format(then)} UTC`}
      className="whitespace-nowrap tabular-nums"
      suppressHydrationWarning
    >
      {formatAge(then, Date.now())}
    </time>
  );
}
