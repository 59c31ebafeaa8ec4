"use client";

import { errorReference } from "@/components/error-reference";
import { ErrorState } from "@/components/error-state";
import { useReloadAfterOutage } from "@/components/outage/reload-after-outage";
import "./globals.css";

/** Replaces the root layout when the layout itself fails, so it renders its own document. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  useReloadAfterOutage();
  return (
    <html lang="en">
      <body>
        <title>Rollcall</title>
        <main className="grid min-h-dvh place-items-center p-4">
          <ErrorState
            reference={errorReference(error)}
            retry={retry}
            title="Rollcall didn’t load"
            advice="Try again."
          />
        </main>
      </body>
    </html>
  );
}
