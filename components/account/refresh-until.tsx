"use client";

import { useRefreshEvery } from "@/components/use-refresh-every";

const FIRST_MS = 5_000;
/** An erasure may be held back for days, so an idle tab refreshes twice a minute at most. */
const LONGEST_MS = 30_000;

/** Refreshes the page at growing intervals until the server renders it with `isFinished`. */
export function RefreshUntil({ isFinished }: { isFinished: boolean }) {
  useRefreshEvery(isFinished ? null : FIRST_MS, LONGEST_MS);
  return null;
}
