"use client";

import { errorReference } from "./error-reference";
import { Button } from "./ui/button";

export function ErrorState(props: {
  error: unknown;
  retry: () => void;
  failed: string;
  kept: string;
}) {
  const { error, retry, failed, kept } = props;
  const reference = errorReference(error);
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
      {reference && (
        <p className="text-xs text-ink-faint">
          Reference for your team’s log: <code className="block font-mono">{reference}</code>
        </p>
      )}
    </div>
  );
}
