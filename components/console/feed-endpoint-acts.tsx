"use client";

import { useMutation } from "@apollo/client/react";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";

const ConfirmDialog = dynamic(() =>
  import("@/components/ui/confirm-dialog").then((m) => m.ConfirmDialog),
);

const disableMutation = graphql(`
  mutation DisableFeedEndpoint($name: String!, $reason: String!) {
    disableFeedEndpoint(name: $name, reason: $reason)
  }
`);

const enableMutation = graphql(`
  mutation EnableFeedEndpoint($name: String!, $replaySince: DateTime, $reason: String!) {
    enableFeedEndpoint(name: $name, replaySince: $replaySince, reason: $reason)
  }
`);

/** Disables or enables an endpoint of the change feed, and sends its messages again. */
export function FeedEndpointActs({ name, isDisabled }: { name: string; isDisabled: boolean }) {
  const router = useRouter();
  const [open, setOpen] = useState<"enable" | "disable" | "replay" | null>(null);
  const [said, setSaid] = useState("");
  const [disable] = useMutation(disableMutation);
  const [enable] = useMutation(enableMutation);
  const run = async (reason: string, since: string): Promise<string | null> => {
    try {
      if (open === "disable") {
        await disable({ variables: { name, reason } });
        setSaid("Disabled.");
      } else {
        const replaySince = open === "replay" ? new Date(`${since}Z`).toISOString() : null;
        const { data } = await enable({ variables: { name, reason, replaySince } });
        setSaid(
          replaySince ? `${formatCount(data?.enableFeedEndpoint ?? 0)} sent again.` : "Enabled.",
        );
      }
      setOpen(null);
      router.refresh();
      return null;
    } catch (error) {
      return error instanceof RangeError
        ? "Enter a time."
        : error instanceof Error
          ? error.message
          : "The request failed.";
    }
  };
  const dialogs = {
    disable: {
      title: `Disable ${name}?`,
      text: "It gets no more messages. Changes that are made meanwhile can be sent later, with “Replay”.",
      confirm: { label: "Disable", busyLabel: "Working" },
      isDestructive: true,
    },
    enable: {
      title: `Enable ${name}?`,
      text: "It gets changes again from now on, and the messages that wait for a retry at once.",
      confirm: { label: "Enable", busyLabel: "Working" },
    },
    replay: {
      title: `Replay ${name}?`,
      text: "It gets every message since this time once more, in order and with the same ids. If it is disabled, it is enabled.",
      confirm: { label: "Replay", busyLabel: "Working" },
    },
  };
  return (
    <span className="flex flex-wrap items-center justify-end gap-1">
      <span role="status" className="text-xs text-ink-soft">
        {said}
      </span>
      <Button
        variant="quiet"
        aria-label={`${isDisabled ? "Enable" : "Disable"} ${name}`}
        onClick={() => setOpen(isDisabled ? "enable" : "disable")}
      >
        {isDisabled ? "Enable…" : "Disable…"}
      </Button>
      <Button variant="quiet" aria-label={`Replay ${name}`} onClick={() => setOpen("replay")}>
        Replay…
      </Button>
      {open && (
        <ConfirmDialog
          {...dialogs[open]}
          reason="required"
          onCancel={() => setOpen(null)}
          onConfirm={({ reason, fields }) => run(reason, String(fields.get("since") ?? ""))}
        >
          {open === "replay" && (
            <label className="flex flex-col gap-1.5">
              <span className="text-md font-strong">Since (UTC)</span>
              <input
                type="datetime-local"
                name="since"
                required
                className="h-11 rounded-control border border-line-strong bg-surface px-3"
              />
            </label>
          )}
        </ConfirmDialog>
      )}
    </span>
  );
}
