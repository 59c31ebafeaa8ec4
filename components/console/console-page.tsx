"use client";

import { ErrorState } from "@/components/error-state";
import { type Drawing, KeepDrawn } from "@/components/outage/keep-drawn";
import { CrumbName } from "./breadcrumbs";

/** Wraps the content of a console page, so that the content stays when a refresh fails: see {@link KeepDrawn}. */
export function ConsolePage(drawing: Drawing) {
  return <KeepDrawn {...drawing} failure={pageFailure} />;
}

function pageFailure(failureId: string, retry: () => void) {
  return (
    <>
      <CrumbName name="Not loaded" />
      <ErrorState
        reference={failureId}
        retry={retry}
        title="This page didn’t load"
        advice="Its data cannot be read right now. Rollcall retries until it can."
      />
    </>
  );
}
