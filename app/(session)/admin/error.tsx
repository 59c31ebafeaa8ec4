"use client";

import { CrumbName } from "@/components/console/breadcrumbs";
import { ErrorState } from "@/components/error-state";

export default function ConsoleError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <>
      <CrumbName name="Not loaded" />
      <ErrorState
        error={error}
        retry={retry}
        title="This page didn’t load"
        advice="Try again. Nothing was changed."
      />
    </>
  );
}
