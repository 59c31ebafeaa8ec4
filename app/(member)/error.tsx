"use client";

import { ErrorState } from "@/components/error-state";

export default function MemberError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <ErrorState
      error={error}
      retry={retry}
      failed="This page could not be loaded."
      kept="Nothing was changed, and you are still signed in."
    />
  );
}
