"use client";

import { ErrorState } from "@/components/error-state";
import "./globals.css";

/** Stands in for the root layout itself, so it brings its own document. */
export default function GlobalError({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <html lang="en">
      <body>
        <title>Rollcall</title>
        <main className="grid min-h-dvh place-items-center p-4">
          <ErrorState
            error={error}
            retry={retry}
            failed="Rollcall could not start this page."
            kept="Nothing was changed."
          />
        </main>
      </body>
    </html>
  );
}
