"use client";

import { ErrorState } from "@/components/error-state";

export default function RootError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <main id="main" tabIndex={-1} className="grid min-h-dvh place-items-center p-4">
      <ErrorState
        error={error}
        retry={retry}
        failed="This page could not be drawn."
        kept="Nothing was changed."
      />
    </main>
  );
}
