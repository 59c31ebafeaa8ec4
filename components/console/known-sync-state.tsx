"use client";

import type { ReactNode } from "react";
import { useOutageSince } from "@/components/outage/use-outage";

/**
 * Wraps the state of the sync. During an outage, shows "Sync state unknown" instead, because the last known state may be out of
 * date.
 */
export function KnownSyncState({ children }: { children: ReactNode }) {
  const isKnown = useOutageSince() === null;
  return (
    <>
      {!isKnown && (
        <span className="flex h-8 min-w-8 items-center gap-2 px-2 text-xs text-ink-soft max-md:justify-center">
          <span aria-hidden="true" className="size-2 shrink-0 rounded-full bg-line-strong" />
          <span className="max-md:sr-only">Sync state unknown</span>
        </span>
      )}
      {/* Stays mounted while hidden, because its children refresh themselves. */}
      <div hidden={!isKnown}>{children}</div>
    </>
  );
}
