"use client";

import { CrumbName } from "@/components/console/breadcrumbs";
import { errorReference } from "@/components/error-reference";
import { ErrorState } from "@/components/error-state";
import { useOutage } from "@/components/outage/use-outage";

export default function ConsoleError({ error, retry }: { error: unknown; retry: () => void }) {
  useOutage(true, retry);
  return (
    <>
      <CrumbName name="Not loaded" />
      <ErrorState
        reference={errorReference(error)}
        retry={retry}
        title="This page didn’t load"
        advice="Try again. Nothing was changed."
      />
    </>
  );
}
