"use client";

import { useMutation } from "@apollo/client/react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";
import type { DeliverySelection } from "./delivery-selection";

const dismissMutation = graphql(`
  mutation DismissDeliveries($selection: DeliverySelection!, $reason: String!) {
    dismissDeliveries(selection: $selection, reason: $reason)
  }
`);

/** A dialog that dismisses the selected deliveries: they are not applied, but each can still be replayed. */
export function DismissDialog(props: {
  selection: DeliverySelection;
  what: string;
  onClose: (result?: string) => void;
}) {
  const { selection, what, onClose } = props;
  const [dismiss] = useMutation(dismissMutation);
  const run = async (reason: string): Promise<string | null> => {
    try {
      const { data } = await dismiss({ variables: { selection, reason } });
      onClose(`Dismissed ${formatCount(data?.dismissDeliveries ?? 0)}.`);
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : "The request failed.";
    }
  };
  return (
    <ConfirmDialog
      title={`Dismiss ${what}?`}
      text="They are not applied, and Sync no longer counts them. They stay in the log, and each can still be replayed."
      confirm={{ label: "Dismiss", busyLabel: "Dismissing" }}
      reason="required"
      onCancel={() => onClose()}
      onConfirm={({ reason }) => run(reason)}
    />
  );
}
