"use client";

import { BrandName, brandClass } from "@/components/brand-name";
import { errorReference } from "@/components/error-reference";
import { ErrorState } from "@/components/error-state";
import { useReloadAfterOutage } from "@/components/outage/reload-after-outage";
import { paths } from "@/lib/paths";

export default function RootError({ error, retry }: { error: unknown; retry: () => void }) {
  useReloadAfterOutage();
  return (
    <main id="main" tabIndex={-1} className="grid min-h-dvh content-center gap-6 p-4">
      <div className="mx-auto w-full max-w-md">
        {/* This is a plain link, because every page loads this file's scripts, and Next's `Link` would add to their size. */}
        <a href={paths.landing} className={brandClass}>
          <BrandName />
        </a>
      </div>
      <ErrorState
        reference={errorReference(error)}
        retry={retry}
        title="This page didn’t load"
        advice="Try again."
      />
    </main>
  );
}
