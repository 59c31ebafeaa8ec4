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

const undoMutation = graphql(`
  mutation UndoErasure($id: ID!, $reason: String!) {
    undoErasure(id: $id, reason: $reason)
  }
`);

/** A button that undoes a deletion whose erasure is held back. */
export function UndoErasure({ id }: { id: string }) {
  const router = useRouter();
  const [isOpen, setIsOpen] = useState(false);
  const [undo] = useMutation(undoMutation);
  const run = async (reason: string): Promise<string | null> => {
    try {
      await undo({ variables: { id, reason } });
      setIsOpen(false);
      router.refresh();
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : "The request failed.";
    }
  };
  return (
    <>
      <Button onClick={() => setIsOpen(true)}>Undo…</Button>
      {isOpen && (
        <ConfirmDialog
          title="Undo this deletion?"
          text="All rows here become as they were before the deletion. The account at Clerk stays deleted, so nobody can sign in with it."
          confirm={{ label: "Undo deletion", busyLabel: "Undoing" }}
          reason="required"
          onCancel={() => setIsOpen(false)}
          onConfirm={({ reason }) => run(reason)}
        />
      )}
    </>
  );
}
