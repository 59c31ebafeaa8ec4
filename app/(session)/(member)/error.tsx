"use client";

import { errorReference } from "@/components/error-reference";
import { ErrorState } from "@/components/error-state";
import { useOutage } from "@/components/outage/use-outage";

export default function MemberError({ error, retry }: { error: unknown; retry: () => void }) {
  useOutage(true, retry);
  return (
    <ErrorState
      reference={errorReference(error)}
      retry={retry}
      title="This page didn’t load"
      advice="Try again. You are still signed in."
    />
  );
}
