"use client";

import { Brand } from "@/components/brand";
import { ErrorState } from "@/components/error-state";
import { paths } from "@/lib/paths";

export default function RootError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <main id="main" tabIndex={-1} className="grid min-h-dvh content-center gap-6 p-4">
      <div className="mx-auto w-full max-w-md">
        <Brand href={paths.landing} />
      </div>
      <ErrorState error={error} retry={retry} title="This page didn’t load" advice="Try again." />
    </main>
  );
}
