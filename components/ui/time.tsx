"use client";

import { useSyncExternalStore } from "react";

const steps = [
  { unit: "minute", lasts: 60, ms: 60_000 },
  { unit: "hour", lasts: 24, ms: 3_600_000 },
  { unit: "day", lasts: 30, ms: 86_400_000 },
  { unit: "month", lasts: 12, ms: 2_629_800_000 },
  { unit: "year", lasts: Number.POSITIVE_INFINITY, ms: 31_557_600_000 },
] as const;

const relative = new Intl.RelativeTimeFormat("en-GB", { numeric: "auto", style: "long" });
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });

function relativeTo(now: number, then: number): string {
  const elapsed = then - now;
  for (const { unit, lasts, ms } of steps) {
    const amount = Math.trunc(elapsed / ms);
    if (Math.abs(amount) < lasts) return amount === 0 ? "just now" : relative.format(amount, unit);
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

/** Half a minute is as exact as "3 minutes ago" is. */
function everyHalfMinute(notify: () => void): () => void {
  const timer = setInterval(notify, 30_000);
  return () => clearInterval(timer);
}

const halfMinute = () => Math.floor(Date.now() / 30_000);
const never = () => () => {};

/**
 * A moment in words a person thinks in: relative, and exactly (UTC and local) on hover and in the accessible name. The
 * reader's time zone is known in the browser only, so the server speaks of UTC and the browser adds to it.
 */
export function Time({ value, as = "relative" }: { value: string; as?: "relative" | "day" }) {
  useSyncExternalStore(everyHalfMinute, halfMinute, halfMinute);
  const isInBrowser = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const then = Date.parse(value);
  const exact = [
    `${exactIn("UTC", then)} UTC`,
    isInBrowser && new Date(then).getTimezoneOffset() !== 0 && `${exactIn(undefined, then)} local`,
  ]
    .filter(Boolean)
    .join(" · ");
  const words = as === "day" ? day.format(then) : relativeTo(Date.now(), then);
  return (
    <time dateTime={value} title={exact} className="whitespace-nowrap" suppressHydrationWarning>
      {words}
      <span className="sr-only" suppressHydrationWarning>{` (${exact})`}</span>
    </time>
  );
}
