"use client";

import { useMutation } from "@apollo/client/react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { graphql } from "@/lib/document";

const ConfirmDialog = dynamic(() =>
  import("@/components/ui/confirm-dialog").then((m) => m.ConfirmDialog),
);

const replayMutation = graphql(`
  mutation ReplayDeadEffects($handler: String!, $id: ID, $reason: String!) {
    replayDeadEffects(handler: $handler, id: $id, reason: $reason)
  }
`);

/** A button that makes one dead letter of an effect handler, or all its dead letters, pending again. */
export function ReplayEffects(props: { handler: string; id?: string; what: string }) {
  const { handler, id, what } = props;
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const [replay] = useMutation(replayMutation);
  const run = async (reason: string): Promise<string | null> => {
    try {
      await replay({ variables: { handler, id: id ?? null, reason } });
      setOpen(false);
      router.refresh();
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : "The request failed.";
    }
  };
  return (
    <>
      <Button aria-label={`Run again: ${what}`} onClick={() => setOpen(true)}>
        Run again…
      </Button>
      {isOpen && (
        <ConfirmDialog
          title={`Run ${what} again?`}
          text="The worker runs it as soon as it can, with the same idempotency key as before."
          confirm={{ label: "Run again", busyLabel: "Working" }}
          reason="required"
          onCancel={() => setOpen(false)}
          onConfirm={({ reason }) => run(reason)}
        />
      )}
    </>
  );
}
