"use client";

import { useMutation } from "@apollo/client/react";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { JsonView } from "@/components/ui/json-view";
import { graphql } from "@/lib/document";

const revealMutation = graphql(`
  mutation RevealDeliveryPayload($id: ID!) {
    revealDeliveryPayload(id: $id) {
      json
      text
    }
  }
`);

/** Shows the delivery's payload with its personal data masked. A button reveals the data to the admin. */
export function DeliveryPayload(props: {
  id: string;
  /** The size of the body; null if it is not stored any more. */
  bytes: number | null;
  veiled: unknown;
}) {
  const { id, bytes, veiled } = props;
  const [reveal, { data, loading, error }] = useMutation(revealMutation, { variables: { id } });
  if (bytes === null)
    return <EmptyState>The body is past retention, so it is no longer stored.</EmptyState>;
  const revealed = data?.revealDeliveryPayload;
  return (
    <div className="flex flex-col gap-3">
      {!revealed && (
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
          <Button disabled={loading} onClick={() => reveal().catch(() => undefined)}>
            Show private fields
          </Button>
          <span role="status" className="text-ink-soft">
            {error
              ? error.message
              : "Names, addresses and metadata are hidden. Showing them is recorded in the audit log."}
          </span>
        </div>
      )}
      {revealed || veiled !== null ? (
        <JsonView label="Payload" value={revealed ? (revealed.text ?? revealed.json) : veiled} />
      ) : (
        <EmptyState>The body is not JSON.</EmptyState>
      )}
    </div>
  );
}
