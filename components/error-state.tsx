"use client";

import { useTransition } from "react";
import { Button } from "./ui/button";

export function ErrorState(props: {
  /** The id of the error in the server's log; undefined when the server logged nothing. */
  reference: string | undefined;
  retry: () => void;
  title: string;
  advice: string;
}) {
  const { reference, retry, title, advice } = props;
  const [isRetrying, startRetry] = useTransition();
  return (
    <div
      role="alert"
      className="mx-auto flex w-full max-w-md flex-col items-start gap-4 rounded-card border border-line bg-surface p-6"
    >
      <div className="flex flex-col gap-1">
        <h1 className="text-base font-strong">{title}</h1>
        <p className="text-pretty text-ink-soft">{advice}</p>
      </div>
      <Button variant="primary" disabled={isRetrying} onClick={() => startRetry(retry)}>
        Try again
      </Button>
      {reference && (
        <p className="text-xs text-ink-faint">
          If it fails again, report this reference, which the server’s log contains:{" "}
          <code className="block font-mono">{reference}</code>
        </p>
      )}
    </div>
  );
}
