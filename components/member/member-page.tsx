"use client";

import { ErrorState } from "@/components/error-state";
import { type Drawing, KeepDrawn } from "@/components/outage/keep-drawn";

/** Wraps a page for members. If a refresh fails, the page stays as it was: see {@link KeepDrawn}. */
export function MemberPage(drawing: Drawing) {
  return <KeepDrawn {...drawing} failure={pageFailure} />;
}

function pageFailure(failureId: string, retry: () => void) {
  return (
    <ErrorState
      reference={failureId}
      retry={retry}
      title="This page didn’t load"
      advice="You are still signed in. Rollcall retries until the page loads."
    />
  );
}
