"use client";

import { useMutation } from "@apollo/client/react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { graphql } from "@/lib/document";

const ConfirmDialog = dynamic(() =>
  import("@/components/ui/confirm-dialog").then((m) => m.ConfirmDialog),
);

const requestMutation = graphql(`
  mutation RequestReconciliation($isDryRun: Boolean, $reason: String!) {
    requestReconciliation(isDryRun: $isDryRun, reason: $reason)
  }
`);

const POLL_MS = 3_000;

/** Starts a reconciliation, and refreshes the page while one runs, so that its counts grow. */
export function RequestReconciliation({ isRunning }: { isRunning: boolean }) {
  const router = useRouter();
  const [open, setOpen] = useState<"repair" | "dry-run" | null>(null);
  const [status, setStatus] = useState("");
  const [request] = useMutation(requestMutation);
  useEffect(() => {
    if (!isRunning) return;
    const timer = setInterval(() => router.refresh(), POLL_MS);
    return () => clearInterval(timer);
  }, [isRunning, router]);
  const isDryRun = open === "dry-run";
  const run = async (reason: string): Promise<string | null> => {
    try {
      await request({ variables: { isDryRun, reason } });
      setOpen(null);
      setStatus("Requested. The worker starts it within seconds.");
      setTimeout(() => router.refresh(), POLL_MS);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : "The request failed.";
    }
  };
  return (
    <div className="flex flex-wrap items-center gap-2">
      <span role="status" className="text-ink-soft">
        {isRunning ? "A reconciliation is running." : status}
      </span>
      <Button disabled={isRunning} onClick={() => setOpen("dry-run")}>
        Dry run…
      </Button>
      <Button disabled={isRunning} onClick={() => setOpen("repair")}>
        Sync now…
      </Button>
      {open && (
        <ConfirmDialog
          title={isDryRun ? "Compare with Clerk?" : "Compare with Clerk and repair?"}
          text={
            isDryRun
              ? "The worker reads everything from Clerk and lists the differences. It changes nothing."
              : "The worker reads everything from Clerk and makes the mirror equal to it. It stops before it deletes more than 5 % of a table."
          }
          confirm={{ label: isDryRun ? "Start dry run" : "Sync now", busyLabel: "Working" }}
          reason="required"
          onCancel={() => setOpen(null)}
          onConfirm={({ reason }) => run(reason)}
        />
      )}
    </div>
  );
}
