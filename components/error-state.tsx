"use client";

import { z } from "zod";
import { Button } from "./ui/button";

/** Next gives an error of the server a digest, found beside its stack in the server's log. */
const withDigest = z.object({ digest: z.string() });

export function ErrorState(props: {
  error: unknown;
  retry: () => void;
  failed: string;
  kept: string;
}) {
  const { error, retry, failed, kept } = props;
  const { data } = withDigest.safeParse(error);
  return (
    <div
      role="alert"
      className="mx-auto flex w-full max-w-md flex-col items-start gap-4 rounded-card border border-line bg-surface p-6"
    >
      <div className="flex flex-col gap-1">
        <h1 className="text-base font-strong">{failed}</h1>
        <p className="text-pretty text-ink-soft">{kept}</p>
      </div>
      <Button variant="primary" onClick={retry}>
        Try again
      </Button>
      {data && (
        <p className="text-xs text-ink-faint">
          Reference for your team’s log: <code className="font-mono">{data.digest}</code>
        </p>
      )}
    </div>
  );
}
