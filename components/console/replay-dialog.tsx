"use client";

import { useMutation } from "@apollo/client/react";
import { useEffect, useRef, useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { ProgressBar } from "@/components/ui/progress-bar";
import { Skeleton } from "@/components/ui/skeleton";
import { graphql, type ResultOf } from "@/lib/document";
import { formatCount } from "@/lib/format";
import type { DeliverySelection } from "./delivery-selection";

const previewMutation = graphql(`
  mutation PreviewReplay($selection: DeliverySelection!) {
    previewReplay(selection: $selection) {
      total
      effects
      deliveries {
        id
        type
        objectId
        before
        after
        change
        fields
      }
    }
  }
`);

const replayMutation = graphql(`
  mutation ReplayDeliveries(
    $selection: DeliverySelection!
    $reason: String!
    $withEffects: Boolean
    $after: String
  ) {
    replayDeliveries(
      selection: $selection
      reason: $reason
      withEffects: $withEffects
      after: $after
    ) {
      count
      next
      outcomes {
        outcome
        count
      }
    }
  }
`);

type Preview = ResultOf<typeof previewMutation>["previewReplay"];

/** Previews a replay, and then runs it in batches. Closing the dialog stops it after the current batch. */
export function ReplayDialog(props: {
  selection: DeliverySelection;
  what: string;
  verb: "Replay" | "Release";
  onClose: (result?: string) => void;
}) {
  const { selection, what, verb, onClose } = props;
  const isClosed = useRef(false);
  const [done, setDone] = useState(0);
  const [preview, { data, error }] = useMutation(previewMutation, { variables: { selection } });
  const [replay] = useMutation(replayMutation);
  const isAsked = useRef(false);
  useEffect(() => {
    // In development, React runs this `useEffect` twice. A second preview would wait for the database locks of the first.
    if (isAsked.current) return;
    isAsked.current = true;
    preview().catch(() => undefined);
  }, [preview]);

  const run = async (reason: string, withEffects: boolean): Promise<string | null> => {
    const counts = new Map<string, number>();
    let [count, after]: [number, string | null] = [0, null];
    try {
      do {
        const variables = { selection, reason, withEffects, after };
        const { data } = await replay({ variables });
        const batch = data?.replayDeliveries;
        if (!batch) return "Nothing was replayed. Try again.";
        for (const { outcome, count } of batch.outcomes)
          counts.set(outcome, (counts.get(outcome) ?? 0) + count);
        count += batch.count;
        setDone(count);
        after = batch.next;
      } while (after && !isClosed.current);
    } catch (error) {
      const text = error instanceof Error ? error.message : "The request failed.";
      return count > 0 ? `${formatCount(count)} were replayed, then it stopped: ${text}` : text;
    }
    const outcomes = [...counts].map(([outcome, count]) => `${formatCount(count)} ${outcome}`);
    onClose(count === 0 ? "Nothing to replay." : `Replayed: ${outcomes.join(", ")}.`);
    return null;
  };

  const total = data?.previewReplay.total;
  return (
    <ConfirmDialog
      title={`${verb} ${what}?`}
      text="Each delivery is applied to the mirror again. Newer versions and deletions are kept, so a replay never brings back old data."
      confirm={{ label: verb, busyLabel: done > 0 ? `${formatCount(done)} done` : "Working" }}
      reason="required"
      onCancel={() => {
        isClosed.current = true;
        onClose(done > 0 ? `Stopped after ${formatCount(done)}.` : undefined);
      }}
      onConfirm={({ reason, fields }) => run(reason, fields.has("effects"))}
    >
      {error ? (
        <p className="text-sm text-warn">
          The preview failed: {error.message} A replay is possible nevertheless.
        </p>
      ) : data ? (
        <PreviewList preview={data.previewReplay} />
      ) : (
        <Skeleton className="h-24" />
      )}
      {done > 0 && total !== undefined && (
        <ProgressBar label="Replayed deliveries" value={done} max={total} />
      )}
      <label className="flex items-start gap-2 text-sm text-ink-soft">
        <input type="checkbox" name="effects" className="mt-0.5" />
        Run effects also for changes by deliveries that were applied before
      </label>
    </ConfirmDialog>
  );
}

const changes: Record<string, string> = {
  created: "is created",
  deleted: "is deleted",
  updated: "changes",
  none: "stays as it is",
};

function PreviewList({ preview: { total, deliveries, effects } }: { preview: Preview }) {
  if (total === 0) {
    return (
      <p className="text-sm text-ink-soft">
        None can be replayed: their bodies are past retention, or none matches any more.
      </p>
    );
  }
  const changed = deliveries.filter(({ change }) => change !== "none");
  return (
    <div className="flex flex-col gap-2 text-sm">
      <p className="text-ink-soft">
        {total > deliveries.length
          ? `Of the first ${formatCount(deliveries.length)} of ${formatCount(total)}: `
          : `Of ${formatCount(total)}: `}
        {formatCount(changed.length)} would change the mirror,{" "}
        {formatCount(deliveries.length - changed.length)} would not. {formatCount(effects)} effects
        would run.
      </p>
      <ul
        aria-label="Preview"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        tabIndex={0}
        className="max-h-40 overflow-auto rounded-control border border-line"
      >
        {deliveries.map(({ id, type, objectId, before, after, change, fields }) => (
          <li key={id} className="border-b border-line px-3 py-1.5 text-xs last:border-b-0">
            <span className="font-mono">{type ?? "unreadable"}</span>{" "}
            <span className="text-ink-faint">
              {before === after ? after : `${before} → ${after}`}
            </span>
            <span className="block text-ink-soft wrap-anywhere">
              {objectId ?? "The object"} {changes[change]}
              {fields.length > 0 && `: ${fields.join(", ")}`}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
