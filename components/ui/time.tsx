"use client";

import { useSyncExternalStore } from "react";
import { useIsHydrated } from "./use-is-hydrated";

/** A time less than `below` units away is shown in that unit. A time a week away or more is shown as a date. */
const steps = [
  { unit: "minute", below: 60, ms: 60_000 },
  { unit: "hour", below: 24, ms: 3_600_000 },
  { unit: "day", below: 7, ms: 86_400_000 },
] as const;

const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto", style: "long" });
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

function relativeTo(now: number, then: number): string {
  const elapsed = then - now;
  for (const { unit, below, ms } of steps) {
    const amount = Math.trunc(elapsed / ms);
    if (Math.abs(amount) < below) return amount === 0 ? "just now" : relative.format(amount, unit);
  }
  return day.format(then);
}

function exactIn(timeZone: string | undefined, then: number): string {
  const format = new Intl.DateTimeFormat("en-GB", {
    dateStyle: "medium",
    timeStyle: "medium",
    ...(timeZone && { timeZone }),
  });
  return format.format(then);
}

/** Calls `notify` every half minute. This is enough, because relative times are exact to a minute. */
function everyHalfMinute(notify: () => void): () => void {
  const timer = setInterval(notify, 30_000);
  return () => clearInterval(timer);
}

const halfMinute = () => Math.floor(Date.now() / 30_000);

/**
 * Shows a time: relative if it is less than a week away, otherwise as a date. The tooltip and the accessible name give the exact
 * time, in UTC and the user's time zone. Only the browser knows that time zone, so the server renders UTC and the browser adds
 * the local time.
 */
export function Time({ value, as = "relative" }: { value: string; as?: "relative" | "day" }) {
  useSyncExternalStore(everyHalfMinute, halfMinute, halfMinute);
  const isInBrowser = useIsHydrated();
  const then = Date.parse(value);
  const exact = [
    `${exactIn("UTC", then)} UTC`,
    isInBrowser && new Date(then).getTimezoneOffset() !== 0 && `${exactIn(undefined, then)} local`,
  ]
    .filter(Boolean)
    .join(" · ");
  const text = as === "day" ? day.format(then) : relativeTo(Date.now(), then);
  return (
    <time dateTime={value} title={exact} className="whitespace-nowrap" suppressHydrationWarning>
      {text}
      <span className="sr-only" suppressHydrationWarning>{` (${exact})`}</span>
    </time>
  );
}
