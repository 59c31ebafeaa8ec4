"use client";

import { ErrorState } from "@/components/error-state";

export default function MemberError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <ErrorState
      error={error}
      retry={retry}
      title="This page didn’t load"
      advice="Try again. You are still signed in."
    />
  );
}
